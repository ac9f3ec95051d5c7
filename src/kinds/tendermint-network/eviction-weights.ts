/**
 * What the PodDisruptionBudget has to weigh: the power of every validator pod there is or should be, as the chain has it now. The spec may
 * ask for other powers than those that vote, and validators that leave still vote until the chain lets them go.
 */
import { LABEL_NODE, LABEL_ROLE } from '../../reconcile/labels.ts';
import type { ChainView } from './chain-view.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import { sum } from './quorum.ts';
import { ANNOTATION_VALIDATOR, holderOf } from './reservation.ts';
import type { TendermintNetwork } from './schema.ts';

export type EvictionWeights = {
  /** One for each validator of this network. */
  own: bigint[];
  /** Power of the chain's validators elsewhere, taken to be up. */
  others: bigint;
  /** Power that the chain still gives to keys which were nodes of this network and run nowhere any more. */
  lost: bigint;
};

export function weighEvictions(
  network: TendermintNetwork,
  nodes: readonly NodeView[],
  addresses: ReadonlyMap<string, string>,
  observed: Observed,
  chain: ChainView,
): EvictionWeights {
  const wanted = nodes.filter(({ member }) => member.role === 'validator');
  const names = new Set(wanted.map(({ member }) => member.name));
  const leaving = [...observed.pods.values()].filter(({ metadata: { labels = {} } }) => {
    return labels[LABEL_ROLE] === 'validator' && !names.has(labels[LABEL_NODE] ?? '');
  });
  const voters = [
    ...wanted.map(({ member }) => ({ address: addresses.get(member.name), asked: member.power })),
    ...leaving.map(({ metadata }) => ({
      address: observed.claims.get(metadata.name)?.metadata.annotations?.[ANNOTATION_VALIDATOR],
      asked: 0n,
    })),
  ];
  const own = voters.map(({ address, asked }) => chain.validators.get(address ?? '') ?? (chain.live ? 0n : asked));
  const running = new Set(voters.flatMap(({ address }) => address ?? []));
  const former = [...observed.reservations.values()]
    .filter((lease) => lease.spec?.holderIdentity?.startsWith(holderOf(network, '')))
    .flatMap((lease) => lease.metadata.annotations?.[ANNOTATION_VALIDATOR] ?? [])
    .filter((address) => !running.has(address));
  const powerOf = (addresses: Iterable<string>) =>
    sum([...addresses].map((address) => chain.validators.get(address) ?? 0n));
  const lost = powerOf(new Set(former));
  return { own, others: chain.totalPower - powerOf(running) - lost, lost };
}
