/** The chain as its nodes show it: who validates, with how much power, who is up, and whether blocks are made. */

import { currentAnswer, pace } from '../../comet-node/reading.ts';
import type { ActiveValidator } from '../../formats/comet-rpc.ts';
import { validatorAddress } from '../../formats/validator-key.ts';
import type { Genesis } from './desired/genesis.ts';
import type { NodeView } from './node.ts';
import { hasQuorum, sum } from './quorum.ts';

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
  /** Addresses that are about to get power which `validators` does not show. Undefined until every node that answers was asked. */
  rising: ReadonlySet<string> | undefined;
  /** Power of the validators that are up: ours by what they answer, others by their signature on the last block. */
  upPower: bigint;
  /** Addresses that are proven to vote. */
  voting: ReadonlySet<string>;
  pace: 'advancing' | 'stalled' | 'unknown';
  /** Milliseconds since the height was last seen to move; Infinity when it never was. */
  quietMs: number;
  /**
   * Whether so much power is seen to stand still that the rest makes no blocks, so that stopping a node that does not work costs nothing
   * more. Silence proves nothing: who does not answer the operator may well be voting.
   */
  provenHalted: boolean;
};

/** @param addresses of our validators, by name of the node */
export function viewChain(
  nodes: readonly NodeView[],
  addresses: ReadonlyMap<string, string>,
  genesis: Genesis | undefined,
  now: number,
): ChainView {
  const answers = nodes.flatMap(({ reading }) => currentAnswer(reading) ?? []);
  const best = answers.reduce<(typeof answers)[number] | undefined>(
    (highest, answer) => (answer.status.latestHeight > (highest?.status.latestHeight ?? -1) ? answer : highest),
    undefined,
  );
  // A node that is catching up tells the set of a height long ago.
  const current = best?.status.catchingUp === false ? best.validators : undefined;
  const validators = powersOf(current, genesis);
  const total = sum(validators.values());
  const own = new Set(addresses.values());
  const elsewhere = (best?.signers ?? []).filter((address) => !own.has(address));
  const voting = new Set([...ownWhere(nodes, addresses, (node) => node.state === 'InSync'), ...elsewhere]);
  const up = new Set([...ownWhere(nodes, addresses, isUp), ...elsewhere]);
  const paces = nodes.flatMap((node) => (node.reading === undefined ? [] : pace(node.reading, now)));
  const advances = nodes.flatMap((node) => node.reading?.advancedAt ?? []);
  return {
    height: best?.status.latestHeight ?? 0,
    validators,
    publicKeys: new Map(current?.map((validator) => [validator.address, validator.publicKeyBase64])),
    live: current !== undefined,
    totalPower: total,
    rising: answers.every(({ rising }) => rising !== undefined)
      ? new Set(answers.flatMap(({ rising }) => rising ?? []))
      : undefined,
    upPower: sum([...validators].flatMap(([address, power]) => (up.has(address) ? [power] : []))),
    voting,
    pace: paces.includes('advancing')
      ? 'advancing'
      : paces.length > 0 && paces.every((p) => p === 'stalled')
        ? 'stalled'
        : 'unknown',
    quietMs: advances.length === 0 ? Number.POSITIVE_INFINITY : now - Math.max(...advances),
    provenHalted:
      current === undefined
        ? nodes.every((node) => isIdle(node, now))
        : !hasQuorum(
            powerOfOthers(validators, new Set(ownWhere(nodes, addresses, (node) => isIdle(node, now)))),
            total,
          ),
  };
}

/** Power that would still vote without one validator. */
export function powerWithout(chain: ChainView, address: string): bigint {
  return sum(
    [...chain.validators].flatMap(([other, power]) => (other !== address && chain.voting.has(other) ? [power] : [])),
  );
}

/** Whether the chain makes no blocks at present, as far as can be told; for reports. */
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

/** Addresses of our nodes that are as asked; of validators elsewhere only their signatures tell. */
function ownWhere(
  nodes: readonly NodeView[],
  addresses: ReadonlyMap<string, string>,
  is: (node: NodeView) => boolean,
): string[] {
  return nodes.flatMap((node) => (is(node) ? (addresses.get(node.member.name) ?? []) : []));
}

/** Does not run, as the kubelet says, or says itself that its height does not move. A pod that is being stopped may run to the end. */
function isIdle({ state, processDown, reading }: NodeView, now: number): boolean {
  if (state === 'Missing' || (processDown && state !== 'Terminating')) return true;
  const answer = currentAnswer(reading);
  if (reading === undefined || answer === undefined) return false;
  return answer.status.catchingUp || pace(reading, now) === 'stalled';
}

function powerOfOthers(validators: ReadonlyMap<string, bigint>, addresses: ReadonlySet<string>): bigint {
  return sum([...validators].flatMap(([address, power]) => (addresses.has(address) ? [] : [power])));
}

/** Answers and is not catching up, whether or not the chain moves. */
function isUp({ reading, pod }: NodeView): boolean {
  return currentAnswer(reading)?.status.catchingUp === false && pod?.metadata.deletionTimestamp === undefined;
}
