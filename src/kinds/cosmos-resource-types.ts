/** REST coordinates of the kinds of the Cosmos Operator, for those of them that look at each other. */
import type { ResourceType } from '../kube/resource-types.ts';

export const COSMOS_FULL_NODES: ResourceType = {
  group: 'cosmos.strange.love',
  version: 'v1',
  kind: 'CosmosFullNode',
  plural: 'cosmosfullnodes',
  namespaced: true,
};

export const SCHEDULED_VOLUME_SNAPSHOTS: ResourceType = {
  group: 'cosmos.strange.love',
  version: 'v1alpha1',
  kind: 'ScheduledVolumeSnapshot',
  plural: 'scheduledvolumesnapshots',
  namespaced: true,
};
