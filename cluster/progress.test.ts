import { expect, test } from 'vitest';
import { formatElapsed } from './progress.ts';

test.each([
  [0, '0s'],
  [6_600, '7s'],
  [59_600, '1m00s'],
  [277_000, '4m37s'],
])('%d ms are %s', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});
