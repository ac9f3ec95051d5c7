/**
 * The order of writes in the life of a pool, an identity and a node: that of the HOPR operator in a live run, and that of our plans when each is
 * carried out before the next is made. Writes of the resources themselves are left out: their statuses and finalizers are written another way.
 */

import { buildIdentityStatus, planIdentity } from '../src/kinds/hopr/identity-plan.ts';
import { planNode } from '../src/kinds/hopr/node-plan.ts';
import { buildNodeStatus } from '../src/kinds/hopr/node-status.ts';
import { observeIdentity, observeNode, observePool } from '../src/kinds/hopr/observe.ts';
import { buildPoolStatus, planPool } from '../src/kinds/hopr/pool-plan.ts';
import {
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityHoprd,
  type IdentityPool,
} from '../src/kinds/hopr/schema.ts';
import { type OwnStatus, patchStatus } from '../src/kinds/hopr/status-writes.ts';
import { writtenHoprd, writtenIdentity, writtenPool, writtenSettings } from '../src/kinds/hopr/written-resources.ts';
import { type Deployment, type KubeObject, keyOf, type Service } from '../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  CRON_JOBS,
  DEPLOYMENTS,
  INGRESSES,
  type ResourceType,
  SECRETS,
  SERVICE_MONITORS,
  SERVICES,
} from '../src/kube/resource-types.ts';
import { act } from '../src/reconcile/act.ts';
import type { Change } from '../src/reconcile/change.ts';
import { MemoryApi } from '../test/simulation/memory-api.ts';
import type { Family } from './family.ts';

/** Lines of one stretch of a run, without names and times. */
type Stretch = { life: string; writes: string[] };

const NOW = new Date('2026-01-01T00:00:00Z');
const SETTLED_AFTER = 20;

/** Where a stretch begins and ends in the file, and what of it belongs to another resource. */
const STRETCHES: { life: string; from: RegExp; to: RegExp; of: RegExp }[] = [
  {
    life: 'a pool is made',
    from: /patch identitypools\/hoprd-core-rotsee 200$/,
    to: /create cronjobs\//,
    of: /(create) (\w+)\//,
  },
  {
    life: 'a node behind the ingress controller is made',
    from: /patch identityhoprds\/\S+ 200 hoprdNodeName=hoprd-core-rotsee-2 phase=InUse/,
    to: /create deployments\/hoprd-core-rotsee-2 /,
    of: /(patch|create) (identityhoprds|configmaps|ingresses|services|deployments)\/(?!hoprd-core-rotsee-1 )/,
  },
  {
    life: 'a node behind the ingress controller is deleted',
    from: /patch hoprds\/hoprd-core-rotsee-2 200 \S+ phase=Deleting/,
    to: /patch identityhoprds\/hoprd-core-rotsee-2 200 hoprdNodeName=None/,
    of: /(patch|delete) (identityhoprds|configmaps|ingresses|services|deployments)\//,
  },
  {
    life: 'a node with load balancers is made',
    from: /patch identityhoprds\/\S+ 200 hoprdNodeName=lb-node phase=InUse/,
    to: /create deployments\/lb-node /,
    of: /(patch|create) (identityhoprds|configmaps|ingresses|services|deployments)\//,
  },
  {
    life: 'a node with load balancers is deleted',
    from: /patch hoprds\/lb-node 200 \S+ phase=Deleting/,
    to: /patch identityhoprds\/zid-1 200 hoprdNodeName=None/,
    of: /(patch|delete) (identityhoprds|configmaps|ingresses|services|deployments)\//,
  },
  {
    life: 'a pool is deleted',
    from: /delete servicemonitors\/hoprd-core-rotsee/,
    to: /delete cronjobs\//,
    of: /(delete) (\w+)\//,
  },
];

/** The stretches that a file of writes has. */
export function listStretches(text: string): Stretch[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^#| event /.test(line))
    .map((line) => line.replace(/ +/g, ' '));
  return STRETCHES.flatMap(({ life, from, to, of }) => {
    const start = lines.findIndex((line) => from.test(line));
    const length = lines.slice(Math.max(0, start)).findIndex((line) => to.test(line));
    if (start < 0 || length < 0) return [];
    const writes = lines.slice(start, start + length + 1).flatMap((line) => {
      const [, verb, resources] = of.exec(line) ?? [];
      return verb === undefined ? [] : [`${verb} ${resources}`];
    });
    return [{ life, writes }];
  });
}

/** Checks the given stretches against ours of the same name. */
export const compareWrites: Family['vectors'][string] = (stretches) =>
  (stretches as Stretch[]).map(({ life, writes }) => ({ input: life, ours: lives.get(life), theirs: writes }));

