import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasQuorum, quorumOf, spareValidators, sum } from './quorum.ts';

const powers = fc.array(fc.bigInt(1n, 1_000_000n), { minLength: 1, maxLength: 12 });

describe('quorum', () => {
  test.each([
    [[10], 0],
    [[10, 10], 0],
    [[10, 10, 10], 0],
    [[10, 10, 10, 10], 1],
    [[1, 1, 1, 1, 1, 1], 1],
    [[1, 1, 1, 1, 1, 1, 1], 2],
    [[50, 10, 10, 10], 0],
    [[3, 3, 3, 2, 2, 2], 1],
    [[34, 33, 33], 0],
  ])('of validators with powers %j, %i can be gone', (list, spare) => {
    expect(spareValidators(list.map(BigInt))).toBe(spare);
  });

  test('whichever of them are gone, the others make blocks; one more, and the wrong ones would not be enough', () => {
    fc.assert(
      fc.property(powers, fc.bigInt(0n, 1_000_000n), fc.nat(), (list, others, shuffle) => {
        const spare = spareValidators(list, others);
        const total = sum(list) + others;
        const order = list.map((power, index) => ({ power, rank: (index * 7919 + shuffle) % 104_729 }));
        const shuffled = order.sort((a, b) => a.rank - b.rank).map(({ power }) => power);
        expect(hasQuorum(total - sum(shuffled.slice(0, spare)), total)).toBe(true);
        const heaviest = [...list].sort((a, b) => (a < b ? 1 : -1)).slice(0, spare + 1);
        if (spare < list.length) expect(hasQuorum(total - sum(heaviest), total)).toBe(false);
      }),
    );
  });

  test('quorumOf is the least power that makes blocks', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 18n), (total) => {
        expect(hasQuorum(quorumOf(total), total)).toBe(true);
        expect(hasQuorum(quorumOf(total) - 1n, total)).toBe(false);
      }),
    );
  });
});
