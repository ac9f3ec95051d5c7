import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareQuantities, parseQuantity } from './quantity.ts';
import { formatQuantity, increaseQuantity, percentOf, roundUpQuantity } from './quantity-arithmetic.ts';

describe('arithmetic of quantities', () => {
  test.each([
    ['100Gi', '20Gi', '120Gi'],
    ['100Gi', '10%', '110Gi'],
    ['100Gi', '0.5Gi', '102912Mi'],
    ['100Gi', '200%', '300Gi'],
    ['100Gi', '1', '107374182401'],
    ['100G', '15%', '115G'],
    ['1Ti', '0.5Ti', '1536Gi'],
    ['3', '50%', '5'],
    ['0', '50%', '0'],
    ['100Gi', '', undefined],
    ['100Gi', 'wut', undefined],
    ['100Gi', '1.5%', undefined],
    ['wut', '1Gi', undefined],
  ])('%s and %s more is %s', (quantity, increase, result) => expect(increaseQuantity(quantity, increase)).toBe(result));

  test.each([
    ['97G', '98940M'],
    ['100G', '102G'],
    ['100Gi', '109521666048'],
    ['120Gi', '131425999257600m'],
    ['wut', undefined],
  ])('102%% of %s is %s', (quantity, result) => expect(percentOf(quantity, 102n)).toBe(result));

  test.each([
    ['131425999257600m', '131425999258'],
    ['1500m', '2'],
    ['1Ki', '1024'],
    ['wut', undefined],
  ])('%s rounded up is %s', (quantity, result) => expect(roundUpQuantity(quantity)).toBe(result));

  test('what is written is what was meant', () => {
    const amounts = fc.bigInt({ min: 0n, max: 10n ** 27n });
    fc.assert(
      fc.property(amounts, fc.constantFrom('decimal' as const, 'binary' as const), (nanos, form) => {
        expect(parseQuantity(formatQuantity(nanos, form))).toBe(nanos);
      }),
    );
  });

  test('more is more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 1, max: 300 }), (size, percent) => {
        expect(compareQuantities(increaseQuantity(`${size}Mi`, `${percent}%`) as string, `${size}Mi`)).toBe(1);
      }),
    );
  });
});
