import { appendFile, mkdir, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readApplicationHeight, readUpgradeHeight } from './application-height.ts';
import { writeLevelDb } from './leveldb-fixture.ts';

let data: string;
let database: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'nodewright-height-'));
  database = join(data, 'application.db');
});
afterEach(() => rm(data, { recursive: true, force: true }));

const LOG = '000009.log';

describe('the height of an application', () => {
  test('the log is newer than the tables', async () => {
    await writeLevelDb(database);
    expect(await readApplicationHeight(data)).toEqual({ committed: 240 });
  });

  test('of several tables the newest entry counts', async () => {
    await writeLevelDb(database);
    await truncate(join(database, LOG), 0);
    expect(await readApplicationHeight(data)).toEqual({ committed: 180 });
  });

  test('a record that is being written does not count, nor what was allocated ahead', async () => {
    await writeLevelDb(database);
    const { length } = await readFile(join(database, LOG));
    await truncate(join(database, LOG), length - 3);
    expect(await readApplicationHeight(data)).toEqual({ committed: 239 });
    await appendFile(join(database, LOG), Buffer.alloc(4096));
    expect(await readApplicationHeight(data)).toEqual({ committed: 239 });
  });

  test('reading leaves everything as it is', async () => {
    await writeLevelDb(database);
    const look = async () =>
      Promise.all((await readdir(database)).sort().map(async (name) => [name, await readFile(join(database, name))]));
    const before = await look();
    await readApplicationHeight(data);
    expect(await look()).toEqual(before);
  });

  test('a volume without data is at the beginning', async () => {
    expect(await readApplicationHeight(data)).toEqual({ committed: 0 });
    await mkdir(database);
    expect(await readApplicationHeight(data)).toEqual({ committed: 0 });
  });

  test('other databases are not guessed at', async () => {
    await mkdir(database);
    for (const name of ['CURRENT', 'OPTIONS-000003']) await writeFile(join(database, name), '');
    expect(await readApplicationHeight(data)).toEqual({ unknown: `${database} is not a LevelDB` });
  });

  test('a copy of files that do not belong together is refused', async () => {
    await writeLevelDb(database);
    await rm(join(database, '000008.ldb'));
    await expect(readApplicationHeight(data)).rejects.toThrow(
      `the height cannot be read from ${database}: table 000008 is missing`,
    );
  });

  test('files that change meanwhile are read again', async () => {
    await writeLevelDb(database);
    const table = join(database, '000008.ldb');
    const content = await readFile(table);
    await rm(table);
    const reading = readApplicationHeight(data);
    await writeFile(table, content);
    expect(await reading).toEqual({ committed: 240 });
  });

  test('a damaged table is not believed', async () => {
    await writeLevelDb(database);
    const file = await open(join(database, '000008.ldb'), 'r+');
    await file.write(Buffer.from([0xff]), 0, 1, 40);
    await file.close();
    await expect(readApplicationHeight(data)).rejects.toThrow('the checksum of a block of a table is wrong');
  });
});

test.each<[string, string | undefined, number | undefined]>([
  ['none', undefined, undefined],
  ['a number', '{"name":"v2","height":200}', 200],
  ['text', '{"name":"v2","height":"200"}', 200],
  ['torn', '{"name":', undefined],
  ['nothing of use', 'null', undefined],
])('upgrade-info.json: %s', async (_name, content, height) => {
  if (content !== undefined) await writeFile(join(data, 'upgrade-info.json'), content);
  expect(await readUpgradeHeight(data)).toBe(height);
});