async function playLives(): Promise<Map<string, string[]>> {
  const world = new World();
  const played = new Map<string, string[]>();
  const stretch = async (life: string, work: () => void) => {
    world.writes = [];
    work();
    await world.settle();
    played.set(life, [...world.writes]);
  };
  await stretch('a pool is made', () => world.create(IDENTITY_POOLS, writtenPool()));
  world.create(IDENTITY_HOPRDS, writtenIdentity());
  await world.settle();
  for (const [type, kind] of [
    ['ClusterIP', 'behind the ingress controller'],
    ['LoadBalancer', 'with load balancers'],
  ] as const) {
    await stretch(`a node ${kind} is made`, () => world.create(HOPRDS, writtenHoprd({ service: { type } }, 'node')));
    await stretch(`a node ${kind} is deleted`, () => world.delete(HOPRDS, 'node'));
  }
  world.delete(IDENTITY_HOPRDS, 'pool-1');
  await stretch('a pool is deleted', () => world.delete(IDENTITY_POOLS, 'pool'));
  return played;
}

/** A model cluster in which whatever is asked for happens at once. */
class World {
  readonly #api = new MemoryApi();
  readonly #settings = writtenSettings();
  writes: string[] = [];

  constructor() {
    const data = { DEPLOYER_PRIVATE_KEY: 'eA==', IDENTITY_PASSWORD: 'eA==', HOPRD_API_TOKEN: 'eA==' };
    const wallet = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'team', name: 'wallet' }, data };
    this.#api.create(SECRETS, wallet as KubeObject);
    for (const name of ['ingress-nginx-tcp', 'ingress-nginx-udp']) {
      const metadata = { namespace: 'ingress-nginx', name };
      this.#api.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} } as KubeObject);
    }
  }

  create(type: ResourceType, resource: KubeObject): void {
    const { name } = resource.metadata;
    this.#api.create(type, { ...resource, metadata: { name, namespace: 'team' } });
  }

  delete(type: ResourceType, name: string): void {
    this.#api.delete(type, { namespace: 'team', name });
  }

  async settle(): Promise<void> {
    for (let round = 0; round < SETTLED_AFTER; round++) {
      for (const pool of this.#api.list<IdentityPool>('IdentityPool')) await this.#passOverPool(pool);
      for (const identity of this.#api.list<IdentityHoprd>('IdentityHoprd')) await this.#passOverIdentity(identity);
      for (const hoprd of this.#api.list<Hoprd>('Hoprd')) await this.#passOverNode(hoprd);
      this.#turn();
    }
  }

  async #passOverPool(pool: IdentityPool): Promise<void> {
    const plan = planPool(pool, await observePool(pool, this.#api.reader(), this.#settings, true), this.#context());
    await this.#carryOut(IDENTITY_POOLS, pool, plan.changes, buildPoolStatus(plan, undefined));
  }

  async #passOverIdentity(identity: IdentityHoprd): Promise<void> {
    const reader = this.#api.reader();
    const plan = planIdentity(
      identity,
      await observeIdentity(identity, reader, reader, this.#settings),
      this.#context(),
    );
    await this.#carryOut(IDENTITY_HOPRDS, identity, plan.changes, buildIdentityStatus(identity, plan, undefined));
  }

  async #passOverNode(hoprd: Hoprd): Promise<void> {
    const reader = this.#api.reader();
    const plan = planNode(hoprd, await observeNode(hoprd, reader, reader, this.#settings), this.#context());
    await this.#carryOut(HOPRDS, hoprd, plan.changes, buildNodeStatus(hoprd, plan, undefined));
  }

  #context() {
    return { now: NOW, settings: this.#settings, residues: new Map<string, string>() };
  }

  async #carryOut(type: ResourceType, resource: KubeObject, changes: Change[], status: OwnStatus): Promise<void> {
    const outcome = await act(changes, {
      kube: this.#api.kube(() => true),
      fieldManager: 'conform',
      residues: new Map(),
    });
    for (const change of outcome.done) if (change.type !== type) this.writes.push(describeWrite(change));
    const patch =
      outcome.done.length > 0 ? undefined : patchStatus(resource as Hoprd, status, NOW, Number.POSITIVE_INFINITY);
    if (patch !== undefined) this.#api.patch(type, keyOf(resource), patch);
  }

  /** Load balancers get addresses, and what is deleted goes. */
  #turn(): void {
    for (const service of this.#api.list<Service>('Service'))
      if (service.spec?.type === 'LoadBalancer' && service.status === undefined)
        this.#api.patch(SERVICES, keyOf(service), { status: { loadBalancer: { ingress: [{ ip: '198.51.100.4' }] } } });
    for (const type of [DEPLOYMENTS, SERVICES, SERVICE_MONITORS, CRON_JOBS, INGRESSES])
      for (const object of this.#api.list<Deployment>(type.kind))
        if (object.metadata.deletionTimestamp !== undefined) this.#api.remove(type, keyOf(object));
  }
}

function describeWrite({ verb, type, ...change }: Change): string {
  const isNew = verb === 'apply' && 'isNew' in change && change.isNew;
  return `${isNew ? 'create' : verb} ${type.plural}`;
}

const lives = await playLives();
