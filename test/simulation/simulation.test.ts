/**
 * The real reconciler in a world that misbehaves, over many seeds. More of them: NODEWRIGHT_SIMULATION_SEEDS=500; one of them, with all
 * that happened: NODEWRIGHT_SIMULATION_SEED=17.
 */
import { expect, test, vi } from 'vitest';
import type * as Metadata from '../../src/kinds/tendermint-network/desired/metadata.ts';
import { TENDERMINT_NETWORKS } from '../../src/kinds/tendermint-network/schema.ts';
import { runSeed } from './run-seed.ts';

vi.mock('../../src/kinds/tendermint-network/desired/metadata.ts', async (original) => {
  const real = await original<typeof Metadata>();
  const { renderedLabel } = await import('./rendered-label.ts');
  return {
    ...real,
    childMetadata: (...parameters: Parameters<typeof real.childMetadata>) => {
      const metadata = real.childMetadata(...parameters);
      const { value } = renderedLabel;
      return value === undefined
        ? metadata
        : { ...metadata, labels: { ...metadata.labels, 'example.com/rendered': value } };
    },
  };
});

const { NODEWRIGHT_SIMULATION_SEED: one, NODEWRIGHT_SIMULATION_SEEDS: count = '10' } = process.env;
const seeds = one === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(one)];

test.each(seeds)('seed %i: nothing forbidden happens, and all is well in the end', async (seed) => {
  const world = await runSeed(seed);
  const report = [...world.violations, ...(one === undefined ? world.trace.slice(-60) : world.trace)].join('\n');
  expect(
    world.violations,
    `seed ${seed}\n${report}\n${JSON.stringify(
      world.api.list(TENDERMINT_NETWORKS).map((n) => (n as { status?: unknown }).status),
      null,
      1,
    )}`,
  ).toEqual([]);
});
