import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each([
  ['1s', 1000],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['0', 0],
  ['-2s', -2000],
  ['100us', 0.1],
])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['', '1', 's', '1 s', '1d', 'abc'])('refuses %j', (text) => expect(parseDuration(text)).toBeUndefined());
