/** Numbers and times as people read them. Pure. */
import type { Health } from '../wire.ts';

export const HEALTH_WORDS: Record<Health, string> = {
  good: 'Good',
  busy: 'Changing',
  bad: 'Needs attention',
  off: 'Off',
};

const numbers = new Intl.NumberFormat('en');

export function formatNumber(value: number | undefined): string {
  return value === undefined ? '–' : numbers.format(value);
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

const UNITS: readonly [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `3 d`, `5 h`, `12 min`, `40 s`: the largest unit alone, of which there are at least two days, hours or minutes. */
export function formatDuration(seconds: number): string {
  const [size, name] = UNITS.find(([unit]) => seconds >= 2 * unit) ?? [1, 's'];
  return `${Math.floor(Math.max(0, seconds) / size)} ${name}`;
}

/** `3 d ago`, `in 5 h`; the text itself where it is no time. */
export function formatTime(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000;
  if (Number.isNaN(seconds)) return time;
  return seconds > 0 ? `in ${formatDuration(seconds)}` : `${formatDuration(-seconds)} ago`;
}

export function formatPace(secondsPerBlock: number): string {
  const text = secondsPerBlock < 10 ? secondsPerBlock.toFixed(1) : Math.round(secondsPerBlock).toString();
  return `a block every ${text} s`;
}

/** The part of an image that tells versions apart. */
export function versionOf(image: string | undefined): string | undefined {
  if (image === undefined) return undefined;
  const [name = '', digest] = image.split('@sha256:');
  return /:([^:/]+)$/.exec(name)?.[1] ?? digest?.slice(0, 7) ?? 'latest';
}

/** A word of an API as people write it: `WaitsForRestart` → `Waits for restart`. */
export function spell(word: string): string {
  return word.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}
