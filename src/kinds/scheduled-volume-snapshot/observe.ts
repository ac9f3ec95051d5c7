/** Everything about one ScheduledVolumeSnapshot that is decided upon, read into one plain value. */
import { type KubeObject, type Pod, uidOf } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { PODS } from '../../kube/resource-types.ts';
import { listVolumeSnapshots, type VolumeSnapshot } from '../volume-snapshot.ts';
import { COSMOS_FULL_NODES, type FullNode, type ScheduledVolumeSnapshot } from './schema.ts';
import { snapshotLabels } from './snapshots.ts';

export type Observed = {
  /** All of the namespace, by name: a pod may be away from one that is no longer referred to. */
  fullNodes: ReadonlyMap<string, FullNode>;
  /** Those of the CosmosFullNode that is referred to, by name. */
  pods: ReadonlyMap<string, Pod>;
  /** Of this resource, by name; undefined where the cluster has no such API. */
  snapshots: ReadonlyMap<string, VolumeSnapshot> | undefined;
  readings: ReadonlyMap<string, undefined>;
};

/** On every child of a CosmosFullNode; the operator's caches hold what carries it. */
const FULL_NODE_CHILDREN = { 'app.kubernetes.io/created-by': 'cosmos-operator' };

export async function observe(resource: ScheduledVolumeSnapshot, reader: Reader): Promise<Observed> {
  const { namespace = '' } = resource.metadata;
  const fullNodes = byName(await reader.list<FullNode>(COSMOS_FULL_NODES, { namespace }));
  const fullNode = fullNodes.get(resource.spec.fullNodeRef.name);
  const [pods, snapshots] = await Promise.all([
    fullNode === undefined
      ? []
      : reader.list<Pod>(PODS, { namespace, labels: FULL_NODE_CHILDREN, owner: uidOf(fullNode) }),
    listVolumeSnapshots(reader, namespace, snapshotLabels(resource)),
  ]);
  return {
    fullNodes,
    pods: byName(pods),
    snapshots: snapshots === undefined ? undefined : byName(snapshots),
    readings: new Map(),
  };
}

function byName<T extends KubeObject>(objects: T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}
