import { mkdir, mkdtemp, readdir, readFile, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateKeyPair } from '../formats/ed25519.ts';
import { makeVotingKeyFile } from '../formats/symbol-voting-keys.ts';
import { prepareSymbolNode, type SymbolPrepareOptions } from './symbol-prepare.ts';

const RECOVERY = '/usr/catapult/bin/catapult.recovery';
const NOTHING = '/bin/true';

let root: string;
let now: Date;
const at = (path: string) => join(root, path);

async function put(path: string, content: string | Uint8Array = ''): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), content);
}

/** A lock of a process that began some minutes ago. */
async function lock(name: string, minutesAgo: number): Promise<void> {
  await put(`data/${name}`);
  const time = new Date(now.getTime() - minutesAgo * 60_000);
  await utimes(at(`data/${name}`), time, time);
}

function prepare(more: Partial<SymbolPrepareOptions> = {}) {
  return prepareSymbolNode(
    {
      ...{ data: at('data'), ownFolder: 'nodewright', start: at('start'), maxRecoveries: 2, purgeHarvesters: false },
      ...{ now, log: () => {}, ...more },
    },
    at('termination-log'),
  );
}

const recovers = async () => readlink(at('start/recovery'));
const filesIn = async (path: string) => (await readdir(at(path), { recursive: true })).sort();

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nodewright-symbol-prepare-'));
  now = new Date('2030-01-01T12:00:00Z');
  await mkdir(at('data'));
  await mkdir(at('start'));
  await writeFile(at('termination-log'), '');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('recovery', () => {
  test('a node that has never run, or stopped cleanly, is not recovered', async () => {
    expect(await prepare()).toEqual({ recovery: 'none', attempts: 0 });
    expect(await recovers()).toBe(NOTHING);
    expect(JSON.parse(await readFile(at('termination-log'), 'utf8'))).toEqual({ recovery: 'none', attempts: 0 });
  });

  test.each(['server.lock', 'broker.lock', 'recovery.lock'])('a %s that was left behind calls for it', async (name) => {
    await lock(name, 1);
    expect(await prepare()).toEqual({ recovery: 'needed', attempts: 1, lastAt: '2030-01-01T12:00:00.000Z' });
    expect(await recovers()).toBe(RECOVERY);
    // Nothing else removes it, and the tool does not start over its own lock.
    expect(await filesIn('data')).not.toContain('recovery.lock');
  });

  test('after as many recoveries in a row as allowed a person is waited for, and nothing is touched', async () => {
    await lock('server.lock', 1);
    expect((await prepare()).recovery).toBe('needed');
    expect(await prepare()).toMatchObject({ recovery: 'needed', attempts: 2 });
    await lock('recovery.lock', 0);
    expect(await prepare()).toMatchObject({ recovery: 'exhausted', attempts: 2 });
    expect(await filesIn('data')).toContain('recovery.lock');
    expect(await prepare({ maxRecoveries: 3 })).toMatchObject({ recovery: 'needed', attempts: 3 });
  });

  test('a node that ran well in between begins to count anew', async () => {
    await lock('server.lock', 1);
    await prepare();
    await prepare();
    now = new Date('2030-01-01T18:00:00Z');
    await lock('server.lock', 60);
    expect(await prepare()).toMatchObject({ recovery: 'needed', attempts: 1 });
  });

  test('a clean stop is forgotten about', async () => {
    await lock('server.lock', 1);
    await prepare();
    await rm(at('data/server.lock'));
    expect(await prepare()).toEqual({ recovery: 'none', attempts: 0 });
    await lock('server.lock', 1);
    expect(await prepare()).toMatchObject({ attempts: 1 });
  });
});

describe('resync', () => {
  beforeEach(async () => {
    for (const name of ['index.dat', '00000/00001.dat', 'harvesters.dat', 'voting_status.dat', 'server.lock'])
      await put(`data/${name}`);
    for (const epoch of ['9', '10', '8']) await put(`data/votes_backup/${epoch}/vote`);
    await put('data/nodewright/dbdata/WiredTiger');
    await put('data/nodewright/votingkeys/private_key_tree1.dat.note');
  });

  test('keeps votes and harvesters, and happens once for an id', async () => {
    expect((await prepare({ resync: 'one' })).recovery).toBe('none');
    expect(await filesIn('data')).toEqual([
      ...['harvesters.dat', 'nodewright', 'nodewright/dbdata', 'nodewright/resync.json', 'nodewright/votingkeys'],
      ...[
        'nodewright/votingkeys/private_key_tree1.dat.note',
        'votes_backup',
        'votes_backup/10',
        'votes_backup/10/vote',
      ],
      'voting_status.dat',
    ]);
    await put('data/index.dat');
    await prepare({ resync: 'one' });
    expect(await filesIn('data')).toContain('index.dat');
    await prepare({ resync: 'two', purgeHarvesters: true });
    expect(await filesIn('data')).not.toContain('harvesters.dat');
  });

  test('nothing is thrown away without one', async () => {
    await prepare();
    expect(await filesIn('data')).toContain('index.dat');
  });
});

describe('voting key files', () => {
  const tree = (byte: number, startEpoch: number) => {
    const random = (size: number) => new Uint8Array(size).fill(byte);
    return makeVotingKeyFile(generateKeyPair(random), { startEpoch, endEpoch: startEpoch + 3 }, random);
  };
  const read = async (name: string) => readFile(at(`data/nodewright/votingkeys/${name}`));

  test('are numbered from 1 in the order of their epochs, and those that are used stay as they are', async () => {
    await put('secret/private_key_tree1.dat', tree(1, 10));
    await put('secret/private_key_tree2.dat', tree(2, 14));
    await prepare({ votingKeys: at('secret') });
    const used = Buffer.from(tree(2, 14));
    used.writeBigUInt64LE(15n, 16);
    await put('data/nodewright/votingkeys/private_key_tree2.dat', used);
    await rm(at('secret/private_key_tree1.dat'));
    await put('secret/private_key_tree3.dat', tree(3, 18));
    await prepare({ votingKeys: at('secret') });
    expect(await filesIn('data/nodewright/votingkeys')).toEqual(['private_key_tree1.dat', 'private_key_tree2.dat']);
    expect(used.equals(await read('private_key_tree1.dat'))).toBe(true);
    expect(Buffer.from(tree(3, 18)).equals(await read('private_key_tree2.dat'))).toBe(true);
  });
});

test('parts of the first block are joined', async () => {
  await put('parts/index.dat.000', 'index');
  await put('parts/00000__00001.dat.000', 'one ');
  await put('parts/00000__00001.dat.001', 'two');
  await mkdir(at('seed'));
  await prepare({ seedParts: at('parts'), seed: at('seed') });
  expect(await readFile(at('seed/00000/00001.dat'), 'utf8')).toBe('one two');
  expect(await readFile(at('seed/index.dat'), 'utf8')).toBe('index');
});
