/**
 * The rest of Kubernetes: scheduler, kubelets, garbage collection, protection of claims, removal of the pods of a machine that is gone.
 * Everything takes a random while. A lost machine confirms nothing, and what ran on it may go on running.
 */
import { parseToml } from '../../src/formats/toml.ts';
import type { ConfigMap, KubeObject, PersistentVolumeClaim, Pod, Secret } from '../../src/kube/objects.ts';
import { keyOf } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SECRETS,
} from '../../src/kube/resource-types.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Loose, ModelApi } from './model-api.ts';
import { ModelChains, type Process, type Volume } from './model-chain.ts';
import type { Random } from './random.ts';

export type Machine = { name: string; state: 'up' | 'lost' | 'gone'; since: number };

/** Image that no registry has, and a setting with which the node ends at once. */
export const BAD_IMAGE = 'cometbft:does-not-exist';
export const CRASHING_LEVEL = 'crash';
/** The init step refuses any other key. */
const EXPECT_VALIDATOR = '--expect-validator';

/** Chances per step of half a second. */
const CHANCE = { schedule: 0.6, start: 0.4, stop: 0.4, restart: 0.25, collect: 0.5 };
const EVICT_FROM_LOST_AFTER_MS = 40_000;

export class ModelMachines {
  readonly machines: Machine[];
  readonly volumes = new Map<string, Volume>();
  readonly #api: ModelApi;
  readonly #chains: ModelChains;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Pods whose settings make the node end at once. */
  readonly #crashing = new Set<string>();
  #ips = 0;

