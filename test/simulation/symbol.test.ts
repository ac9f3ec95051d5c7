/**
 * A Symbol node that harvests and votes, over many seeds: whatever is stale, lost or interrupted and whatever people do, no key and no volume is
 * lost, the node is stopped only for a reason that has a name, no two transactions are under way at once, and all is as it should be in the end. More
 * seeds: NODEWRIGHT_SIMULATION_SEEDS=500; one of them, with all that happened: NODEWRIGHT_SIMULATION_SEED=17.
 */
import { afterAll, expect, test } from 'vitest';
import { SYMBOL_NODES } from '../../src/kinds/symbol-node/schema.ts';
import { type KubeObject, keyOf } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, PODS, type ResourceType, SERVICES, STATEFUL_SETS } from '../../src/kube/resource-types.ts';
import { createRandom, type Random } from './random.ts';
import { NODE, SymbolWorld } from './symbol-world.ts';

const { NODEWRIGHT_SIMULATION_SEED: one, NODEWRIGHT_SIMULATION_SEEDS: count = '3' } = process.env;
const seeds = one === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(one)];
const HOUR = 3600;
const counts = new Map<string, number>();

test.each(seeds)('seed %i', { timeout: 300_000 }, async (seed) => {
  const random = createRandom(seed);
  const world = new SymbolWorld(random, seed % 2 === 0);
  const trace = () => world.trace.slice(one === undefined ? -30 : 0).join('\n');
  for (let step = 0; step < 300; step++) {
    if (random.chance(0.06)) changeSomething(world, random, step);
    if (world.resource === undefined && random.chance(0.2)) world.create();
    await world.step(random.pick([1, 4, 4, 4, 30, 30, 300, 300, HOUR, 24 * HOUR, 96 * HOUR]));
    expect(world.violations, trace()).toEqual([]);
  }

  world.faulty = false;
  if (world.resource === undefined) world.create();
  for (let step = 0; step < 5 && world.resource?.metadata.deletionTimestamp !== undefined; step++) await world.step(4);
  if (world.resource === undefined) world.create();
  world.edit({
    metadata: { annotations: null },
    spec: { image: 'catapult:9', features: ['HARVESTER', 'VOTER'], overrides: null, replicas: 1, requests: null },
  });
  world.edit({ spec: { accounts: { links: 'Announce' }, recovery: { maxAttempts: 20 } } });
  // A transaction that nobody took is made anew after its deadline only, which is two days away for a bonded one.
  for (let step = 0; step < 300; step++) await world.step(step < 50 || step % 4 > 0 ? 4 : HOUR);
  const plan = await world.step(4);
  expect(world.violations, trace()).toEqual([]);
  expect([plan?.changes, plan?.waits, plan?.problems], trace()).toEqual([[], [], []]);
  expect(world.pod()?.spec?.containers[0]?.image).toBe('catapult:9');
  const { status } = world.resource ?? {};
  expect(status?.links, trace()).toMatchObject({ state: 'Linked' });
  expect(status?.conditions?.filter(({ status }) => status !== 'True')).toEqual([]);
  for (const [what, times] of [...world.counts, ['confirmed', world.chain.confirmed] as const])
    counts.set(what, (counts.get(what) ?? 0) + times);
});

// A world in which nothing happens would prove nothing.
afterAll(() => {
  if (one !== undefined) return;
  for (const what of ['crash', 'restart of the operator', 'restart of the node', 'recoveries exhausted', 'confirmed'])
    expect(counts.get(what) ?? 0, what).toBeGreaterThan(seeds.length / 2);
});

function changeSomething(world: SymbolWorld, random: Random, step: number): void {
  const { api } = world;
  const remove = (type: ResourceType) => {
    const objects = api.list<KubeObject>(type.kind).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (objects.length > 0) api.delete(type, keyOf(random.pick(objects)));
  };
  const ask = (name: string, more: object = {}) =>
    world.edit({ spec: { requests: { [name]: { id: `${step}`, ...more } } } });
  const actions: Record<string, () => void> = {
    image: () => world.edit({ spec: { image: `catapult:${random.between(1, 9)}` } }),
    host: () => world.edit({ spec: { hostName: random.pick(['', 'a.example', 'b.example']) } }),
    badOverride: () => world.edit({ spec: { overrides: { node: { localnode: { hots: 'x' } } } } }),
    goodOverride: () =>
      world.edit({ spec: { overrides: { node: { localnode: { hots: null, version: `${step}` } } } } }),
    features: () => world.edit({ spec: { features: random.pick([['VOTER'], ['HARVESTER', 'VOTER'], ['HARVESTER']]) } }),
    links: () =>
      world.edit({ spec: { accounts: { links: random.pick(['Prepare', 'Sign', 'Announce', 'Announce']) } } }),
    replicas: () => world.edit({ spec: { replicas: random.between(0, 1) } }),
    resync: () => ask('resync'),
    renewCertificates: () => ask('renewCertificates'),
    newNodeKey: () => ask('renewCertificates', { newNodeKey: true }),
    renewVotingKeys: () => ask('renewVotingKeys'),
    updatePackage: () => ask('updatePackage'),
    restart: () => world.edit({ metadata: { annotations: { 'nodewright.dev/restartedAt': String(step) } } }),
    pause: () => world.edit({ metadata: { annotations: { 'nodewright.dev/paused': String(random.chance(0.3)) } } }),
    crash: () => world.crash(),
    crashAgain: () => world.crash(),
    restartOperator: () => world.restartOperator(),
    deletePod: () => remove(PODS),
    deleteStatefulSet: () => remove(STATEFUL_SETS),
    deleteService: () => remove(SERVICES),
    editConfigMap: () => {
      if (api.list<KubeObject>('ConfigMap').some(({ metadata }) => metadata.name === `resources-${NODE}`))
        api.patch(
          CONFIG_MAPS,
          { namespace: 'symbol', name: `resources-${NODE}` },
          { data: { 'config-node.properties': '' } },
        );
    },
    deleteResource: () => remove(SYMBOL_NODES),
  };
  const name = random.pick(Object.keys(actions));
  world.trace.push(`-- ${name}`);
  actions[name]?.();
}
