import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeRollout, maxUnavailableOf } from './rollout-budget.ts';

describe('computeRollout', () => {
  test.each<[maxUnavailable: number | string | undefined, desired: number, ready: number, result: number]>([
    [1, 10, 10, 1],
    [5, 10, 10, 5],
    ['50%', 3, 3, 1],
    [3, 9, 7, 1],
    [3, 9, 8, 2],
    ['35%', 9, 8, 2],
    ['33%', 9, 8, 1],
    [20, 10, 0, 10],
    [0, 100, 100, 1],
    [0, 100, 99, 0],
    [undefined, 4, 3, 0],
    [undefined, 100, 100, 25],
    [10, 0, 10, 0],
    [-3, 10, 10, 1],
    ['abc', 100, 100, 25],
    ['12', 100, 100, 25],
  ])('%s of %i with %i ready: %i', (maxUnavailable, desired, ready, result) => {
    expect(computeRollout(maxUnavailable, desired, ready)).toBe(result);
  });

  test('never takes more than the budget out of service, those included that are so already', () => {
    const budget = fc.oneof(
      fc.integer({ min: -5, max: 50 }),
      fc.integer({ min: 0, max: 200 }).map((percent) => `${percent}%`),
      fc.constant(undefined),
    );
    const counts = fc.nat(50).chain((desired) => fc.tuple(fc.constant(desired), fc.nat(desired)));
    fc.assert(
      fc.property(budget, counts, (maxUnavailable, [desired, ready]) => {
        const stopped = computeRollout(maxUnavailable, desired, ready);
        const down = desired - ready;
        const allowed = maxUnavailableOf(maxUnavailable, desired);
        expect(stopped).toBeGreaterThanOrEqual(0);
        expect(stopped).toBeLessThanOrEqual(desired);
        expect(stopped).toBeLessThanOrEqual(Math.max(0, allowed - down));
        if (down < allowed && desired > 0) expect(stopped).toBeGreaterThan(0);
      }),
    );
  });
});
