/** What is generated from the sources is what they say now; if not: `npm run gen`. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderReferences } from '../gen/crd-reference.ts';

test.each(renderReferences())('$path is fresh', ({ path, text }) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
});
