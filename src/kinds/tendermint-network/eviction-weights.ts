/**
 * What the PodDisruptionBudget has to weigh: the power of every validator pod there is or should be, as the chain has it now. The spec may
 * ask for other powers than those that vote, and validators that leave still vote until the chain lets them go.
 */
import { LABEL_NODE, LABEL_ROLE } from '../../reconcile/labels.ts';
import type { ChainView } from './chain-view.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import { ANNOTATION_VALIDATOR } from './reservation.ts';

export type EvictionWeights = {
  /** One for each validator of this network. */
  own: bigint[];
  /** Power of the chain's validators elsewhere, taken to be up. */
  others: bigint;
};

export function weighEvictions(
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
  const counted = voters.reduce((sum, { address }) => sum + (chain.validators.get(address ?? '') ?? 0n), 0n);
  return { own, others: chain.totalPower - counted };
}
