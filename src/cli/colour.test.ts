import { expect, test } from 'vitest';
import { type ColourChoice, hasColours, paintFor } from './colour.ts';

test.each<[string, ColourChoice, boolean, NodeJS.ProcessEnv, boolean]>([
  ['a terminal', 'auto', true, {}, true],
  ['a pipe', 'auto', false, {}, false],
  ['NO_COLOR on a terminal', 'auto', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR says nothing', 'auto', true, { NO_COLOR: '' }, true],
  ['a terminal that knows none', 'auto', true, { TERM: 'dumb' }, false],
  ['FORCE_COLOR in a pipe', 'auto', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0 on a terminal', 'auto', true, { FORCE_COLOR: '0' }, false],
  ['NO_COLOR goes before FORCE_COLOR', 'auto', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['always, in a pipe with NO_COLOR', 'always', false, { NO_COLOR: '1' }, true],
  ['never, on a terminal', 'never', true, { FORCE_COLOR: '1' }, false],
])('%s', (_, choice, isTTY, env, expected) => {
  expect(hasColours(choice, { isTTY }, env)).toBe(expected);
  expect(paintFor(choice, { isTTY }, env)('red', 'a') === 'a').toBe(!expected);
});
