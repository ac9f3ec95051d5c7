import type { KubeObject } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Kind } from '../kind.ts';
import { lookBy } from '../look.ts';
import { reconcilerBy } from '../pass.ts';
import { checkScheduledVolumeSnapshot, warnOfScheduledVolumeSnapshot } from './check.ts';
import { scheduledVolumeSnapshotCrd } from './crd.ts';
import { snapshotRecipe } from './recipe.ts';
import { COSMOS_FULL_NODES, SCHEDULED_VOLUME_SNAPSHOTS } from './schema.ts';
import { CHILDREN, LABEL_SOURCE } from './snapshots.ts';

export const scheduledVolumeSnapshot: Kind = {
  name: snapshotRecipe.name,
  type: SCHEDULED_VOLUME_SNAPSHOTS,
  children: () => [
    { type: VOLUME_SNAPSHOTS, labels: CHILDREN, optional: true },
    // Throw-away nodes.
    ...[PODS, PERSISTENT_VOLUME_CLAIMS].map((type) => ({ type, labels: CHILDREN })),
  ],
  rules: [
    {
      apiGroups: [VOLUME_SNAPSHOTS.group],
      resources: [VOLUME_SNAPSHOTS.plural],
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    {
      apiGroups: [''],
      resources: [PODS.plural, PERSISTENT_VOLUME_CLAIMS.plural],
      verbs: ['get', 'list', 'watch', 'create', 'delete'],
    },
    // Whether a node has to do with a validator's key, which forbids a second one.
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] },
    { apiGroups: [COSMOS_FULL_NODES.group], resources: [COSMOS_FULL_NODES.plural], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [COSMOS_FULL_NODES.group], resources: [`${COSMOS_FULL_NODES.plural}/status`], verbs: ['patch'] },
    // Whether the Cosmos Operator still runs.
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['list'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list'] },
  ],
  ownersOf,
  crd: scheduledVolumeSnapshotCrd,
  check: checkScheduledVolumeSnapshot,
  warn: warnOfScheduledVolumeSnapshot,
  // What it makes depends on the time and on what there is.
  render: () => [],
  look: lookBy(snapshotRecipe),
  view: snapshotRecipe.view,
  createReconciler: reconcilerBy(snapshotRecipe),
};

/** Snapshots have no owner: they outlive the resource. */
function ownersOf({ metadata }: KubeObject): { namespace: string; name: string }[] {
  const name = metadata.labels?.[LABEL_SOURCE];
  return name === undefined ? [] : [{ namespace: metadata.namespace ?? '', name }];
}
