/** For tests: a ScheduledVolumeSnapshot and the cluster around it, on plain maps, with its own plans carried out on them. */
import { type KubeObject, keyOf, type Pod } from '../../kube/objects.ts';
import { VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import { statusPatch } from '../../reconcile/status-patch.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import { awayKey } from './away.ts';
import { type Plan, planSnapshots } from './plan.ts';
import {
  COSMOS_FULL_NODES,
  type FullNode,
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
  type ScheduledVolumeSnapshotStatus,
} from './schema.ts';
import { buildStatus } from './status.ts';

export type Rig = {
  resource: ScheduledVolumeSnapshot;
  fullNodes: Map<string, FullNode>;
  pods: Map<string, Pod>;
  snapshots: Map<string, VolumeSnapshot> | undefined;
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
    now: new Date('2022-09-01T01:30:00Z'),
  };
  rig.fullNodes.set('hub', {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { name: 'hub', namespace: 'default', uid: 'uid-of-hub' },
    status: { sync: {} },
  });
  for (const ordinal of [0, 1, 2]) startPod(rig, ordinal);
  return rig;
}

function startPod(rig: Rig, ordinal: number): void {
  const name = `hub-${ordinal}`;
  const claim = { claimName: `pvc-hub-${ordinal}` };
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
    spec: { containers: [], volumes: [{ name: 'vol-chain-home', persistentVolumeClaim: claim }] },
  });
  setSync(rig, name, true);
}

export function setSync(rig: Rig, pod: string, inSync: boolean, timestamp = '2099-01-01T00:00:00Z'): void {
  const sync = rig.fullNodes.get('hub')?.status?.sync ?? {};
  sync[pod] = { inSync, timestamp };
}

export function planOf({ resource, fullNodes, pods, snapshots, now }: Rig): Plan {
  return planSnapshots(
    resource,
    { fullNodes, pods, snapshots, readings: new Map() },
    {
      now,
      random: () => new Uint8Array(),
      options: { operatorNamespace: 'nodewright', agentImage: 'nodewright' },
      residues: new Map(),
    },
  );
}

/** One pass of the operator. @param lose what does not come about: the writes, or the status that tells of them. */
export function pass(rig: Rig, lose?: 'writes' | 'status'): string[] {
  const plan = planOf(rig);
  if (lose !== 'writes') for (const change of plan.changes) carryOut(rig, change);
  if (lose !== 'status') writeStatus(rig, plan);
  return plan.changes.map(formatChange);
}

/** Passes until nothing changes any more. Returns the phases and the changes, in order. */
export function settle(rig: Rig): string[] {
  const seen: string[] = [];
  for (let count = 0; count < 30; count++) {
    const before = JSON.stringify([rig.resource, [...rig.fullNodes], [...(rig.snapshots ?? [])]]);
    const sentences = pass(rig);
    const phase = rig.resource.status?.phase ?? '';
    for (const text of [phase, ...sentences]) if (seen.at(-1) !== text) seen.push(text);
    if (JSON.stringify([rig.resource, [...rig.fullNodes], [...(rig.snapshots ?? [])]]) === before) return seen;
  }
  throw new Error(`does not settle: ${seen.join(', ')}`);
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
  if (change.verb === 'create' && change.type === VOLUME_SNAPSHOTS) {
    if (rig.snapshots?.has(name)) throw new Error(`VolumeSnapshot ${name} exists`);
    rig.snapshots?.set(name, change.object as VolumeSnapshot);
  } else if (change.verb === 'delete') rig.snapshots?.delete(name);
  else if (change.verb === 'patch' && change.type === SCHEDULED_VOLUME_SNAPSHOTS)
    rig.resource = merge(rig.resource, change.patch);
  else if (change.verb === 'patch' && change.type === COSMOS_FULL_NODES && change.subresource === 'status')
    rig.fullNodes.set(name, merge(rig.fullNodes.get(name) as FullNode, change.patch));
  else throw new Error(`unexpected: ${formatChange(change)} of ${keyOf(rig.resource).name}`);
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
