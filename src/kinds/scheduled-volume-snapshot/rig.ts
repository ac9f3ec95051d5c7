/** For tests: a ScheduledVolumeSnapshot and the cluster around it, on plain maps, with its own plans carried out on them. */
import type { Reading } from '../../comet-node/reading.ts';
import { type ConfigMap, type KubeObject, keyOf, type PersistentVolumeClaim, type Pod } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, type ResourceType, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import { statusPatch } from '../../reconcile/status-patch.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import { awayKey } from './away.ts';
import { claimOf } from './candidate.ts';
import type { Target } from './observe.ts';
import { type Plan, planSnapshots } from './plan.ts';
import {
  COSMOS_FULL_NODES,
  type FullNode,
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
  type ScheduledVolumeSnapshotStatus,
} from './schema.ts';
import { findUnverified } from './snapshots.ts';
import { buildStatus } from './status.ts';

export type Rig = {
  resource: ScheduledVolumeSnapshot;
  fullNodes: Map<string, FullNode>;
  pods: Map<string, Pod>;
  snapshots: Map<string, VolumeSnapshot> | undefined;
  /** Of the nodes, by name: claims, and what they are set to. */
  claims: Map<string, PersistentVolumeClaim>;
  settings: Map<string, ConfigMap>;
  /** Of throw-away nodes. */
  trialPods: Map<string, Pod>;
  trialClaims: Map<string, PersistentVolumeClaim>;
  /** By uid of the pod. */
  readings: Map<string, Reading>;
  now: Date;
};

/** Three nodes in sync, hub-0 to hub-2; a snapshot is due at 02:03. */
export function createRig(spec: Partial<ScheduledVolumeSnapshot['spec']> = {}): Rig {
  const rig: Rig = {
    resource: {
      apiVersion: 'cosmos.strange.love/v1alpha1',
      kind: 'ScheduledVolumeSnapshot',
      metadata: { name: 'my-snapshot', namespace: 'default', uid: 'uid-of-svs', generation: 1, resourceVersion: '1' },
      spec: { fullNodeRef: { name: 'hub' }, schedule: '3 * * * *', volumeSnapshotClassName: 'csi', ...spec },
    },
    fullNodes: new Map(),
    pods: new Map(),
    snapshots: new Map(),
    claims: new Map(),
    settings: new Map(),
    trialPods: new Map(),
    trialClaims: new Map(),
    readings: new Map(),
    now: new Date('2022-09-01T01:30:00Z'),
  };
  rig.fullNodes.set('hub', {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { name: 'hub', namespace: 'default', uid: 'uid-of-hub', resourceVersion: '1' },
    status: { sync: {} },
  });
  for (const ordinal of [0, 1, 2]) startPod(rig, ordinal);
  return rig;
}

