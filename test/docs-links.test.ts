/** Every link inside the documentation leads somewhere. */
import { expect, test } from 'vitest';
import { findBrokenLink, localLinks, pages } from './markdown.ts';

test.each(pages)('links of $path', (page) => {
  expect(
    localLinks(page).flatMap((link) => {
      const fault = findBrokenLink(link);
      return fault === undefined ? [] : [`line ${link.line}: ${link.target}: ${fault}`];
    }),
  ).toEqual([]);
});

test('every page of docs/ is named in docs/README.md', () => {
  const index = pages.find(({ path }) => path === 'docs/README.md');
  expect(
    pages
      .map(({ path }) => path)
      .filter((path) => /^docs\/(?!README|adr\/|runbooks\/)/.test(path))
      .filter((path) => !index?.text.includes(`(${path.slice('docs/'.length)}`)),
  ).toEqual([]);
});
