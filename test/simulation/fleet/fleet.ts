/**
 * Kubelets and nodes of CosmosFullNodes: pods start when their claim, ConfigMap and service account are there, nodes catch up with a chain
 * that goes on by itself, processes crash, what is damaged fails at every start, garbage is collected.
 */
import { reachedHeight, versionAt } from '../../../src/formats/chain-versions.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../../src/kinds/cosmos-full-node/schema.ts';
import type { KubeObject, PersistentVolumeClaim, Pod } from '../../../src/kube/objects.ts';
import { keyOf } from '../../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../../src/kube/resource-types.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { ModelApi } from '../model-api.ts';
import type { Random } from '../random.ts';
import type { FleetStorage, Volume } from './fleet-storage.ts';

/** Image that no registry has. */
export const BAD_IMAGE = 'gaia:does-not-exist';

export type Process = {
  podUid: string;
  claimName: string;
  volume: Volume;
  running: boolean;
  stuck: boolean;
  /** Starts that have failed. */
  failures: number;
  image: string;
};

const CHANCE = { schedule: 0.6, start: 0.35, stop: 0.4, restart: 0.3, fail: 0.15, collect: 0.5 };
const CATCH_UP_BLOCKS = 30;
const TYPES = [SERVICES, CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS, SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS];

export class Fleet {
  /** Height of the chain, which others make. */
  chain = 1000;
  readonly processes = new Map<string, Process>();
  readonly #api: ModelApi;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #storage: FleetStorage;