  constructor(parts: { api: ModelApi; chains: ModelChains; clock: Clock; random: Random; machines: number }) {
    this.#api = parts.api;
    this.#chains = parts.chains;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.machines = Array.from({ length: parts.machines }, (_, index) => ({
      name: `m${index}`,
      state: 'up',
      since: 0,
    }));
  }

  step(): void {
    for (const pod of this.#api.list<Pod>(PODS)) this.#stepPod(pod);
    for (const claim of this.#api.list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS)) this.#stepClaim(claim);
    if (this.#random.chance(CHANCE.collect)) this.#collectGarbage();
  }

  /** The process dies; the kubelet starts it again in the same pod. */
  crash(podUid: string): void {
    this.#chains.stop(podUid);
  }

  /** As under pressure of memory: the process ends, and the pod stays as Failed. */
  evict(pod: Pod): void {
    this.#chains.stop(pod.metadata.uid as string);
    this.#setStatus(pod, { ...pod.status, phase: 'Failed', reason: 'Evicted', containerStatuses: [], conditions: [] });
  }

  lose(machine: Machine, processesDie: boolean): void {
    machine.state = 'lost';
    machine.since = this.#clock.now();
    if (!processesDie) return;
    for (const pod of this.#podsOn(machine)) this.#chains.stop(pod.metadata.uid as string);
  }

  comeBack(machine: Machine): void {
    machine.state = 'up';
  }

  /** A person has made certain that the machine is off, and deletes its Node: its pods go without any confirmation. */
  deleteNode(machine: Machine): void {
    for (const pod of this.#podsOn(machine)) {
      this.#chains.stop(pod.metadata.uid as string);
      this.#api.remove(PODS, keyOf(pod), 'system');
    }
    machine.state = 'up';
  }

  isReachable(pod: KubeObject): boolean {
    const { nodeName } = (pod as Pod).spec ?? {};
    return this.machines.some(({ name, state }) => name === nodeName && state === 'up');
  }

  #podsOn(machine: Machine): Pod[] {
    return this.#api.list<Pod>(PODS).filter((pod) => pod.spec?.nodeName === machine.name);
  }

  #stepPod(pod: Pod): void {
    const machine = this.machines.find(({ name }) => name === pod.spec?.nodeName);
    if (machine === undefined) {
      if (pod.metadata.deletionTimestamp === undefined) this.#schedule(pod);
      return;
    }
    if (machine.state !== 'up') {
      const overdue = this.#clock.now() - machine.since > EVICT_FROM_LOST_AFTER_MS;
      if (overdue && pod.metadata.deletionTimestamp === undefined) this.#api.delete(PODS, keyOf(pod), 'system');
      return;
    }
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (!this.#random.chance(CHANCE.stop)) return;
      this.#chains.stop(pod.metadata.uid as string);
      this.#api.remove(PODS, keyOf(pod), 'system');
      return;
    }
    if (pod.status?.phase === 'Failed') return;
    const process = this.#chains.processes.get(pod.metadata.uid as string);
    if (process === undefined || !process.running) this.#startProcess(pod, process);
    else this.#reportReady(pod, process);
  }

  #schedule(pod: Pod): void {
    if (!this.#random.chance(CHANCE.schedule)) return;
    const claim = this.#api.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, keyOf(pod));
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
    const up = this.machines.filter(({ state }) => state === 'up');
    if (up.length === 0) return;
    const { name } = this.#random.pick(up);
    this.#api.edit(PODS, keyOf(pod), (copy) => {
      copy.spec = { ...copy.spec, nodeName: name };
    });
  }

  #startProcess(pod: Pod, before: Process | undefined): void {
    const { process, waitsFor } = this.#nextStart(pod, before);
    const restartCount = before === undefined ? 0 : 1;
    if (process === undefined) {
      this.#setStatus(pod, {
        phase: before === undefined ? 'Pending' : 'Running',
        ...(pod.status?.podIP === undefined ? {} : { podIP: pod.status.podIP }),
        containerStatuses: [{ name: 'node', state: { waiting: { reason: waitsFor } }, restartCount }],
        conditions: [],
      });
      return;
    }
    this.#chains.start({ ...process, startedAt: this.#clock.now() });
    const now = new Date(this.#clock.now()).toISOString();
    this.#setStatus(pod, {
      phase: 'Running',
      podIP: pod.status?.podIP ?? `10.1.0.${this.#ips++}`,
      startTime: pod.status?.startTime ?? now,
      containerStatuses: [{ name: 'node', state: { running: { startedAt: now } }, restartCount }],
      conditions: [],
    });
  }

  /** The process that starts now, or what the kubelet says of the container meanwhile. */
  #nextStart(pod: Pod, before: Process | undefined): { process?: Process; waitsFor?: string } {
    if (pod.spec?.containers.some(({ image }) => image === BAD_IMAGE)) return { waitsFor: 'ImagePullBackOff' };
    const process = before ?? this.#prepare(pod);
    if (process === undefined) return { waitsFor: 'ContainerCreating' };
    if (this.#crashing.has(process.podUid)) return { waitsFor: 'CrashLoopBackOff' };
    const starts = this.#random.chance(before === undefined ? CHANCE.start : CHANCE.restart);
    return starts ? { process } : { waitsFor: 'PodInitializing' };
  }

  /** The first start in a pod: what is mounted then stays, also for later starts in the same pod. */
  #prepare(pod: Pod): Process | undefined {
    const files = this.#mounts(pod);
    const volume = this.#volumeOf(pod);
    if (files === undefined || volume === undefined) return undefined;
    const validator = files.validatorKey === undefined ? undefined : ModelChains.readKey(files.validatorKey);
    const { command = [] } = pod.spec?.initContainers?.[0] ?? {};
    const expected = command.includes(EXPECT_VALIDATOR) ? command[command.indexOf(EXPECT_VALIDATOR) + 1] : undefined;
    if (validator?.address !== expected) return undefined;
    const podUid = pod.metadata.uid as string;
    if (parseToml(files.config, 'config.toml').log_level === CRASHING_LEVEL) this.#crashing.add(podUid);
    volume.chain ??= this.#chains.of(files.genesis);
    return {
      podUid,
      namespace: pod.metadata.namespace as string,
      podName: pod.metadata.name,
      nodeId: 'a'.repeat(40),
      validator,
      volume,
      chain: volume.chain,
      running: false,
      startedAt: 0,
    };
  }

  /** What the pod's volumes hold at this moment; undefined while something that they name is missing. */
  #mounts(pod: Pod): { config: string; genesis: string; validatorKey: string | undefined } | undefined {
    const { namespace } = pod.metadata;
    const volumes = new Map((pod.spec?.volumes ?? []).map((volume) => [volume.name, volume]));
    const configMap = (name: string | undefined) =>
      name === undefined ? undefined : this.#api.get<ConfigMap>(CONFIG_MAPS, { namespace, name });
    const config = configMap(volumes.get('config')?.configMap?.name)?.data?.['config.toml'];
    const source = volumes.get('genesis')?.configMap;
    const genesis = configMap(source?.name)?.data?.[source?.items?.[0]?.key ?? ''];
    let validatorKey: string | undefined;
    for (const { secret } of volumes.get('secrets')?.projected?.sources ?? []) {
      const found = this.#api.get<Secret>(SECRETS, { namespace, name: secret?.name ?? '' });
      for (const { key, path } of secret?.items ?? []) {
        const data = found?.data?.[key];
        if (data === undefined) return undefined;
        if (path === 'priv_validator_key.json') validatorKey = Buffer.from(data, 'base64').toString();
      }
    }
    return config === undefined || genesis === undefined ? undefined : { config, genesis, validatorKey };
  }

  #volumeOf(pod: Pod): Volume | undefined {
    const uid = this.#api.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, keyOf(pod))?.metadata.uid;
    if (uid === undefined) return undefined;
    const volume = this.volumes.get(uid) ?? { claimUid: uid, chain: undefined, height: 0, signed: new Map() };
    this.volumes.set(uid, volume);
    return volume;
  }

  #reportReady(pod: Pod, process: Process): void {
    const ready = process.volume.height >= process.chain.height ? 'True' : 'False';
    if (pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === ready) return;
    this.#setStatus(pod, { ...pod.status, conditions: [{ type: 'Ready', status: ready }] });
  }

  #setStatus(pod: Pod, status: object): void {
    if (JSON.stringify(pod.status) === JSON.stringify(status)) return;
    this.#api.edit(PODS, keyOf(pod), (copy) => {
      copy.status = status as Record<string, unknown>;
    });
  }

  #stepClaim(claim: PersistentVolumeClaim): void {
    const key = keyOf(claim);
    if (claim.metadata.deletionTimestamp !== undefined) {
      const used = this.#api
        .list<Pod>(PODS, key.namespace)
        .some((pod) => pod.metadata.name === key.name && pod.status?.phase !== 'Failed');
      if (used || !this.#random.chance(CHANCE.stop)) return;
      this.#api.remove(PERSISTENT_VOLUME_CLAIMS, key, 'system');
    } else if (claim.status?.phase !== 'Bound') {
      this.#api.edit(PERSISTENT_VOLUME_CLAIMS, key, (copy) => {
        copy.status = { phase: 'Bound' };
      });
    }
  }

  #collectGarbage(): void {
    const uids = this.#api.uids();
    for (const { type, object } of this.#api.all()) {
      const owners = object.metadata.ownerReferences ?? [];
      if (owners.length === 0 || owners.some(({ uid }) => uids.has(uid))) continue;
      const [group = '', plural = ''] = type.split('/');
      this.#api.delete(asType(group, plural, object), keyOf(object), 'system');
    }
  }
}

const KNOWN = new Map([PODS, SECRETS, CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS].map((type) => [type.plural, type]));

function asType(group: string, plural: string, object: Loose): ResourceType {
  return KNOWN.get(plural) ?? { group, version: 'v1', kind: object.kind, plural, namespaced: true };
}
