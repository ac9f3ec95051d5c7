/** The chain as its nodes show it: who validates, with how much power, who is up, and whether blocks are made. */
import type { ActiveValidator } from '../../formats/comet-rpc.ts';
import { validatorAddress } from '../../formats/validator-key.ts';
import type { Genesis } from './desired/genesis.ts';
import type { Identities } from './identities.ts';
import type { NodeView } from './node-view.ts';
import { hasQuorum, sum } from './quorum.ts';
import { pace } from './reading.ts';

export type ChainView = {
  /** Highest height that any node reports; 0 before the first block. */
  height: number;
  /** The set that signs now, from the chain; before the first block that of the genesis. */
  validators: ReadonlyMap<string, bigint>;
  /** Public keys by address, base64; as far as the chain told them. */
  publicKeys: ReadonlyMap<string, string>;
  /** Whether `validators` comes from the chain. */
  live: boolean;
  totalPower: bigint;
  /** Power of the chain's validators that this network does not run. */
  foreignPower: bigint;
  /** Power of the validators that are up: ours by what they answer, others by their signature on the last block. */
  upPower: bigint;
  /** Addresses that are proven to vote. */
  voting: ReadonlySet<string>;
  pace: 'advancing' | 'stalled' | 'unknown';
  /** Milliseconds since the height was last seen to move; Infinity when it never was. */
  quietMs: number;
};

export function viewChain(
  nodes: readonly NodeView[],
  identities: Identities,
  genesis: Genesis | undefined,
  now: number,
): ChainView {
  const answers = nodes.flatMap(({ reading }) =>
    reading?.answer === undefined || reading.error !== undefined ? [] : [reading.answer],
  );
  const best = answers.reduce<(typeof answers)[number] | undefined>(
    (highest, answer) => (answer.status.latestHeight > (highest?.status.latestHeight ?? -1) ? answer : highest),
    undefined,
  );
  const validators = powersOf(best?.validators, genesis);
  const own = ownAddresses(identities);
  const voting = votersOf(nodes, identities, best?.signers ?? []);
  const up = upOf(nodes, identities, best?.signers ?? []);
  const paces = nodes.flatMap((node) => (node.reading === undefined ? [] : pace(node.reading, now)));
  const advances = nodes.flatMap((node) => node.reading?.advancedAt ?? []);
  return {
    height: best?.status.latestHeight ?? 0,
    validators,
    publicKeys: new Map(best?.validators?.map((validator) => [validator.address, validator.publicKeyBase64])),
    live: best?.validators !== undefined,
    totalPower: sum(validators.values()),
    foreignPower: sum([...validators].flatMap(([address, power]) => (own.has(address) ? [] : [power]))),
    upPower: sum([...validators].flatMap(([address, power]) => (up.has(address) ? [power] : []))),
    voting,
    pace: paces.includes('advancing')
      ? 'advancing'
      : paces.length > 0 && paces.every((p) => p === 'stalled')
        ? 'stalled'
        : 'unknown',
    quietMs: advances.length === 0 ? Number.POSITIVE_INFINITY : now - Math.max(...advances),
  };
}

/** Power that would still vote without one validator. */
export function powerWithout(chain: ChainView, address: string): bigint {
  return sum(
    [...chain.validators].flatMap(([other, power]) => (other !== address && chain.voting.has(other) ? [power] : [])),
  );
}

/** Whether the chain is known to make no blocks at present, so that stopping a node that does not work costs nothing more. */
export function isHalted(chain: ChainView): boolean {
  return chain.pace === 'stalled' || (chain.quietMs > 10_000 && !hasQuorum(chain.upPower, chain.totalPower));
}

function powersOf(active: ActiveValidator[] | undefined, genesis: Genesis | undefined): Map<string, bigint> {
  if (active !== undefined) return new Map(active.map((validator) => [validator.address, validator.power]));
  return new Map(
    (genesis?.validators ?? []).map((validator) => [
      validatorAddress(Buffer.from(validator.publicKeyBase64, 'base64')),
      validator.power,
    ]),
  );
}

function ownAddresses(identities: Identities): Set<string> {
  return new Set([...identities.byName.values()].flatMap((identity) => identity.validator?.address ?? []));
}

/** Ours vote when they are in sync; of validators elsewhere only their signatures tell. */
function votersOf(nodes: readonly NodeView[], identities: Identities, signers: string[]): Set<string> {
  const own = ownAddresses(identities);
  const inSync = nodes.flatMap((node) =>
    node.state === 'InSync' ? (identities.byName.get(node.member.name)?.validator?.address ?? []) : [],
  );
  return new Set([...inSync, ...signers.filter((address) => !own.has(address))]);
}

/** Up: answers and is not catching up, whether or not the chain moves. */
function upOf(nodes: readonly NodeView[], identities: Identities, signers: string[]): Set<string> {
  const own = ownAddresses(identities);
  const up = nodes.flatMap((node) => {
    const { reading } = node;
    const answers = reading?.answer !== undefined && reading.error === undefined && !reading.answer.status.catchingUp;
    return answers && node.pod?.metadata.deletionTimestamp === undefined
      ? (identities.byName.get(node.member.name)?.validator?.address ?? [])
      : [];
  });
  return new Set([...up, ...signers.filter((address) => !own.has(address))]);
}
