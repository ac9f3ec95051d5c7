/** Conditions and events, and what to do about them: the code and docs/troubleshooting.md know the same ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CONDITION_TYPES, REASONS } from '../src/reconcile/reasons.ts';

const ROOT = join(import.meta.dirname, '..');
const LIST = 'src/reconcile/reasons.ts';
const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
const code = readdirSync(join(ROOT, 'src'), { recursive: true })
  .map((path) => join('src', String(path)))
  .filter((path) => path.endsWith('.ts') && !/\.(test|gen)\.ts$/.test(path) && path !== LIST)
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n');

/** The first cell of every row has names in backticks. */
const documented = new Set(
  [...page.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  ),
);
const known: readonly string[] = [...CONDITION_TYPES, ...REASONS];

test('every condition and every reason has a row', () => {
  expect(known.filter((name) => !documented.has(name))).toEqual([]);
});

test('every row is about a condition or a reason that there is', () => {
  expect([...documented].filter((name) => !known.includes(name as string))).toEqual([]);
});

test('what is written where the types do not look is listed too', () => {
  const written = new Set([...code.matchAll(/\breason: '([A-Z]\w+)'/g)].map(([, name]) => name as string));
  expect([...written].filter((name) => !known.includes(name))).toEqual([]);
});

test('what is listed is still used', () => {
  expect(known.filter((name) => !new RegExp(`'${name}'|^ +${name}: \\[`, 'm').test(code))).toEqual([]);
});