  constructor(parts: { api: ModelApi; clock: Clock; random: Random; storage: FleetStorage }) {
    this.#storage = parts.storage;
    this.#api = parts.api;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** Half a second. */
  step(isBlock: boolean): void {
    if (isBlock) this.chain++;
    for (const pod of this.#api.list<Pod>(PODS)) this.#stepPod(pod);
    this.#storage.step();
    for (const { running, stuck, volume, image } of this.processes.values())
      if (running && !stuck)
        volume.height = Math.min(this.chain, volume.height + CATCH_UP_BLOCKS, this.#lastHeight(volume.height, image));
    if (this.#random.chance(CHANCE.collect)) this.#collectGarbage();
  }

  /** The process dies, and the kubelet starts it again in the same pod. */
  crash(podUid: string): void {
    const process = this.processes.get(podUid);
    if (process !== undefined) process.running = false;
  }

  /** As under pressure of memory: the pod stays as Failed. */
  evict(pod: Pod): void {
    this.crash(pod.metadata.uid as string);
    this.#setStatus(pod, { ...pod.status, phase: 'Failed', reason: 'Evicted', containerStatuses: [], conditions: [] });
  }

  /** The databases of a node are damaged, and it ends. */
  damage(process: Process): void {
    process.volume.damaged = true;
    process.running = false;
  }

  answer(pod: KubeObject, path: string): string {
    const process = this.processes.get(pod.metadata.uid as string);
    // Of the agent, which runs beside the node.
    if (path.startsWith('/databases') && process !== undefined)
      return JSON.stringify({
        databases: [{ name: 'state.db', ...(process.volume.damaged ? { broken: 'damaged' } : {}) }],
      });
    if (process?.running !== true) throw new Error('connect ECONNREFUSED');
    const result = (value: unknown) => JSON.stringify({ jsonrpc: '2.0', id: -1, result: value });
    if (path === '/net_info') return result({ listening: true, n_peers: '3', peers: [] });
    return result({
      sync_info: {
        latest_block_height: String(process.volume.height),
        latest_block_time: new Date(this.#clock.now()).toISOString(),
        catching_up: !this.isCurrent(process),
      },
      validator_info: { voting_power: '0' },
    });
  }

  /** The image that a node with such data needs. */
  imageAt(height: number): string | undefined {
    const [fullNode] = this.#api.list<CosmosFullNode>(COSMOS_FULL_NODES);
    const { versions = [] } = fullNode?.spec.chain ?? {};
    return versionAt(versions, reachedHeight(versions, height, undefined))?.image ?? fullNode?.spec.podTemplate.image;
  }

  /** A node stops at the height of an upgrade to another image than its own. */
  #lastHeight(height: number, image: string): number {
    const [fullNode] = this.#api.list<CosmosFullNode>(COSMOS_FULL_NODES);
    const next = fullNode?.spec.chain.versions?.find((version) => version.height >= height && version.height > 0);
    return next === undefined || next.image === image ? Number.POSITIVE_INFINITY : next.height;
  }

  isCurrent(process: Process | undefined): boolean {
    return process?.running === true && process.volume.height >= this.chain - 1;
  }

  #stepPod(pod: Pod): void {
    const uid = pod.metadata.uid as string;
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (!this.#random.chance(CHANCE.stop)) return;
      this.processes.delete(uid);
      this.#api.remove(PODS, keyOf(pod), 'system');
      return;
    }
    if (pod.status?.phase === 'Failed') return;
    if (pod.spec?.nodeName === undefined) {
      if (this.#random.chance(CHANCE.schedule))
        this.#api.edit(PODS, keyOf(pod), (copy) => {
          copy.spec = { ...copy.spec, nodeName: 'm0' };
        });
      return;
    }
    const process = this.processes.get(uid);
    if (process === undefined || !process.running) this.#start(pod, process);
    else this.#reportReady(pod, process);
  }

  #start(pod: Pod, before: Process | undefined): void {
    const process = before ?? this.#prepare(pod);
    if (process?.volume.damaged && !pod.spec?.containers.some(({ image }) => image === BAD_IMAGE)) {
      this.#failToStart(pod, process);
      return;
    }
    const restartCount = before === undefined ? 0 : 1;
    const hasVersions = pod.spec?.initContainers?.some(({ command }) => command?.includes('--resource')) === true;
    if (process !== undefined && hasVersions && this.imageAt(process.volume.height) !== process.image) {
      this.#failVersionCheck(pod, process);
      return;
    }
    const waitsFor = this.#whatItWaitsFor(pod, before, process);
    if (process === undefined || waitsFor !== undefined) {
      this.#setStatus(pod, {
        phase: before === undefined ? 'Pending' : 'Running',
        ...(pod.status?.podIP === undefined ? {} : { podIP: pod.status.podIP }),
        ...(pod.status?.startTime === undefined ? {} : { startTime: pod.status.startTime }),
        containerStatuses: [{ name: 'node', state: { waiting: { reason: waitsFor } }, restartCount }],
        conditions: [],
      });
      return;
    }
    process.running = true;
    this.processes.set(process.podUid, process);
    const now = new Date(this.#clock.now()).toISOString();
    this.#setStatus(pod, {
      phase: 'Running',
      podIP: pod.status?.podIP ?? '10.1.0.1',
      startTime: pod.status?.startTime ?? now,
      containerStatuses: [{ name: 'node', state: { running: { startedAt: now } }, restartCount }],
      conditions: [],
    });
  }

  /** It reports the height, and ends. */
  #failVersionCheck(pod: Pod, { volume }: Process): void {
    if (!this.#random.chance(CHANCE.fail)) return;
    const [fullNode] = this.#api.list<CosmosFullNode>(COSMOS_FULL_NODES);
    if (fullNode === undefined) return;
    const height = reachedHeight(fullNode.spec.chain.versions ?? [], volume.height, undefined);
    const status = { height: { [pod.metadata.name]: height } };
    this.#api.patch(COSMOS_FULL_NODES, keyOf(fullNode), { status }, 'system', 'status');
    const check = { name: 'version-check', restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } };
    this.#setStatus(pod, { ...pod.status, phase: 'Pending', initContainerStatuses: [check], containerStatuses: [] });
  }

  #failToStart(pod: Pod, process: Process): void {
    if (!this.#random.chance(CHANCE.fail)) return;
    this.processes.set(process.podUid, process);
    process.failures++;
    const waiting = { reason: 'CrashLoopBackOff' };
    const lastState = { terminated: { exitCode: 1, reason: 'Error' } };
    this.#setStatus(pod, {
      phase: 'Running',
      podIP: pod.status?.podIP ?? '10.1.0.1',
      startTime: pod.status?.startTime ?? new Date(this.#clock.now()).toISOString(),
      containerStatuses: [{ name: 'node', state: { waiting }, lastState, restartCount: process.failures }],
      conditions: [],
    });
  }

  #whatItWaitsFor(pod: Pod, before: Process | undefined, process: Process | undefined): string | undefined {
    if (pod.spec?.containers.some(({ image }) => image === BAD_IMAGE)) return 'ImagePullBackOff';
    if (process === undefined) return 'ContainerCreating';
    return this.#random.chance(before === undefined ? CHANCE.start : CHANCE.restart) ? undefined : 'PodInitializing';
  }

  /** What a pod mounts has to be there. */
  #prepare(pod: Pod): Process | undefined {
    const { namespace, name } = pod.metadata;
    const claimName = pod.spec?.volumes?.find((volume) => volume.name === 'vol-chain-home')?.persistentVolumeClaim
      ?.claimName;
    const claim = this.#api.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, { namespace, name: claimName ?? '' });
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined;
    if (this.#api.get(CONFIG_MAPS, { namespace, name }) === undefined) return undefined;
    const account = { namespace, name: pod.spec?.serviceAccountName ?? '' };
    if (this.#api.get(SERVICE_ACCOUNTS, account) === undefined) return undefined;
    const volume = this.#storage.volumeOf(claim);
    if (volume === undefined) return undefined;
    const podUid = pod.metadata.uid as string;
    const image = pod.spec?.containers.find((container) => container.name === 'node')?.image ?? '';
    return { image, podUid, claimName: claim.metadata.name, volume, running: false, stuck: false, failures: 0 };
  }

  #reportReady(pod: Pod, process: Process): void {
    const status = this.isCurrent(process) ? 'True' : 'False';
    if (pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === status) return;
    this.#setStatus(pod, { ...pod.status, conditions: [{ type: 'Ready', status }] });
  }

  #setStatus(pod: Pod, status: object): void {
    if (JSON.stringify(pod.status) === JSON.stringify(status)) return;
    this.#api.edit(PODS, keyOf(pod), (copy) => {
      copy.status = status as Record<string, unknown>;
    });
  }

  #collectGarbage(): void {
    const uids = this.#api.uids();
    for (const type of TYPES) {
      for (const object of this.#api.list(type)) {
        const owners = object.metadata.ownerReferences ?? [];
        if (owners.length > 0 && owners.every(({ uid }) => !uids.has(uid))) this.#delete(type, object);
      }
    }
  }

  #delete(type: ResourceType, object: KubeObject): void {
    this.#api.delete(type, keyOf(object), 'system');
  }
}
