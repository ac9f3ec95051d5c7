/**
 * Remembers on the claim that its validator has run there. From then on, in its first pod too, a volume that comes back empty (a replaced
 * disk, a wrong volume under the same claim) stops the validator instead of letting it sign from nothing. Whoever accepts the loss names
 * the token, which is another one as soon as the validator runs again: an acceptance is good for one start.
 */

import { hasStarted, isRunning } from '../../comet-node/node-view.ts';
import { keyOf, type PersistentVolumeClaim, type Pod } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { ANNOTATION_RAN } from './desired/pod.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import type { TendermintNetwork } from './schema.ts';

/** The token of the claim, unless the user has given its sign state up. */
export function ranTokenOf(network: TendermintNetwork, claim: PersistentVolumeClaim | undefined): string | undefined {
  const token = claim?.metadata.annotations?.[ANNOTATION_RAN];
  return token === undefined || isGivenUp(network, token) ? undefined : token;
}

/** A pod that refuses to start on an empty volume, which it may do now. */
export function isLossAccepted(live: Pod, desired: Pod): boolean {
  const [before, after] = [live, desired].map((pod) => pod.metadata.annotations?.[ANNOTATION_RAN]);
  return before !== undefined && after === undefined;
}

export function recordRuns(network: TendermintNetwork, nodes: readonly NodeView[], observed: Observed): Change[] {
  return nodes.flatMap(({ member, pod }): Change[] => {
    const claim = observed.claims.get(member.objectName);
    if (member.role !== 'validator' || claim === undefined || pod === undefined) return [];
    if (!isNewRun(network, claim, pod)) return [];
    return [
      {
        verb: 'patch',
        type: PERSISTENT_VOLUME_CLAIMS,
        key: keyOf(claim),
        why: 'remember that the validator has run on it',
        patch: { metadata: { uid: claim.metadata.uid, annotations: { [ANNOTATION_RAN]: pod.metadata.uid } } },
      },
    ];
  });
}

function isNewRun(network: TendermintNetwork, claim: PersistentVolumeClaim, pod: Pod): boolean {
  const token = claim.metadata.annotations?.[ANNOTATION_RAN];
  if (token === undefined) return hasStarted(pod);
  if (token === pod.metadata.uid || !isGivenUp(network, token)) return false;
  // A pod with the token is the one that refuses: what it did before must not use up the acceptance that its successor needs.
  const refuses = pod.metadata.annotations?.[ANNOTATION_RAN] === token;
  return refuses ? isRunning(pod) : hasStarted(pod);
}

function isGivenUp(network: TendermintNetwork, token: string): boolean {
  return (network.spec.acceptSignStateLoss ?? []).includes(token);
}
