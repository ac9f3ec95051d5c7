import { describe, expect, test } from 'vitest';
import { paintFor, plain } from './colour.ts';
import { cutLines, formatAge, formatTable } from './table.ts';

const paint = paintFor('always');

describe('formatTable', () => {
  test.each([plain, paint])('columns stand below each other, coloured or not', (colour) => {
    const text = formatTable(
      ['A', 'LONGER'],
      [
        ['wide cell', colour('red', 'x')],
        [colour('green', 'y'), ''],
      ],
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the beginning of a colour is one
    expect(text.replace(/\u001b\[\d+m/g, '')).toBe('A           LONGER\nwide cell   x\ny\n');
  });
});

describe('cutLines', () => {
  test('cuts what does not fit, and counts no colours', () => {
    expect(cutLines('abc\nabcdef\n', 4)).toBe('abc\nabc…\n');
    expect(cutLines(`${paint('red', 'ab')}cdef`, 4)).toBe(`${paint('red', 'ab')}c…`);
    expect(cutLines(paint('red', 'abcd'), 4)).toBe(paint('red', 'abcd'));
    expect(cutLines('x'.repeat(500), Number.POSITIVE_INFINITY)).toHaveLength(500);
  });
});

describe('formatAge', () => {
  const now = new Date('2026-01-10T00:00:00Z');
  test.each([
    ['2026-01-09T23:59:30Z', '30s'],
    ['2026-01-09T23:50:00Z', '10m'],
    ['2026-01-09T20:00:00Z', '4h'],
    ['2026-01-01T00:00:00Z', '9d'],
    ['2027-01-10T00:00:00Z', '365d'],
    [undefined, '-'],
  ])('%s is %s', (from, age) => expect(formatAge(from, now)).toBe(age));
});
