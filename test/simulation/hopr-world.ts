/**
 * Pools, identities and clusters of HOPR in a world where every view is stale, any two passes run at once and the operator ends in the midst
 * of them; with a kubelet, a garbage collector and load balancers that take their time.
 */

import { planCluster } from '../../src/kinds/hopr/cluster-plan.ts';
import { buildClusterStatus } from '../../src/kinds/hopr/cluster-status.ts';
import { buildIdentityStatus, planIdentity } from '../../src/kinds/hopr/identity-plan.ts';
import { claimOf } from '../../src/kinds/hopr/node-observed.ts';
import { planNode } from '../../src/kinds/hopr/node-plan.ts';
import { buildNodeStatus } from '../../src/kinds/hopr/node-status.ts';
import { observeCluster, observeIdentity, observeNode, observePool } from '../../src/kinds/hopr/observe.ts';
import { buildPoolStatus, planPool } from '../../src/kinds/hopr/pool-plan.ts';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityHoprd,
  type IdentityPool,
} from '../../src/kinds/hopr/schema.ts';
import { type OwnStatus, patchStatus } from '../../src/kinds/hopr/status-writes.ts';
import type { HoprSettings } from '../../src/kinds/hopr-settings.ts';
import type { Deployment, Job, KubeObject, Pod, Service } from '../../src/kube/objects.ts';
import { keyOf } from '../../src/kube/objects.ts';
import {
  CRON_JOBS,
  DEPLOYMENTS,
  INGRESSES,
  JOBS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICE_MONITORS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { act } from '../../src/reconcile/act.ts';
import { type Change, formatChange } from '../../src/reconcile/change.ts';
import { createSurroundings, FOREIGN } from './hopr-surroundings.ts';
import { FOREGROUND, type MemoryApi } from './memory-api.ts';
import type { Random } from './random.ts';

const MANAGED: readonly ResourceType[] = [IDENTITY_POOLS, IDENTITY_HOPRDS, CLUSTER_HOPRDS, HOPRDS];
const CHILDREN: readonly ResourceType[] = [
  ...[SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, CRON_JOBS, SERVICE_MONITORS],
  ...[DEPLOYMENTS, INGRESSES, SERVICES, JOBS, PODS, PERSISTENT_VOLUME_CLAIMS, HOPRDS],
];
/** Keeps a pod that is deleted until its containers have ended. */
const KUBELET = 'model/kubelet';

export type Chance = Pick<Random, 'chance' | 'between' | 'pick'>;

export class HoprWorld {
  readonly api: MemoryApi;
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  readonly #random: Chance;
  readonly #settings: HoprSettings;
  /** Faults stop when this is false. */
  faulty = true;
  /** The operator ends after so many writes; another one takes its place when everybody had a turn. */
  writesLeft = Number.POSITIVE_INFINITY;
  /** Of all operators. */
  writes = 0;
  #time = Date.parse('2026-01-02T03:04:05Z');

  /** @param from a world that goes on from now as it is; otherwise a new one begins */
  constructor(random: Chance, settings: HoprSettings, from?: HoprWorld) {
    this.#random = random;
    this.#settings = settings;
    this.api = from === undefined ? createSurroundings() : from.api.fork();
    if (from !== undefined) this.#time = from.#time;
  }

  /** Several workers at once, or something of the world outside. */
  async step(): Promise<void> {
    this.#time += 1000;
    if (this.#random.chance(0.4)) this.#turnTheWorld();
    else {
      const resources = MANAGED.flatMap(({ kind }) => this.api.list(kind));
      const workers = this.faulty ? this.#random.between(1, 8) : 1;
      const chosen = resources.length === 0 ? [] : Array.from({ length: workers }, () => this.#random.pick(resources));
      await Promise.all([...new Set(chosen)].map((resource) => this.#reconcile(resource)));
    }
    this.#check();
  }

  /** Every resource once, then everything outside. Returns whether something has changed. */
  async settle(): Promise<boolean> {
    const before = JSON.stringify(
      MANAGED.flatMap(({ kind }) => this.api.list(kind)).map(({ metadata }) => metadata.resourceVersion),
    );
    for (const resource of MANAGED.flatMap(({ kind }) => this.api.list(kind))) await this.#reconcile(resource);
    const changed = [...Array(5)].map(() => this.#turnTheWorld(true)).includes(true);
    this.#check();
    const after = JSON.stringify(
      MANAGED.flatMap(({ kind }) => this.api.list(kind)).map(({ metadata }) => metadata.resourceVersion),
    );
    return changed || before !== after;
  }

  async #reconcile({ kind, metadata }: KubeObject): Promise<void> {
    const reader = this.api.reader(this.#caches());
    const type = MANAGED.find((candidate) => candidate.kind === kind) as ResourceType;
    const resource = await reader.get<KubeObject>(type, { namespace: metadata.namespace, name: metadata.name });
    if (resource === undefined) return;
    const endsAfter = this.faulty && this.#random.chance(0.2) ? this.#random.between(0, 3) : Number.POSITIVE_INFINITY;
    let sent = 0;
    const kube = this.api.kube(() => {
      if (sent >= endsAfter || this.writesLeft <= 0) return false;
      sent++;
      this.writesLeft--;
      this.writes++;
      return true;
    });
    const { changes, status } = await this.#plan(resource, reader);
    const outcome = await act(changes, { kube, fieldManager: 'test', residues: new Map() });
    for (const change of outcome.done) this.trace.push(`${metadata.name}: ${formatChange(change)}`);
    for (const { change, error } of outcome.failures)
      this.trace.push(`${metadata.name}: ${formatChange(change)} FAILED ${error}`);
    const patch = patchStatus(resource as Hoprd, status, new Date(this.#time), 3_600_000);
    if (patch === undefined) return;
    await kube
      .mergePatch(type, keyOf(resource), patch)
      .catch((error: Error) => this.trace.push(`status: ${error.message}`));
  }

  /** Caches of most types are up to date; each of the others is behind by as much as it likes. */
  #caches(): (kind: string) => number {
    const ages = new Map<string, number>();
    return (kind) => {
      const age = ages.get(kind) ?? (this.faulty && this.#random.chance(0.3) ? this.#random.between(1, 40) : 0);
      ages.set(kind, age);
      return age;
    };
  }

  async #plan(
    resource: KubeObject,
    reader: ReturnType<MemoryApi['reader']>,
  ): Promise<{ changes: Change[]; status: OwnStatus }> {
    const settings = this.#settings;
    const context = { now: new Date(this.#time), settings, residues: new Map<string, string>() };
    switch (resource.kind) {
      case 'IdentityPool': {
        const pool = resource as IdentityPool;
        const plan = planPool(pool, await observePool(pool, reader, settings, true), context);
        return { changes: plan.changes, status: buildPoolStatus(plan, undefined) };
      }
      case 'IdentityHoprd': {
        const identity = resource as IdentityHoprd;
        const observed = await observeIdentity(identity, reader, this.api.reader(), settings);
        const plan = planIdentity(identity, observed, context);
        return { changes: plan.changes, status: buildIdentityStatus(identity, plan, undefined) };
      }
      case 'ClusterHoprd': {
        const cluster = resource as ClusterHoprd;
        const plan = planCluster(cluster, await observeCluster(cluster, reader), context);
        return { changes: plan.changes, status: buildClusterStatus(cluster, plan, undefined) };
      }
      default: {
        const hoprd = resource as Hoprd;
        const plan = planNode(hoprd, await observeNode(hoprd, reader, this.api.reader(), settings), context);
        return { changes: plan.changes, status: buildNodeStatus(hoprd, plan, undefined) };
      }
    }
  }

  /** One thing, or with `all` everything that is due. Returns whether there was something. */
  #turnTheWorld(all = false): boolean {
    const due = [...this.#collectGarbage(), ...this.#runDeployments(), ...this.#runJobs(), ...this.#balance()];
    if (due.length === 0) return false;
    for (const work of all ? due : [this.#random.pick(due)]) work();
    return true;
  }

  /** Children without their owner, and what is deleted. */
  #collectGarbage(): (() => void)[] {
    const uids = new Set(
      [...MANAGED, DEPLOYMENTS, JOBS].flatMap(({ kind }) => this.api.list(kind)).map(({ metadata }) => metadata.uid),
    );
    return CHILDREN.flatMap((type) =>
      this.api.list(type.kind).flatMap((object) => {
        const { ownerReferences = [], deletionTimestamp, finalizers = [] } = object.metadata;
        const isOrphan = ownerReferences.length > 0 && ownerReferences.every(({ uid }) => !uids.has(uid));
        const owns = type === DEPLOYMENTS || type === JOBS ? this.#podsOf(object) : [];
        const mayGo = finalizers.every((name) => name === KUBELET || (name === FOREGROUND && owns.length === 0));
        if (deletionTimestamp !== undefined && mayGo) return [() => this.api.remove(type, keyOf(object))];
        return isOrphan && deletionTimestamp === undefined ? [() => void this.api.delete(type, keyOf(object))] : [];
      }),
    );
  }

  #podsOf(owner: KubeObject): Pod[] {
    return this.api.list<Pod>('Pod').filter(({ metadata }) => isOwned(metadata, owner));
  }

  #runDeployments(): (() => void)[] {
    return this.api.list<Deployment>('Deployment').flatMap((deployment) => {
      const key = keyOf(deployment);
      const template = deployment.spec?.template;
      const pods = this.#podsOf(deployment);
      const wanted = deployment.metadata.deletionTimestamp === undefined ? (deployment.spec?.replicas ?? 1) : 0;
      const stale = pods.filter((pod) => wanted === 0 || JSON.stringify(pod.spec) !== JSON.stringify(template?.spec));
      const going = stale.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      if (going.length > 0) return going.map((pod) => () => void this.api.delete(PODS, keyOf(pod)));
      // Recreate: the old pod ends first.
      if (pods.length === 0 && wanted === 1) return [() => this.#createPod(deployment)];
      const ready = pods.length;
      const { generation = 0, deletionTimestamp } = deployment.metadata;
      const { readyReplicas = 0, observedGeneration = 0 } = deployment.status ?? {};
      if (deletionTimestamp !== undefined || (readyReplicas === ready && observedGeneration >= generation)) return [];
      // Every write counts here, this one too.
      const status = { replicas: ready, readyReplicas: ready, observedGeneration: generation + 1 };
      return [() => void this.api.patch(DEPLOYMENTS, key, { status })];
    });
  }

  #createPod(deployment: Deployment): void {
    const { namespace, name, uid = '' } = deployment.metadata;
    const template = deployment.spec?.template;
    this.api.create(PODS, {
      ...{ apiVersion: 'v1', kind: 'Pod', spec: template?.spec, status: { phase: 'Running' } },
      metadata: {
        name: `${name}-${this.#random.between(0, 1e9)}`,
        namespace,
        labels: template?.metadata?.labels ?? {},
        finalizers: [KUBELET],
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }],
      },
    } as KubeObject);
  }

  #runJobs(): (() => void)[] {
    return this.api.list<Job>('Job').flatMap((job) => {
      const [pod] = this.#podsOf(job);
      if (job.metadata.deletionTimestamp !== undefined)
        return pod === undefined || pod.metadata.deletionTimestamp !== undefined
          ? []
          : [() => void this.api.delete(PODS, keyOf(pod))];
      if (job.status?.conditions !== undefined) return [];
      if (pod === undefined) return [() => this.#createPod(job as unknown as Deployment)];
      const conditions = [{ type: 'Complete', status: 'True' }];
      return [
        () => {
          this.api.patch(PODS, keyOf(pod), { status: { phase: 'Succeeded' } });
          this.api.patch(JOBS, keyOf(job), { status: { conditions } });
        },
      ];
    });
  }

  #balance(): (() => void)[] {
    return this.api
      .list<Service>('Service')
      .filter(({ spec, status }) => spec?.type === 'LoadBalancer' && status?.loadBalancer === undefined)
      .map((service) => () => {
        const ip = `198.51.100.${this.#random.between(1, 250)}`;
        this.api.patch(SERVICES, keyOf(service), { status: { loadBalancer: { ingress: [{ ip }] } } });
      });
  }

  /** What must hold at every moment. */
  #check(): void {
    this.#checkIdentities();
    this.#checkPorts();
  }

  #checkIdentities(): void {
    const users = new Map<string, string[]>();
    for (const { metadata, spec, status } of this.api.list<Pod>('Pod')) {
      const claim = claimOf(spec);
      if (claim === undefined || status?.phase === 'Succeeded') continue;
      users.set(claim, [...(users.get(claim) ?? []), metadata.name]);
    }
    for (const [claim, pods] of users)
      if (pods.length > 1) this.#violate(`${pods.join(' and ')} have identity ${claim}`);
    const deployments = this.api.list<Deployment>('Deployment').map(({ spec }) => claimOf(spec?.template.spec));
    const twice = deployments.find((claim, index) => claim !== undefined && deployments.indexOf(claim) !== index);
    if (twice !== undefined) this.#violate(`two Deployments have identity ${twice}`);
  }

  #checkPorts(): void {
    const owners = new Map<number, string>();
    for (const { metadata, spec } of this.api.list<Service>('Service')) {
      if (spec?.type !== 'ClusterIP') continue;
      for (const { name, port } of spec.ports ?? []) {
        if (!/^(p2p-tcp|sessiont)/.test(name ?? '')) continue;
        const other = owners.get(port);
        if (other !== undefined) this.#violate(`port ${port} belongs to ${other} and ${metadata.name}`);
        owners.set(port, metadata.name);
      }
    }
    const data = (this.api.list<KubeObject & { data: Record<string, string> }>('ConfigMap')[0]?.data ?? {}) as Record<
      string,
      string
    >;
    for (const [port, target] of Object.entries(FOREIGN))
      if (data[port] !== target) this.#violate(`the entry for port ${port} of other people is ${data[port]}`);
  }

  #violate(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what);
  }
}

function isOwned({ ownerReferences }: KubeObject['metadata'], owner: KubeObject): boolean {
  return ownerReferences?.some(({ uid }) => uid === owner.metadata.uid) === true;
}
