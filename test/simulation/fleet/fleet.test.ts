/**
 * The real reconciler of CosmosFullNode against a model world: random users, random kubelets, calls that fail, an operator that is killed at
 * any write. NODEWRIGHT_SIMULATION_SEED=n runs one story and prints all of it; NODEWRIGHT_SIMULATION_SEEDS=n runs so many.
 */
import { expect, test } from 'vitest';
import { FleetWorld } from './fleet-world.ts';

const { NODEWRIGHT_SIMULATION_SEED: one, NODEWRIGHT_SIMULATION_SEEDS: count = '10' } = process.env;
const seeds = one === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(one)];

let recoveries = 0;

test.each(seeds)('fleet, seed %i: nothing forbidden happens, and all is well in the end', async (seed) => {
  const world = new FleetWorld(seed);
  await world.tell();
  recoveries += world.invariants.volumes.begun;
  const trace = one === undefined ? world.trace.slice(-60) : world.trace;
  const status = JSON.stringify(world.user.fullNode?.status, null, 1);
  expect(world.violations, `seed ${seed}\n${trace.join('\n')}\n${status}`).toEqual([]);
});

test.runIf(seeds.length >= 10)('damaged nodes were recovered in these stories', () => {
  expect(recoveries).toBeGreaterThan(seeds.length);
});
