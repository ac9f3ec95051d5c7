import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareQuantities, parseQuantity } from './quantity.ts';

describe('quantities', () => {
  test.each([
    ['1', 1_000_000_000n],
    ['1k', 1_000_000_000_000n],
    ['500m', 500_000_000n],
    ['0.5', 500_000_000n],
    ['.5', 500_000_000n],
    ['1e3', 1_000_000_000_000n],
    ['1E', 10n ** 27n],
    ['1E2', 100_000_000_000n],
    ['2Gi', 2n * 2n ** 30n * 10n ** 9n],
    ['1.5Gi', 3n * 2n ** 29n * 10n ** 9n],
    ['-1', -1_000_000_000n],
    [0.1, 100_000_000n],
  ])('%s', (text, value) => expect(parseQuantity(text)).toBe(value));

  test.each(['', 'x', '1 Gi', '1gi', '1e', '--1', '1.2.3'])('refuses %j', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  test('the same amount in other units is equal', () => {
    expect(compareQuantities('1Gi', '1024Mi')).toBe(0);
    expect(compareQuantities('1', '1000m')).toBe(0);
    expect(compareQuantities('1Gi', '1G')).toBe(1);
  });

  test('order is that of the numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: 2 ** 31 }), (a, b) => {
        expect(compareQuantities(`${a}Mi`, `${b}Mi`)).toBe(Math.sign(a - b));
      }),
    );
  });
});
