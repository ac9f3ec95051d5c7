/**
 * A ScheduledVolumeSnapshot in a world where views of pods, claims and snapshots are stale and the operator ends in the midst of its passes;
 * with storage that takes its time, fails or forgets, and snapshots of which some are no good.
 */
import { foldReading, type Reading } from '../../src/comet-node/reading.ts';
import { awayKey } from '../../src/kinds/scheduled-volume-snapshot/away.ts';
import { observe } from '../../src/kinds/scheduled-volume-snapshot/observe.ts';
import { planSnapshots } from '../../src/kinds/scheduled-volume-snapshot/plan.ts';
import {
  COSMOS_FULL_NODES,
  type FullNode,
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
} from '../../src/kinds/scheduled-volume-snapshot/schema.ts';
import { buildStatus } from '../../src/kinds/scheduled-volume-snapshot/status.ts';
import type { VolumeSnapshot } from '../../src/kinds/volume-snapshot.ts';
import { type KubeObject, keyOf, type Pod } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { act } from '../../src/reconcile/act.ts';
import { type Change, formatChange } from '../../src/reconcile/change.ts';
import { toWireTime } from '../../src/reconcile/conditions.ts';
import { statusPatch } from '../../src/reconcile/status-patch.ts';
import { MemoryApi } from './memory-api.ts';
import type { Random } from './random.ts';

const NAMESPACE = 'chains';
const NAMES = ['hub-0', 'hub-1', 'hub-2'];
const CREATED_BY = { 'app.kubernetes.io/created-by': 'cosmos-operator' };
const OPTIONS = { operatorNamespace: 'nodewright', agentImage: 'nodewright' };
/** What a cache may lag behind in. Of the other two the operator sees its own writes at once, as nobody else changes what it goes by. */
const LAGGING = ['Pod', 'PersistentVolumeClaim', 'VolumeSnapshot'];

