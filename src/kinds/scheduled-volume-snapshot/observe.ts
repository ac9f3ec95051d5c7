/** Everything about one ScheduledVolumeSnapshot that is decided upon, read into one plain value. */
import type { Reading } from '../../comet-node/reading.ts';
import { type ConfigMap, type KubeObject, type PersistentVolumeClaim, type Pod, uidOf } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS } from '../../kube/resource-types.ts';
import { listVolumeSnapshots, type VolumeSnapshot } from '../volume-snapshot.ts';
import { claimOf } from './candidate.ts';
import { COSMOS_FULL_NODES, type FullNode, type ScheduledVolumeSnapshot } from './schema.ts';
import { findUnverified, snapshotLabels } from './snapshots.ts';

export type Observed = {
  /** All of the namespace, by name: a pod may be away from one that is no longer referred to. */
  fullNodes: ReadonlyMap<string, FullNode>;
  /** Those of the CosmosFullNode that is referred to, by name. */
  pods: ReadonlyMap<string, Pod>;
  /** Of this resource, by name; undefined where the cluster has no such API. */
  snapshots: ReadonlyMap<string, VolumeSnapshot> | undefined;
  /** Pods and claims of throw-away nodes, by name. */
  trialPods: ReadonlyMap<string, Pod>;
  trialClaims: ReadonlyMap<string, PersistentVolumeClaim>;
  /** What is to be verified now. */
  target: Target | undefined;
  /** What throw-away nodes said last, by uid of the pod. */
  readings: ReadonlyMap<string, Reading>;
};

export type Target = {
  snapshot: VolumeSnapshot;
  /** The claim that it was taken of, the pod on it and the settings of that, where they still are. */
  originalClaim: PersistentVolumeClaim | undefined;
  original: Pod | undefined;
  settings: ConfigMap | undefined;
};

/** On every child of a CosmosFullNode; the operator's caches hold what carries it. */
const FULL_NODE_CHILDREN = { 'app.kubernetes.io/created-by': 'cosmos-operator' };

export async function observe(resource: ScheduledVolumeSnapshot, reader: Reader): Promise<Observed> {
  const { namespace = '' } = resource.metadata;
  const fullNodes = byName(await reader.list<FullNode>(COSMOS_FULL_NODES, { namespace }));
  const fullNode = fullNodes.get(resource.spec.fullNodeRef.name);
  const ours = { namespace, labels: snapshotLabels(resource), owner: uidOf(resource) };
  const [pods, snapshots, trialPods, trialClaims] = await Promise.all([
    fullNode === undefined
      ? []
      : reader.list<Pod>(PODS, { namespace, labels: FULL_NODE_CHILDREN, owner: uidOf(fullNode) }),
    listVolumeSnapshots(reader, namespace, snapshotLabels(resource)),
    reader.list<Pod>(PODS, ours),
    reader.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, ours),
  ]);
  const observed = { trialPods: byName(trialPods), trialClaims: byName(trialClaims) };
  const unverified = findUnverified(resource, snapshots ?? [], new Set(observed.trialPods.keys()));
  return {
    ...observed,
    fullNodes,
    pods: byName(pods),
    snapshots: snapshots === undefined ? undefined : byName(snapshots),
    target: unverified === undefined ? undefined : await observeTarget(unverified, pods, reader),
    readings: new Map(),
  };
}

async function observeTarget(snapshot: VolumeSnapshot, pods: Pod[], reader: Reader): Promise<Target> {
  const { namespace } = snapshot.metadata;
  const claimName = snapshot.spec?.source.persistentVolumeClaimName;
  const original = claimName === undefined ? undefined : pods.find((pod) => claimOf(pod) === claimName);
  const get = async <T extends KubeObject>(type: typeof PODS, name: string | undefined) =>
    name === undefined ? undefined : reader.get<T>(type, { namespace, name });
  const [originalClaim, settings] = await Promise.all([
    get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, claimName),
    // The Cosmos Operator names it like the pod.
    get<ConfigMap>(CONFIG_MAPS, original?.metadata.name),
  ]);
  return { snapshot, original, originalClaim, settings };
}

function byName<T extends KubeObject>(objects: T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}
