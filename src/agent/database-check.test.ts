import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDatabases } from './database-check.ts';
import { writeLevelDb } from './leveldb-fixture.ts';

let dataDir: string;
const at = (...parts: string[]) => join(dataDir, ...parts);

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'databases-'));
  await writeLevelDb(at('application.db'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function filesLike(pattern: RegExp): Promise<string[]> {
  return (await readdir(at('application.db'))).filter((name) => pattern.test(name));
}

async function overwrite(pattern: RegExp): Promise<void> {
  for (const name of await filesLike(pattern)) await writeFile(at('application.db', name), 'x'.repeat(5000));
}

async function remove(pattern: RegExp): Promise<void> {
  for (const name of await filesLike(pattern)) await rm(at('application.db', name));
}

test.each<[string, () => Promise<void>, RegExp | undefined]>([
  ['as it is', async () => {}, undefined],
  ['its CURRENT is overwritten', () => overwrite(/^CURRENT$/), /^the file CURRENT names no MANIFEST$/],
  ['its CURRENT is missing', () => remove(/^CURRENT$/), /^the file CURRENT is missing$/],
  ['its MANIFEST is overwritten', () => overwrite(/^MANIFEST-/), /^the MANIFEST has no entry that can be read$/],
  ['its MANIFEST is missing', () => remove(/^MANIFEST-/), /^the file MANIFEST-\d+ is missing$/],
  ['a table is missing', () => remove(/\.ldb$/), /^table \d{6} is missing$/],
  ['everything is overwritten', () => overwrite(/./), /^the file CURRENT names no MANIFEST$/],
])('%s', async (_name, damage, broken) => {
  await damage();
  const [report, ...more] = await checkDatabases(dataDir);
  expect(more).toEqual([]);
  if (broken === undefined) expect(report).toEqual({ name: 'application.db' });
  else expect(report).toEqual({ name: 'application.db', broken: expect.stringMatching(broken) });
});

test('one that was just begun, and one of another kind', async () => {
  await mkdir(at('blockstore.db'));
  await mkdir(at('state.db'));
  await writeFile(at('state.db', 'OPTIONS-000005'), '');
  expect(await checkDatabases(dataDir)).toEqual([
    { name: 'application.db' },
    { name: 'blockstore.db' },
    { name: 'state.db', unknown: 'it is not a LevelDB' },
  ]);
});

test('no data at all', async () => {
  expect(await checkDatabases(at('nowhere'))).toEqual([]);
});
