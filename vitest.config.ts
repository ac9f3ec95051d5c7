import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take the longest, in this order: what begins last should be short. Of the others the larger ones begin first. */
const LONGEST = [
  'cosmos-rollout',
  'cosmos-scale',
  'cosmos-failures',
  'csi',
  'cosmos-repair',
  'cosmos-upgrade',
  'cosmos-sync',
  'changes',
  'idle',
  'applications',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.indexOf(basename(moduleId, '.test.ts'));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'cluster/**/*.test.ts',
            'image/**/*.test.ts',
            'conform/**/*.test.ts',
            'test/*.test.ts',
            'test/alerts/*.test.ts',
          ],
        },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'apiserver',
          include: ['test/apiserver/**/*.test.ts', 'test/chart/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 360_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'page', include: ['test/page/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      {
        // Each file has namespaces and an operator of its own; most of the time they wait for pods.
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          testTimeout: 480_000,
          hookTimeout: 360_000,
          maxWorkers: 3,
        },
      },
    ],
  },
});
