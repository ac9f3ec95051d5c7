/** What a release consists of says the same version everywhere, and the npm package is what a user needs. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUNDLES, writeNpmPackage } from '../release/npm-package.ts';
import { guides } from './markdown.ts';

const ROOT = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'nodewright-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the chart has the version of package.json', () => {
  expect(parse(readFileSync(join(ROOT, 'chart/Chart.yaml'), 'utf8'))).toMatchObject({ version, appVersion: version });
});

test('the lock file has the version of package.json', () => {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
});

test('the changelog has a section for the version, or for what is to come', () => {
  const headings = [...readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').matchAll(/^## \[(.+?)\]/gm)].map(
    ([, name]) => name,
  );
  expect(headings[0] === 'Unreleased' || headings[0] === version).toBe(true);
});

test('pages name no other version of the image', () => {
  const text = guides.map((page) => page.text).join();
  const tags = [...text.matchAll(/nodewright\/nodewright:(\d[\w.]*)/g)].map(([, tag]) => tag);
  expect(tags.filter((tag) => tag !== version)).toEqual([]);
});

test('the npm package has what it needs and no more, and its command runs', async () => {
  writeNpmPackage(ROOT, folder);
  const packed = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: folder, encoding: 'utf8' }));
  expect(packed[0].files.map(({ path }: { path: string }) => path).sort()).toEqual([
    ...['CHANGELOG.md', 'LICENSE', 'README.md', 'THIRD-PARTY-LICENSES.md'],
    ...[...BUNDLES].sort(),
    'package.json',
  ]);
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg as Record<string, unknown>, { color: false }))).toEqual(
    [],
  );
  expect(execFileSync(process.execPath, [join(folder, 'dist/main.js'), '--version'], { encoding: 'utf8' }).trim()).toBe(
    version,
  );
}, 60_000);
