import { expect, test } from 'vitest';
import { formatDuration, formatPace, formatTime, spell, versionOf } from './words.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');

test.each([
  [0, '0 s'],
  [119, '119 s'],
  [120, '2 min'],
  [7199, '119 min'],
  [7200, '2 h'],
  [172_800, '2 d'],
])('%d seconds are %s', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});

test.each([
  ['2026-01-01T23:59:30Z', '30 s ago'],
  ['2026-01-05T00:00:00Z', 'in 3 d'],
  ['never', 'never'],
])('%s is %s', (time, expected) => {
  expect(formatTime(time, NOW)).toBe(expected);
});

test.each([
  ['ghcr.io/cosmos/gaia:v25.1.0', 'v25.1.0'],
  ['registry:5000/gaia', 'latest'],
  ['gaia:v25@sha256:0123456789abcdef', 'v25'],
  ['gaia@sha256:0123456789abcdef', '0123456'],
  [undefined, undefined],
])('of image %s the version is %s', (image, expected) => {
  expect(versionOf(image)).toBe(expected);
});

test('paces and words', () => {
  expect([formatPace(1.04), formatPace(31.4)]).toEqual(['a block every 1.0 s', 'a block every 31 s']);
  expect(spell('WaitsForRestart')).toBe('Waits for restart');
});