export class SnapshotWorld {
  readonly api = new MemoryApi();
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  /** Faults stop when this is false. */
  faulty = true;
  readonly #random: Random;
  #time = Date.parse('2026-01-02T03:00:00Z');
  /** What the operator remembers, by uid of the pod; it ends with it. */
  #readings = new Map<string, Reading>();
  readonly #awaySince = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
    const metadata = { namespace: NAMESPACE, name: 'hub' };
    this.api.create(COSMOS_FULL_NODES, { apiVersion: 'cosmos.strange.love/v1', kind: 'CosmosFullNode', metadata });
    for (const name of NAMES) {
      const place = { namespace: NAMESPACE, labels: CREATED_BY };
      const resources = { requests: { storage: '1Gi' } };
      const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { ...place, name: `pvc-${name}` } };
      this.api.create(PERSISTENT_VOLUME_CLAIMS, { ...claim, spec: { resources } } as KubeObject);
      const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...place, name } };
      this.api.create(CONFIG_MAPS, { ...settings, data: { 'config-overlay.toml': '' } } as KubeObject);
    }
  }

  get resource(): ScheduledVolumeSnapshot | undefined {
    return this.api.list<ScheduledVolumeSnapshot>('ScheduledVolumeSnapshot')[0];
  }

  create(spec: object): void {
    this.api.create(SCHEDULED_VOLUME_SNAPSHOTS, {
      apiVersion: 'cosmos.strange.love/v1alpha1',
      kind: 'ScheduledVolumeSnapshot',
      metadata: { namespace: NAMESPACE, name: 'nightly' },
      spec: {
        fullNodeRef: { name: 'hub' },
        schedule: '@every 10m',
        volumeSnapshotClassName: 'csi',
        timeLimit: '20m',
        ...spec,
      },
    } as KubeObject);
  }

  /** @param seconds that have gone by since the last */
  async step(seconds: number): Promise<void> {
    this.#time += seconds * 1000;
    this.#turn();
    await this.#pass();
    this.#check();
  }

  away(): string[] {
    return Object.values(this.#hub().status?.scheduledSnapshotStatus ?? {}).map(({ podCandidate }) => podCandidate);
  }

  trials(): string[] {
    const all = [...this.api.list<KubeObject>('Pod'), ...this.api.list<KubeObject>('PersistentVolumeClaim')];
    return all.filter(isTrial).map(({ metadata }) => metadata.name);
  }

  async #pass(): Promise<void> {
    const { resource } = this;
    if (resource === undefined) return;
    const endsAfter = this.faulty && this.#random.chance(0.3) ? this.#random.between(0, 3) : Number.POSITIVE_INFINITY;
    const ages = new Map(
      LAGGING.map((kind) => [kind, this.faulty && this.#random.chance(0.3) ? this.#random.between(1, 10) : 0]),
    );
    let sent = 0;
    const kube = this.api.kube(() => sent++ < endsAfter);
    const now = new Date(this.#time);
    const observed = await observe(
      resource,
      this.api.reader((kind) => ages.get(kind) ?? 0),
    );
    for (const pod of observed.trialPods.values()) this.#ask(pod);
    const context = { now, random: () => new Uint8Array(), options: OPTIONS, residues: new Map() };
    const plan = planSnapshots(resource, { ...observed, readings: this.#readings }, context);
    for (const change of plan.changes) this.#judge(change);
    const outcome = await act(plan.changes, { kube, fieldManager: 'test', residues: new Map() });
    for (const change of outcome.done) this.#note(change);
    const status = buildStatus(resource, { plan, failure: undefined, now, options: OPTIONS });
    const patch = { metadata: { uid: resource.metadata.uid }, status: statusPatch(resource.status, status) };
    await kube.mergePatch(SCHEDULED_VOLUME_SNAPSHOTS, keyOf(resource), patch).catch(() => {});
    if (sent > endsAfter) this.#readings = new Map();
  }

  /** Whether data is good follows from the name of its snapshot. */
  #ask(pod: Pod): void {
    const name = pod.metadata.name.replace(/-verify$/, '');
    const { metadata, status } = pod;
    if (status?.podIP === undefined) return;
    const height = Math.floor(this.#time / 60_000);
    const sync = { latestHeight: height, latestBlockTime: toWireTime(new Date(this.#time)), catchingUp: false };
    const answer = isGood(name) ? { status: sync, peers: 2 } : new Error('connect ECONNREFUSED');
    const uid = metadata.uid ?? '';
    const options = { stallAfterMs: 120_000, trustBlockTime: false };
    this.#readings.set(uid, foldReading(this.#readings.get(uid), answer, this.#time, options));
  }

  #note(change: Change): void {
    this.trace.push(`${toWireTime(new Date(this.#time))} ${formatChange(change)}`);
  }

  /** Before it is done. */
  #judge(change: Change): void {
    if (change.type !== VOLUME_SNAPSHOTS) return;
    const { name } = change.key;
    if (change.verb === 'patch') {
      const label = (change.patch as KubeObject).metadata.labels?.['nodewright.dev/verified'];
      if (label !== undefined && label !== String(isGood(name))) this.violations.push(`${name} is labelled ${label}`);
    }
    if (change.verb !== 'delete') return;
    const all = this.api.list<VolumeSnapshot>('VolumeSnapshot');
    const victim = all.find(({ metadata }) => metadata.name === name);
    const better = all.filter(
      ({ metadata, status }) =>
        metadata.labels?.['nodewright.dev/verified'] !== 'false' &&
        Date.parse(status?.creationTime ?? '') > Date.parse(victim?.status?.creationTime ?? ''),
    );
    if (victim?.metadata.labels?.['nodewright.dev/verified'] === 'true' && better.length < 2)
      this.violations.push(`${name} is good and goes, for ${better.length} newer ones`);
  }

  /** Nodes, storage, kubelets and garbage collection do what they do. */
  #turn(): void {
    for (const type of [PODS, PERSISTENT_VOLUME_CLAIMS])
      for (const object of this.api.list<KubeObject>(type.kind))
        if (isTrial(object) && object.metadata.ownerReferences?.[0]?.uid !== this.resource?.metadata.uid)
          this.api.delete(type, keyOf(object));
    const slow = this.faulty ? 0.5 : 1;
    const hub = this.#hub();
    const away = this.away();
    for (const name of NAMES) {
      const pod = this.api.list<Pod>('Pod').find(({ metadata }) => metadata.name === name);
      if (away.includes(name) && pod !== undefined && this.#random.chance(slow)) this.api.delete(PODS, keyOf(pod));
      if (!away.includes(name) && pod === undefined && this.#random.chance(slow)) this.#startNode(name, hub);
    }
    const sync = Object.fromEntries(
      NAMES.map((name) => [
        name,
        { inSync: this.#random.chance(0.9), timestamp: toWireTime(new Date(this.#time)), height: 1 },
      ]),
    );
    this.api.patch(COSMOS_FULL_NODES, keyOf(hub), { status: { sync } });
    for (const snapshot of this.api.list<VolumeSnapshot>('VolumeSnapshot')) this.#makeReady(snapshot, slow);
    for (const pod of this.api.list<Pod>('Pod'))
      if (isTrial(pod) && pod.status?.podIP === undefined && this.#random.chance(slow)) this.#run(pod);
  }

  #makeReady(snapshot: VolumeSnapshot, slow: number): void {
    // One of eight is never ready, and one of eight fails.
    const fate = fateOf(snapshot.metadata.name) % 8;
    if (snapshot.status?.readyToUse === true || fate === 0 || !this.#random.chance(slow / 3)) return;
    const ready = { readyToUse: true, creationTime: toWireTime(new Date(this.#time)), restoreSize: '1Gi' };
    const status = fate === 1 ? { error: { message: 'no room' } } : ready;
    this.api.patch(VOLUME_SNAPSHOTS, keyOf(snapshot), { status });
  }

  #run(pod: Pod): void {
    const restartCount = isGood(pod.metadata.name.replace(/-verify$/, '')) ? 0 : 9;
    const state = { running: { startedAt: toWireTime(new Date(this.#time)) } };
    const containerStatuses = [{ name: 'node', ready: true, restartCount, state }];
    this.api.patch(PODS, keyOf(pod), { status: { phase: 'Running', podIP: '10.0.0.1', containerStatuses } });
  }

  #startNode(name: string, { apiVersion, kind, metadata }: FullNode): void {
    const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
    this.api.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: NAMESPACE, name, labels: CREATED_BY, ownerReferences: [owner] },
      spec: {
        containers: [{ name: 'node', image: 'a', volumeMounts: [{ name: 'vol-chain-home', mountPath: '/home' }] }],
        volumes: [{ name: 'vol-chain-home', persistentVolumeClaim: { claimName: `pvc-${name}` } }],
      },
    } as KubeObject);
  }

  #check(): void {
    const { resource } = this;
    const key = awayKey(
      resource ?? ({ metadata: { namespace: NAMESPACE, name: 'nightly' } } as ScheduledVolumeSnapshot),
    );
    const entry = this.#hub().status?.scheduledSnapshotStatus?.[key]?.podCandidate;
    if (this.away().length > (entry === undefined ? 0 : 1)) this.violations.push('more than one pod is away');
    if (entry === undefined) this.#awaySince.clear();
    else {
      const since = this.#awaySince.get(entry) ?? this.#time;
      this.#awaySince.set(entry, since);
      if (!resource?.metadata.finalizers?.length)
        this.violations.push(`${entry} is away, and nothing holds the resource`);
      // The limit, and some passes that came to nothing.
      if (this.#time - since > 40 * 60_000)
        this.violations.push(`${entry} has been away since ${toWireTime(new Date(since))}`);
    }
    if (new Set(this.trials()).size > 1 && !this.faulty) this.violations.push(`throw-away nodes: ${this.trials()}`);
  }

  #hub(): FullNode {
    return this.api.list<FullNode>('CosmosFullNode')[0] as FullNode;
  }
}

export function isTrial({ metadata }: KubeObject): boolean {
  return metadata.name.endsWith('-verify');
}

function isGood(snapshotName: string): boolean {
  return fateOf(snapshotName) % 3 !== 0;
}

function fateOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
}
