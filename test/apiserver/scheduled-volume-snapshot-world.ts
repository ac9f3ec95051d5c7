/** What is around a ScheduledVolumeSnapshot: a CosmosFullNode with its pods, storage and its snapshots, played by hand. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { PodGet } from '../../src/kinds/kind.ts';
import { scheduledVolumeSnapshot } from '../../src/kinds/scheduled-volume-snapshot/kind.ts';
import type { ScheduledVolumeSnapshotStatus } from '../../src/kinds/scheduled-volume-snapshot/schema.gen.ts';
import {
  COSMOS_FULL_NODES,
  type FullNode,
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
} from '../../src/kinds/scheduled-volume-snapshot/schema.ts';
import type { VolumeSnapshot } from '../../src/kinds/volume-snapshot.ts';
import { isConflict, isNotFound } from '../../src/kube/api-error.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { KubeObject, PersistentVolumeClaim, Pod } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SERVICE_ACCOUNTS,
  VOLUME_SNAPSHOTS,
} from '../../src/kube/resource-types.ts';
import type { RunningManager } from '../../src/runtime/manager.ts';
import { createNamespace } from './control-plane.ts';
import { type OperatorOptions, startOperator } from './mortal-operator.ts';

const NODES = ['hub-0', 'hub-1', 'hub-2'];
const CREATED_BY = { 'app.kubernetes.io/created-by': 'cosmos-operator' };
export const NIGHTLY = 'nightly';
export const WAITING = { timeout: 90_000, interval: 100 };

export class SnapshotWorld {
  readonly #kube: Kube;
  readonly namespace: string;
  #isOver = false;
  #turning: Promise<void> | undefined;
  /** What the world does by itself; a test that wants a phase to last takes it out. */
  readonly does = { stopNodes: true, startNodes: true, cutSnapshots: true, runTrials: true };
  #height = 100;
  /** Of this world's clock, milliseconds. */
  #ahead = 0;
  #manager: RunningManager | undefined;

  constructor(kube: Kube, namespace: string) {
    this.#kube = kube;
    this.namespace = namespace;
  }

  /** Three nodes in sync. */
  async begin(): Promise<void> {
    const { namespace } = this;
    await createNamespace(this.#kube, namespace);
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'default' } };
    await this.#kube.create(SERVICE_ACCOUNTS, account);
    const chain = { chainID: 'hub-1', network: 'mainnet', binary: 'gaiad' };
    await this.#kube.create(COSMOS_FULL_NODES, {
      ...{ apiVersion: 'cosmos.strange.love/v1', kind: 'CosmosFullNode', metadata: { namespace, name: 'hub' } },
      spec: {
        ...{ replicas: 3, chain, podTemplate: { image: 'gaia:v1' } },
        volumeClaimTemplate: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
      },
    } as KubeObject);
    for (const name of NODES) await this.#createStorage(name);
    await this.#turn();
    this.#turning = this.#turnOn();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all([this.#turning, this.#manager?.stop()]);
  }

  operatorOptions(): OperatorOptions {
    return {
      ...{ kube: this.#kube, kind: scheduledVolumeSnapshot, namespaces: [this.namespace], podGet: this.podGet },
      now: () => new Date(Date.now() + this.#ahead),
    };
  }

  /** One that goes on until the end of the world, or until it is called again. */
  async startOperator(): Promise<void> {
    await this.#manager?.stop();
    this.#manager = await startOperator(this.operatorOptions());
  }

  /** Time goes by, and the operator is told to look. */
  async passHours(hours: number): Promise<void> {
    this.#ahead += hours * 3_600_000 + 1000;
    const annotations = { ahead: String(this.#ahead) };
    await this.patch(SCHEDULED_VOLUME_SNAPSHOTS, NIGHTLY, { metadata: { annotations } });
  }

  async untilPhase(phase: string): Promise<void> {
    await vi.waitFor(async () => expect((await this.status()).phase).toBe(phase), WAITING);
  }

  /** Nothing is away, nothing is held, and no throw-away node is there. */
  async untilAtRest(): Promise<void> {
    await vi.waitFor(async () => {
      expect(await this.away()).toEqual([]);
      expect(await this.trials()).toEqual([]);
      expect((await this.scheduled())?.metadata.finalizers ?? []).toEqual([]);
    }, WAITING);
  }

  async schedule(spec: object = {}, status?: object): Promise<void> {
    const { namespace } = this;
    await this.#kube.create(SCHEDULED_VOLUME_SNAPSHOTS, {
      apiVersion: 'cosmos.strange.love/v1alpha1',
      kind: 'ScheduledVolumeSnapshot',
      metadata: { namespace, name: NIGHTLY },
      spec: { fullNodeRef: { name: 'hub' }, schedule: '@every 1h', volumeSnapshotClassName: 'csi', ...spec },
    } as KubeObject);
    if (status !== undefined) await this.patch(SCHEDULED_VOLUME_SNAPSHOTS, NIGHTLY, { status }, 'status');
  }

  async scheduled(): Promise<ScheduledVolumeSnapshot | undefined> {
    return this.#kube.get(SCHEDULED_VOLUME_SNAPSHOTS, { namespace: this.namespace, name: NIGHTLY });
  }

  async status(): Promise<Partial<ScheduledVolumeSnapshotStatus>> {
    return (await this.scheduled())?.status ?? {};
  }

  async snapshots(): Promise<VolumeSnapshot[]> {
    return this.#kube.list(VOLUME_SNAPSHOTS, { namespace: this.namespace });
  }

  /** Names of pods that are to be away. */
  async away(): Promise<string[]> {
    const hub = await this.#kube.get<FullNode>(COSMOS_FULL_NODES, { namespace: this.namespace, name: 'hub' });
    return Object.values(hub?.status?.scheduledSnapshotStatus ?? {}).map(({ podCandidate }) => podCandidate);
  }

  /** Pods and claims of throw-away nodes. */
  async trials(): Promise<string[]> {
    const all = await Promise.all([PODS, PERSISTENT_VOLUME_CLAIMS].map((type) => this.#list(type)));
    return all.flat().flatMap(({ kind, metadata }) => (isTrial(metadata.name) ? [`${kind} ${metadata.name}`] : []));
  }

  async patch(type: ResourceType, name: string, patch: object, subresource?: 'status'): Promise<void> {
    const key = { namespace: this.namespace, name };
    await this.#kube.mergePatch(type, key, patch, subresource === undefined ? {} : { subresource });
  }

  /** False where there is no such object. */
  async delete(type: ResourceType, name: string): Promise<boolean> {
    const key = { namespace: this.namespace, name };
    const live = await this.#kube.get<KubeObject>(type, key);
    if (live !== undefined) await this.#kube.delete(type, key, { uid: live.metadata.uid ?? '' });
    return live !== undefined;
  }

  /** The throw-away node makes a block with every call. */
  readonly podGet: PodGet = async (_pod, _port, path) => {
    const sync = {
      latest_block_height: String(++this.#height),
      latest_block_time: '2026-01-01T00:00:00Z',
      catching_up: false,
    };
    return JSON.stringify({ result: path === '/status' ? { sync_info: sync } : { n_peers: '2', peers: [] } });
  };

  async #turnOn(): Promise<void> {
    while (!this.#isOver) {
      await this.#turn().catch((error) => {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      });
      await sleep(50);
    }
  }

  async #turn(): Promise<void> {
    const away = await this.away();
    for (const name of NODES) {
      const pod = await this.#kube.get<Pod>(PODS, { namespace: this.namespace, name });
      if (away.includes(name) && pod !== undefined && this.does.stopNodes) await this.delete(PODS, name);
      if (!away.includes(name) && pod === undefined && this.does.startNodes) await this.#startNode(name);
    }
    if (this.does.cutSnapshots) await this.#cutSnapshots();
    if (this.does.runTrials) await this.#runTrials();
    await this.#releaseClaims();
  }

  async #cutSnapshots(): Promise<void> {
    for (const { metadata, status } of await this.snapshots()) {
      if (status?.readyToUse === true) continue;
      const cut = { readyToUse: true, creationTime: metadata.creationTimestamp, restoreSize: '1Gi' };
      await this.patch(VOLUME_SNAPSHOTS, metadata.name, { status: cut }, 'status');
    }
  }

  async #runTrials(): Promise<void> {
    for (const { metadata, status } of await this.#list<Pod>(PODS))
      if (isTrial(metadata.name) && status?.podIP === undefined) await this.#run(metadata.name);
  }

  /** As Kubernetes keeps claims as long as pods use them. */
  async #releaseClaims(): Promise<void> {
    const used = (await this.#list<Pod>(PODS)).flatMap(({ spec }) =>
      (spec?.volumes ?? []).map(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName),
    );
    for (const { metadata } of await this.#list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS))
      if (metadata.deletionTimestamp !== undefined && !used.includes(metadata.name))
        await this.patch(PERSISTENT_VOLUME_CLAIMS, metadata.name, { metadata: { finalizers: null } });
  }

  async #createStorage(name: string): Promise<void> {
    const { namespace } = this;
    const metadata = { namespace, name: `pvc-${name}`, labels: CREATED_BY };
    await this.#kube.create(PERSISTENT_VOLUME_CLAIMS, {
      ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata },
      spec: {
        ...{ accessModes: ['ReadWriteOnce'], storageClassName: 'fast' },
        resources: { requests: { storage: '1Gi' } },
      },
    } as KubeObject);
    const data = { 'config-overlay.toml': 'priv_validator_laddr = ""\n' };
    const settings = { namespace, name, labels: CREATED_BY };
    await this.#kube.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: settings,
      data,
    } as KubeObject);
  }

  async #startNode(name: string): Promise<void> {
    const { namespace } = this;
    const hub = await this.#kube.get<KubeObject>(COSMOS_FULL_NODES, { namespace, name: 'hub' });
    if (hub === undefined) return;
    const { apiVersion, kind, metadata } = hub;
    const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true };
    const labels = { ...CREATED_BY, 'app.kubernetes.io/name': 'hub' };
    const annotations = { 'app.kubernetes.io/ordinal': name.slice(-1) };
    const container = {
      ...{ name: 'node', image: 'gaia:v1', ports: [{ name: 'rpc', containerPort: 26657 }] },
      volumeMounts: [{ name: 'vol-chain-home', mountPath: '/home/operator/cosmos' }],
    };
    await this.#kube.create(PODS, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels, annotations, ownerReferences: [owner] },
      spec: {
        containers: [container],
        volumes: [{ name: 'vol-chain-home', persistentVolumeClaim: { claimName: `pvc-${name}` } }],
      },
    } as KubeObject);
    await this.#run(name);
    // In the future: fresh by any clock.
    const sync = { [name]: { timestamp: '2099-01-01T00:00:00Z', inSync: true, height: 50 } };
    const status = { observedGeneration: 1, phase: 'Complete', sync };
    await this.patch(COSMOS_FULL_NODES, 'hub', { status }, 'status');
  }

  async #run(name: string): Promise<void> {
    const running = { name: 'node', image: 'x', imageID: 'x', ready: true, started: true, restartCount: 0 };
    const containerStatuses = [{ ...running, state: { running: { startedAt: new Date().toISOString() } } }];
    const status = { phase: 'Running', podIP: '10.0.0.9', podIPs: [{ ip: '10.0.0.9' }], containerStatuses };
    await this.patch(PODS, name, { status }, 'status');
  }

  #list<T extends KubeObject>(type: ResourceType): Promise<T[]> {
    return this.#kube.list<T>(type, { namespace: this.namespace });
  }
}

function isTrial(name: string): boolean {
  return name.endsWith('-verify');
}
