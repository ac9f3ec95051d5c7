/**
 * The plans of HOPR over many seeds: whatever is stale, lost or interrupted, no identity runs twice, no port leads to two nodes, and all is
 * as it should be in the end. More seeds: NODEWRIGHT_SIMULATION_SEEDS=500; one of them, with all that happened: NODEWRIGHT_SIMULATION_SEED=17.
 */
import { expect, test } from 'vitest';
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
import {
  writtenCluster,
  writtenIdentity,
  writtenPool,
  writtenSettings,
} from '../../src/kinds/hopr/written-resources.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { keyOf } from '../../src/kube/objects.ts';
import { HoprWorld } from './hopr-world.ts';
import { createRandom, type Random } from './random.ts';

const { NODEWRIGHT_SIMULATION_SEED: one, NODEWRIGHT_SIMULATION_SEEDS: count = '10' } = process.env;
const seeds = one === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(one)];
const wideSettings = { ...writtenSettings(), ingress: { ...writtenSettings().ingress, portMax: 10_000 } };

/** As a person sends it. */
function plain<T extends KubeObject>(resource: T): T {
  const { uid: _uid, resourceVersion: _version, ...metadata } = resource.metadata;
  return { ...resource, metadata };
}

function createPool(world: HoprWorld, identities: number): void {
  world.api.create(IDENTITY_POOLS, plain(writtenPool()));
  for (let index = 1; index <= identities; index++)
    world.api.create(IDENTITY_HOPRDS, plain(writtenIdentity({}, `pool-${index}`)));
}

async function converge(world: HoprWorld): Promise<void> {
  world.faulty = false;
  let rounds = 0;
  while (await world.settle()) if (++rounds > 200) throw new Error(`no end\n${world.trace.slice(-40).join('\n')}`);
}

function expectAllWell(world: HoprWorld): void {
  expect(world.violations, world.trace.slice(one === undefined ? -60 : 0).join('\n')).toEqual([]);
  const nodes = world.api.list<Hoprd>('Hoprd');
  const identities = world.api.list<IdentityHoprd>('IdentityHoprd');
  for (const cluster of world.api.list<ClusterHoprd>('ClusterHoprd')) {
    const own = nodes.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === cluster.metadata.name);
    expect(own.map(({ metadata }) => metadata.name)).toHaveLength(cluster.spec.replicas);
    expect(cluster.status?.currentNodes).toBe(cluster.spec.replicas);
    expect(own.map(({ spec }) => spec.version)).toEqual(own.map(() => cluster.spec.version));
  }
  const held = identities.flatMap(({ status }) => status?.hoprdNodeName ?? []);
  expect(new Set(held).size).toBe(held.length);
  const running = nodes.filter(({ status }) => status?.identityName !== undefined);
  expect(
    running.map(({ status }) => status?.phase).filter((phase) => phase !== 'Running' && phase !== 'Stopped'),
  ).toEqual([]);
  expect(
    running.length,
    JSON.stringify(
      nodes.map(({ metadata, status }) => [metadata.name, status]),
      null,
      1,
    ),
  ).toBe(Math.min(nodes.length, identities.length));
  expect(held.sort()).toEqual(running.map(({ metadata }) => metadata.name).sort());
  const [pool] = world.api.list<IdentityPool>('IdentityPool');
  expect([pool?.status?.size, pool?.status?.locked]).toEqual([identities.length, held.length]);
  const [tcp, udp] = world.api.list<KubeObject & { data: Record<string, string> }>('ConfigMap');
  const targets = (data: Record<string, string> = {}) =>
    Object.values(data).filter((target) => target.startsWith('team/'));
  expect(targets(tcp?.data)).toEqual(targets(udp?.data));
  const withPorts = new Set(targets(tcp?.data).map((target) => target.slice('team/'.length).split(':')[0]));
  expect([...withPorts].sort()).toEqual(
    running
      .filter(({ spec }) => spec.service?.type !== 'LoadBalancer')
      .map(({ metadata }) => metadata.name)
      .sort(),
  );
}

test.each(seeds)('seed %i: 20 clusters at once on 60 identities', { timeout: 300_000 }, async (seed) => {
  const world = new HoprWorld(createRandom(seed), wideSettings);
  createPool(world, 60);
  for (let index = 1; index <= 20; index++)
    world.api.create(CLUSTER_HOPRDS, plain(writtenCluster({ replicas: 3, portsAllocation: 5 }, `c${index}`)));
  for (let step = 0; step < 600; step++) await world.step();
  await converge(world);
  expectAllWell(world);
  expect(world.api.list<Hoprd>('Hoprd').filter(({ status }) => status?.phase === 'Running')).toHaveLength(60);
});

test.each(seeds)('seed %i: people change their minds', { timeout: 300_000 }, async (seed) => {
  const random = createRandom(seed);
  const world = new HoprWorld(random, writtenSettings());
  createPool(world, 6);
  world.api.create(CLUSTER_HOPRDS, plain(writtenCluster({ replicas: 2, portsAllocation: 5 }, 'a')));
  const balanced = { service: { type: 'LoadBalancer' as const } };
  world.api.create(CLUSTER_HOPRDS, plain(writtenCluster({ replicas: 1, ...balanced }, 'b')));
  for (let step = 0; step < 600; step++) {
    if (random.chance(0.05)) changeSomething(world, random, step);
    await world.step();
  }
  await converge(world);
  expectAllWell(world);
});

function changeSomething(world: HoprWorld, random: Random, step: number): void {
  const { api } = world;
  const clusters = api
    .list<ClusterHoprd>('ClusterHoprd')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const nodes = api.list<Hoprd>('Hoprd');
  const edit = (spec: object) => {
    if (clusters.length > 0) api.patch(CLUSTER_HOPRDS, keyOf(random.pick(clusters)), { spec });
  };
  const deleteOne = (list: KubeObject[], type: typeof HOPRDS) => {
    if (list.length > 0) api.delete(type, keyOf(random.pick(list)));
  };
  const actions: Record<string, () => void> = {
    scale: () => edit({ replicas: random.between(0, 4) }),
    version: () => edit({ version: `2.1.${step}` }),
    release: () => edit({ supportedRelease: random.pick(['saint-louis', 'kaunas']) }),
    ports: () => edit({ portsAllocation: random.between(1, 8) }),
    enable: () => edit({ enabled: random.chance(0.6) }),
    deleteNode: () => deleteOne(nodes, HOPRDS),
    deleteDatabase: () => {
      if (nodes.length > 0) api.patch(HOPRDS, keyOf(random.pick(nodes)), { spec: { deleteDatabase: true } });
    },
    deleteIdentity: () => deleteOne(api.list('IdentityHoprd'), IDENTITY_HOPRDS),
    addIdentity: () => void api.create(IDENTITY_HOPRDS, plain(writtenIdentity({}, `pool-x${step}`))),
    deleteCluster: () => deleteOne(clusters, CLUSTER_HOPRDS),
    addCluster: () => void api.create(CLUSTER_HOPRDS, plain(writtenCluster({ replicas: 1 }, `n${step}`))),
  };
  const name = random.pick(Object.keys(actions));
  world.trace.push(`-- ${name}`);
  actions[name]?.();
}