function startPod(rig: Rig, ordinal: number): void {
  const name = `hub-${ordinal}`;
  const claim = { claimName: `pvc-hub-${ordinal}` };
  rig.claims.set(claim.claimName, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claim.claimName, namespace: 'default' },
    spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
  });
  const data = { 'config-overlay.toml': 'priv_validator_laddr = ""\n' };
  rig.settings.set(name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data });
  rig.pods.set(name, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-of-${name}`,
      labels: { 'app.kubernetes.io/name': 'hub', 'app.kubernetes.io/component': 'CosmosFullNode' },
      annotations: { 'app.kubernetes.io/ordinal': String(ordinal) },
    },
    spec: {
      nodeName: 'machine-1',
      containers: [
        { name: 'node', image: 'gaia:v1', volumeMounts: [{ name: 'vol-chain-home', mountPath: '/home/hub' }] },
      ],
      volumes: [{ name: 'vol-chain-home', persistentVolumeClaim: claim }],
    },
  });
  setSync(rig, name, true);
}

/** In 2099 the status is always fresh. */
export function setSync(
  rig: Rig,
  pod: string,
  inSync: boolean,
  timestamp = '2099-01-01T00:00:00Z',
  height = 100,
): void {
  const sync = rig.fullNodes.get('hub')?.status?.sync ?? {};
  sync[pod] = { inSync, timestamp, height };
}

export function planOf(rig: Rig): Plan {
  const { resource, fullNodes, pods, snapshots, trialPods, trialClaims, readings } = rig;
  return planSnapshots(
    resource,
    { fullNodes, pods, snapshots, trialPods, trialClaims, readings, target: targetOf(rig) },
    {
      now: rig.now,
      random: () => new Uint8Array(),
      options: { operatorNamespace: 'nodewright', agentImage: 'nodewright' },
      residues: new Map(),
    },
  );
}

function targetOf({ resource, snapshots, pods, claims, settings, trialPods }: Rig): Target | undefined {
  const snapshot = findUnverified(resource, [...(snapshots?.values() ?? [])], new Set(trialPods.keys()));
  if (snapshot === undefined) return undefined;
  const claimName = snapshot.spec?.source.persistentVolumeClaimName ?? '';
  const original = [...pods.values()].find((pod) => claimOf(pod) === claimName);
  const originalClaim = claims.get(claimName);
  return { snapshot, original, originalClaim, settings: settings.get(original?.metadata.name ?? '') };
}

/**
 * One pass of the operator. @param lose what does not come about: the writes, or the status that tells of them. @param plan made before,
 * where something happens in between
 */
export function pass(rig: Rig, lose?: 'writes' | 'status', plan = planOf(rig)): string[] {
  if (lose !== 'writes') for (const change of plan.changes) carryOut(rig, change);
  if (lose !== 'status') writeStatus(rig, plan);
  return plan.changes.map(formatChange);
}

/** Passes until nothing changes any more. Returns the phases and the changes, in order. */
export function settle(rig: Rig): string[] {
  const seen: string[] = [];
  for (let count = 0; count < 30; count++) {
    const before = stateOf(rig);
    const sentences = pass(rig);
    const phase = rig.resource.status?.phase ?? '';
    for (const text of [phase, ...sentences]) if (seen.at(-1) !== text) seen.push(text);
    if (stateOf(rig) === before) return seen;
  }
  throw new Error(`does not settle: ${seen.join(', ')}`);
}

function stateOf({ resource, fullNodes, snapshots, trialPods, trialClaims }: Rig): string {
  const maps = [fullNodes, snapshots ?? new Map(), trialPods, trialClaims];
  return JSON.stringify([resource, ...maps.map((objects) => [...objects])]);
}

/** What its own operator does with a pod that is to be away. */
export function obeyAway(rig: Rig): void {
  const away = Object.values(rig.fullNodes.get('hub')?.status?.scheduledSnapshotStatus ?? {});
  const names = new Set(away.map(({ podCandidate }) => podCandidate));
  for (const ordinal of [0, 1, 2]) {
    const name = `hub-${ordinal}`;
    if (names.has(name)) {
      rig.pods.delete(name);
      setSync(rig, name, false);
    } else if (!rig.pods.has(name)) startPod(rig, ordinal);
  }
}

export function podAway({ fullNodes, resource }: Rig): string | undefined {
  return fullNodes.get('hub')?.status?.scheduledSnapshotStatus?.[awayKey(resource)]?.podCandidate;
}

/** What the snapshot controller writes. */
export function setSnapshot(rig: Rig, name: string, status: VolumeSnapshot['status']): void {
  const snapshot = rig.snapshots?.get(name);
  if (snapshot === undefined) throw new Error(`no VolumeSnapshot ${name}: ${[...(rig.snapshots?.keys() ?? [])]}`);
  rig.snapshots?.set(name, { ...snapshot, status: status ?? {} });
}

function carryOut(rig: Rig, change: Change): void {
  const { name } = change.key;
  const objects = childrenOf(rig, change.type);
  if (change.verb === 'create' && objects !== undefined) {
    if (objects.has(name)) throw new Error(`${change.type.kind} ${name} exists`);
    const creationTimestamp = toWireTime(rig.now);
    objects.set(name, {
      ...change.object,
      metadata: { ...change.object.metadata, uid: `uid-of-${name}-${creationTimestamp}`, creationTimestamp },
    });
  } else if (change.verb === 'delete') objects?.delete(name);
  else if (change.verb === 'patch' && change.type === VOLUME_SNAPSHOTS)
    objects?.set(name, merge(objects.get(name) as KubeObject, change.patch));
  else if (change.verb === 'patch' && change.type === SCHEDULED_VOLUME_SNAPSHOTS)
    rig.resource = merge(rig.resource, change.patch);
  else if (change.verb === 'patch' && change.type === COSMOS_FULL_NODES && change.subresource === 'status')
    patchFullNode(rig, name, change.patch);
  else throw new Error(`unexpected: ${formatChange(change)} of ${keyOf(rig.resource).name}`);
}

/** As the API server does: of two writers that have seen the same, one writes. */
function patchFullNode({ fullNodes }: Rig, name: string, patch: { metadata?: { resourceVersion?: string } }): void {
  const live = fullNodes.get(name) as FullNode;
  const { resourceVersion } = live.metadata;
  if ((patch.metadata?.resourceVersion ?? resourceVersion) !== resourceVersion) return;
  const next = { metadata: { resourceVersion: String(Number(resourceVersion) + 1) } };
  fullNodes.set(name, merge(merge(live, patch), next));
}

function childrenOf(rig: Rig, type: ResourceType): Map<string, KubeObject> | undefined {
  if (type === VOLUME_SNAPSHOTS) return rig.snapshots;
  if (type === PODS) return rig.trialPods as Map<string, KubeObject>;
  return type === PERSISTENT_VOLUME_CLAIMS ? (rig.trialClaims as Map<string, KubeObject>) : undefined;
}

function writeStatus(rig: Rig, plan: Plan): void {
  const options = { operatorNamespace: 'nodewright' };
  const status = buildStatus(rig.resource, { plan, failure: undefined, now: rig.now, options });
  const patch = { status: statusPatch(rig.resource.status, status) };
  rig.resource = merge(rig.resource, patch as { status: ScheduledVolumeSnapshotStatus });
}

function merge<T extends KubeObject>(object: T, patch: object): T {
  return mergeValue(JSON.parse(JSON.stringify(object)), JSON.parse(JSON.stringify(patch))) as T;
}

function mergeValue(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const base = target !== null && typeof target === 'object' && !Array.isArray(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergeValue(merged[key], value);
  }
  return merged;
}
