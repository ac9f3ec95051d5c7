/**
 * A link transaction that was made and waits: in a ConfigMap that is written before anything is announced. From then on it is this
 * transaction, to the byte, that is announced as often as it takes: the network takes one hash once, so nothing can happen twice. It holds
 * no secret; what is signed is meant for everybody.
 */
import { FormatError } from '../../../formats/format-error.ts';
import { renderHex } from '../../../formats/symbol-keys.ts';
import type { LinkChange } from '../../../formats/symbol-transactions.ts';

export type LinkRecord = {
  /** As bytes in hex; with 64 zero bytes for the signature where it is not signed. */
  payload: string;
  /** 64 upper-case hex digits; absent where it is not signed. */
  hash?: string;
  /** The deposit of a bonded transaction, signed too. */
  lock?: { payload: string; hash: string; deadline: bigint };
  /** Waits for cosignatures. */
  isBonded: boolean;
  /** By the network's clock; after it no node takes the transaction any more. */
  deadline: bigint;
  /** What it changes, a line each. */
  changes: readonly string[];
};

/** As in the ConfigMap and in the status. */
export function describeLinkChange(change: LinkChange): string {
  const { action, key } = change;
  if (key !== 'voting') return `${action} ${key} key ${renderHex(change.publicKey)}`;
  return `${action} voting key ${renderHex(change.rootPublicKey)} for epochs ${change.startEpoch} to ${change.endEpoch}`;
}

/** The data of the ConfigMap. */
export function renderRecord({ payload, hash, lock, isBonded, deadline, changes }: LinkRecord): Record<string, string> {
  return {
    changes: changes.join('\n'),
    deadline: String(deadline),
    kind: isBonded ? 'bonded' : 'complete',
    payload,
    ...(hash === undefined ? {} : { hash }),
    ...(lock === undefined
      ? {}
      : { 'lock-payload': lock.payload, 'lock-hash': lock.hash, 'lock-deadline': String(lock.deadline) }),
  };
}

/** Throws a FormatError for what is no such record; `where` names the ConfigMap. */
export function parseRecord(data: Readonly<Record<string, string>>, where: string): LinkRecord {
  const read = (name: string, form: RegExp, need: string): string => {
    const value = data[name];
    if (value !== undefined && form.test(value)) return value;
    throw new FormatError(
      `${where}: ${name}: found ${value === undefined ? 'nothing' : 'something else'}, need ${need}: delete the ConfigMap, and the transaction is made anew`,
    );
  };
  const payloadOf = (name: string) => read(name, /^([0-9A-F]{2}){128,}$/, 'a transaction in hex');
  const hashOf = (name: string) => read(name, /^[0-9A-F]{64}$/, '64 upper-case hex digits');
  const timeOf = (name: string) => BigInt(read(name, /^\d{1,19}$/, 'milliseconds'));
  const isBonded = read('kind', /^(bonded|complete)$/, 'bonded or complete') === 'bonded';
  return {
    payload: payloadOf('payload'),
    ...(data.hash === undefined ? {} : { hash: hashOf('hash') }),
    ...(isBonded && data.hash !== undefined
      ? { lock: { payload: payloadOf('lock-payload'), hash: hashOf('lock-hash'), deadline: timeOf('lock-deadline') } }
      : {}),
    isBonded,
    deadline: timeOf('deadline'),
    changes: read('changes', /./, 'a line for each change').split('\n'),
  };
}

/** What is followed on the chain. */
export function hashesOf(record: LinkRecord | undefined): string[] {
  return [record?.hash, record?.lock?.hash].filter((hash) => hash !== undefined);
}
