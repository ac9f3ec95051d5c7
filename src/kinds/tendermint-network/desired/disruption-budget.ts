/**
 * A PodDisruptionBudget counts pods and knows no powers. So it allows as many evictions as are harmless whichever validators they hit;
 * mintnet's fixed 2 of 4 was below the quorum (spec tendermint B1.2.3).
 */
import { POD_DISRUPTION_BUDGETS } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { LABEL_ROLE } from '../../../reconcile/labels.ts';
import type { EvictionWeights } from '../eviction-weights.ts';
import { spareValidators } from '../quorum.ts';
import type { TendermintNetwork } from '../schema.ts';
import { childMetadata, podSelector } from './metadata.ts';

export function buildDisruptionBudget(network: TendermintNetwork, { own, others, lost }: EvictionWeights): Desired[] {
  if (own.length === 0) return [];
  return [
    {
      type: POD_DISRUPTION_BUDGETS,
      write: 'apply',
      purpose: 'evictions must leave more than two thirds of the voting power',
      object: {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: childMetadata(network, network.metadata.name, { role: 'network', owned: true }),
        spec: {
          minAvailable: own.length - spareValidators(own, others, lost),
          selector: { matchLabels: podSelector(network, { [LABEL_ROLE]: 'validator' }) },
          // A pod that is not ready may vote all the same: a slow RPC makes it so.
          unhealthyPodEvictionPolicy: 'IfHealthyBudget',
        },
      } as Desired['object'],
    },
  ];
}
