/**
 * Scheduled snapshots over many seeds: whatever is stale, lost or interrupted and whatever people do, a node that is away comes back in
 * time, no snapshot is labelled wrongly, and no good one goes for a bad one. More seeds: NODEWRIGHT_SIMULATION_SEEDS=500; one of
 * them, with all that happened: NODEWRIGHT_SIMULATION_SEED=17.
 */
import { expect, test } from 'vitest';
import { SCHEDULED_VOLUME_SNAPSHOTS } from '../../src/kinds/scheduled-volume-snapshot/schema.ts';
import { type KubeObject, keyOf } from '../../src/kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, type ResourceType, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { createRandom, type Random } from './random.ts';
import { isTrial, SnapshotWorld } from './snapshot-world.ts';

const { NODEWRIGHT_SIMULATION_SEED: one, NODEWRIGHT_SIMULATION_SEEDS: count = '10' } = process.env;
const seeds = one === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(one)];
const SPEC = { deletePod: true, verify: true, limit: 2 };

test.each(seeds)('seed %i', { timeout: 120_000 }, async (seed) => {
  const random = createRandom(seed);
  const world = new SnapshotWorld(random);
  world.create(SPEC);
  for (let step = 0; step < 800; step++) {
    if (random.chance(0.04)) changeSomething(world, random);
    if (world.resource === undefined && random.chance(0.05)) world.create(SPEC);
    await world.step(random.pick([1, 1, 2, 10, 60, 240]));
    expect(world.violations, world.trace.slice(one === undefined ? -30 : 0).join('\n')).toEqual([]);
  }

  world.faulty = false;
  if (world.resource === undefined) world.create(SPEC);
  if (world.resource?.metadata.deletionTimestamp === undefined)
    edit(world, { spec: { suspend: true }, metadata: { annotations: null } });
  for (let step = 0; step < 60; step++) await world.step(60);
  expect([world.away(), world.trials()]).toEqual([[], []]);
  expect(world.resource?.metadata.finalizers ?? []).toEqual([]);
  expect(world.violations).toEqual([]);
  expect(world.trace.filter((line) => line.includes('create VolumeSnapshot')).length).toBeGreaterThan(5);
});

function edit({ api, resource }: SnapshotWorld, patch: object): void {
  if (resource !== undefined) api.patch(SCHEDULED_VOLUME_SNAPSHOTS, keyOf(resource), patch);
}

function changeSomething(world: SnapshotWorld, random: Random): void {
  const { api, resource } = world;
  const remove = (type: ResourceType, objects: KubeObject[]) => {
    if (objects.length > 0) api.delete(type, keyOf(random.pick(objects)));
  };
  const actions: Record<string, () => void> = {
    suspend: () => edit(world, { spec: { suspend: random.chance(0.2) } }),
    verify: () => edit(world, { spec: { verify: random.chance(0.8) } }),
    deletePod: () => edit(world, { spec: { deletePod: random.chance(0.7) } }),
    pause: () => edit(world, { metadata: { annotations: { 'nodewright.dev/paused': String(random.chance(0.2)) } } }),
    deleteTrialPod: () => remove(PODS, api.list<KubeObject>('Pod').filter(isTrial)),
    deleteTrialClaim: () =>
      remove(PERSISTENT_VOLUME_CLAIMS, api.list<KubeObject>('PersistentVolumeClaim').filter(isTrial)),
    deleteNode: () =>
      remove(
        PODS,
        api.list<KubeObject>('Pod').filter((pod) => !isTrial(pod)),
      ),
    deleteSnapshot: () => remove(VOLUME_SNAPSHOTS, api.list<KubeObject>('VolumeSnapshot')),
    deleteResource: () => remove(SCHEDULED_VOLUME_SNAPSHOTS, resource === undefined ? [] : [resource]),
  };
  const name = random.pick(Object.keys(actions));
  world.trace.push(`-- ${name}`);
  actions[name]?.();
}
