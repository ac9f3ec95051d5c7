/** What is written can be read, and what is drawn can be seen, by the measure of WCAG 2, in light and dark. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const [light = '', dark = ''] = readFileSync(new URL('./page.css', import.meta.url), 'utf8').split(
  '@media (prefers-color-scheme: dark)',
);

function colorsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, color]) => [name, color]));
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((first, second) => first - second);
  return (high + 0.05) / (low + 0.05);
}

const BACKGROUNDS = ['ground', 'surface', 'raised', 'accent-soft'];
const PAIRS: [on: string, of: string[], atLeast: number][] = [
  ...BACKGROUNDS.map((on): [string, string[], number] => [on, ['text', 'muted'], 4.5]),
  ['surface', ['accent', 'good', 'busy', 'bad', 'off'], 4.5],
  ['off-soft', ['text'], 4.5],
  ...['good', 'busy', 'bad'].map((one): [string, string[], number] => [`${one}-soft`, ['text', one], 4.5]),
  ['surface', ['good-fill', 'busy-fill', 'bad-fill'], 3],
];

describe.each([
  ['light', colorsOf(light)],
  ['dark', { ...colorsOf(light), ...colorsOf(dark.slice(0, dark.indexOf('}'))) }],
])('%s', (_scheme, colors) => {
  test.each(PAIRS.flatMap(([on, all, least]) => all.map((of) => [of, on, least] as const)))(
    '%s on %s has a contrast of %d',
    (of, on, least) => {
      expect(contrast(colors[of] ?? '', colors[on] ?? '')).toBeGreaterThanOrEqual(least);
    },
  );
});
