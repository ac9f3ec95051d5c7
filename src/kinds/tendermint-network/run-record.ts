/**
 * Remembers on the claim that its validator has run there. From then on the pod starts with `--ran-before`: a volume that comes back empty
 * (a replaced disk, a wrong volume under the same claim) stops the validator instead of letting it sign from nothing.
 */
import { keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { hasStarted, type NodeView } from './node-view.ts';
import type { Observed } from './observe.ts';
import type { TendermintNetwork } from './schema.ts';

const ANNOTATION_RAN = 'nodewright.dev/ran';

/** False also where the user has given the sign state of this very claim up. */
export function hasRun(network: TendermintNetwork, claim: PersistentVolumeClaim | undefined): boolean {
  const givenUp = (network.spec.acceptSignStateLoss ?? []).includes(claim?.metadata.uid ?? '');
  return claim?.metadata.annotations?.[ANNOTATION_RAN] === 'true' && !givenUp;
}

export function recordRuns(nodes: readonly NodeView[], observed: Observed): Change[] {
  return nodes.flatMap(({ member, pod }): Change[] => {
    const claim = observed.claims.get(member.objectName);
    if (member.role !== 'validator' || claim === undefined || pod === undefined || !hasStarted(pod)) return [];
    if (claim.metadata.annotations?.[ANNOTATION_RAN] === 'true') return [];
    return [
      {
        verb: 'patch',
        type: PERSISTENT_VOLUME_CLAIMS,
        key: keyOf(claim),
        why: 'remember that the validator has run on it',
        patch: { metadata: { uid: claim.metadata.uid, annotations: { [ANNOTATION_RAN]: 'true' } } },
      },
    ];
  });
}
