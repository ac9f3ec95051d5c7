/** Makes the transaction that a step asks for, and sends what waits. */
import type { KeyPair } from '../../../formats/ed25519.ts';
import { renderHex } from '../../../formats/symbol-keys.ts';
import type { NetworkPackage } from '../../../formats/symbol-network-package.ts';
import type { LinkChange, SymbolTransactions } from '../../../formats/symbol-transactions.ts';
import type { CallOutside } from '../rpc/outside.ts';
import { describeLinkChange, type LinkRecord } from './record.ts';

export type MakeOptions = {
  changes: readonly LinkChange[];
  /** Main account, 32 bytes. */
  account: Uint8Array;
  /** Of the main account, as the chain says. */
  minApproval: number;
  /** The main account, or a cosigner of it; undefined: it stays unsigned. */
  signer: KeyPair | undefined;
  networkTime: bigint;
  settings: Pick<NetworkPackage['settings'], 'transaction' | 'blockSeconds'>;
};

/** A bonded transaction lives as long as its deposit: that is the time that cosigners have. Nodes take no deadline further away. */
const MAX_BONDED_MS = 48 * 3_600_000;

/** Ed25519 signatures are the same every time, so that what is made twice of the same is the same. */
export function makeRecord(
  transactions: SymbolTransactions,
  { changes, account, minApproval, signer, networkTime, settings }: MakeOptions,
): LinkRecord {
  const { feeMultiplier, timeoutHours, hashLockDuration, currencyMosaicId, lockedFundsPerAggregate } =
    settings.transaction;
  const isBonded = minApproval > 1;
  const shortly = networkTime + BigInt(Math.round(timeoutHours * 3_600_000));
  const lockMs = Math.min(MAX_BONDED_MS, hashLockDuration * settings.blockSeconds * 1000);
  const deadline = isBonded ? networkTime + BigInt(Math.round(lockMs)) : shortly;
  const unsigned = transactions.makeLinkTransaction(changes, {
    account,
    minCosignatures: minApproval,
    feeMultiplier,
    deadline,
  });
  const record = { isBonded, deadline, changes: changes.map(describeLinkChange) };
  if (signer === undefined) return { ...record, payload: renderHex(unsigned) };
  const signed = transactions.signTransaction(unsigned, signer);
  const made = { ...record, payload: renderHex(signed.payload), hash: signed.hash };
  if (!isBonded) return made;
  const lock = transactions.makeHashLock(signed, signer, {
    feeMultiplier,
    deadline: shortly,
    mosaicId: currencyMosaicId,
    amount: lockedFundsPerAggregate,
    duration: hashLockDuration,
  });
  return { ...made, lock: { payload: renderHex(lock.payload), hash: lock.hash, deadline: shortly } };
}

/** What is to be sent where, as the text that a broadcast takes. */
export function describeAnnouncement(rest: string, record: LinkRecord, part: 'lock' | 'transaction'): string {
  const isPartial = part === 'transaction' && record.isBonded;
  const payload = part === 'lock' ? record.lock?.payload : record.payload;
  return JSON.stringify({ url: `${rest}/transactions${isPartial ? '/partial' : ''}`, payload });
}

const TIMEOUT_MS = 2000;

/**
 * Sends it. REST takes everything that has the form of a transaction; what becomes of it shows on the chain only. Throws when it was not
 * taken.
 */
export async function announce(call: CallOutside, announcement: string, signal?: AbortSignal): Promise<void> {
  const { url, payload } = JSON.parse(announcement) as { url: string; payload: string };
  const { status, body } = await call(url, { method: 'PUT', json: { payload }, timeoutMs: TIMEOUT_MS, signal });
  if (status !== 202 && status !== 200)
    throw new Error(`${new URL(url).host} did not take the transaction: HTTP ${status} ${body.slice(0, 200)}`);
}
