import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarHeader } from './archive/tar-fixture.ts';
import { type ChainFixture, makeChainFixture } from './chain-fixture.ts';
import { fetchGenesis } from './fetch-genesis.ts';
import { MARKER_NAME } from './restore-marker.ts';
import { restoreSnapshot } from './restore-snapshot.ts';
import { type ScriptedFiles, startScriptedFiles } from './scripted-files.ts';

/** Does not compress, so that cuts are in the middle of files. */
const block = (seed: number) => {
  const parts = Array.from({ length: 8000 }, (_, index) => createHash('sha256').update(`${seed}/${index}`).digest());
  return Buffer.concat(parts).toString('latin1');
};
const blocks = [block(1), block(2), block(3)];
const snapshot: Record<string, string> = {
  'data/application.db/000001.ldb': blocks[0] as string,
  'data/application.db/CURRENT': 'MANIFEST-000001\n',
  'data/blockstore.db/000001.ldb': blocks[1] as string,
  'wasm/cache/one': blocks[2] as string,
};

let chain: ChainFixture;
let server: ScriptedFiles;
beforeEach(async () => {
  chain = await makeChainFixture();
  server = await startScriptedFiles();
});
afterEach(async () => {
  await chain.remove();
  await server.close();
});

async function packSnapshot(program?: string, files = snapshot): Promise<Buffer> {
  const dir = join(chain.paths.home, 'packing');
  await rm(dir, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true });
    await writeFile(join(dir, path), content, 'latin1');
  }
  const archive = execFileSync('tar', ['-cf', '-', ...(await readdir(dir))], { cwd: dir, maxBuffer: 1e9 });
  await rm(dir, { recursive: true });
  if (program === undefined) return archive;
  return execFileSync(program, ['-c'], { input: archive, stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 1e9 });
}

const restore = (options: Parameters<typeof restoreSnapshot>[0] = { url: `${server.url}/s` }) =>
  restoreSnapshot(options, chain.paths, chain.settings);

/** Files below the chain's home, in order. */
async function listHome(): Promise<string[]> {
  const entries = await readdir(chain.paths.chainHome, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(chain.paths.chainHome.length + 1))
    .sort();
}

const signState = 'data/priv_validator_state.json';
const fresh = '{"height":"0","round":0,"step":0}';
const complete = [...Object.keys(snapshot), signState].sort();

async function expectComplete(): Promise<void> {
  expect(await listHome()).toEqual(complete);
  for (const [path, content] of Object.entries(snapshot)) {
    expect((await chain.read(path)) === Buffer.from(content, 'latin1').toString()).toBe(true);
  }
}

describe('a snapshot by URL', () => {
  it.each<[string, string | undefined]>([
    ['tar', undefined],
    ['tar.gz', 'gzip'],
    ['tar.lz4', 'lz4'],
    ['tar.zst', 'zstd'],
    ['tar.xz', 'xz'],
  ])('in the form %s fills the data directory, also over cut connections', async (_, program) => {
    const content = await packSnapshot(program);
    server.files.set('/s', { content, etag: '"1"', cuts: [100_000, 300_000] });
    const sha256 = createHash('sha256').update(content).digest('hex');
    await restore({ url: `${server.url}/s?signature=secret`, sha256 });
    await expectComplete();
    expect(server.requests).toHaveLength(3);
    expect(chain.lines.at(-1)).toMatch(/^restored the snapshot in \d+s$/);
    expect(chain.lines.join()).not.toContain('secret');
    await restore();
    expect(chain.lines.at(-1)).toBe(
      `no snapshot is restored: the node has data already (application.db, blockstore.db in ${chain.paths.dataDir})`,
    );
  });

  it('begins anew, with nothing left of the first try, where the server has another file meanwhile', async () => {
    const first = await packSnapshot('gzip', { 'data/old.db/x': `${blocks[0]}${blocks[1]}`, 'old/x': 'x' });
    const content = await packSnapshot('gzip');
    const onRequest = (count: number) => (count === 2 ? { content, etag: '"2"' } : {});
    server.files.set('/s', { content: first, etag: '"1"', cuts: [300_000], onRequest });
    await restore();
    await expectComplete();
  });

  it.each<[string, string | undefined, string]>([
    ['tar', undefined, 'the tar archive is damaged or cut off: it ends'],
    ['tar.gz', 'gzip', 'the gzip file is damaged or cut off: gzip ended with status 1: '],
    ['tar.lz4', 'lz4', 'the lz4 file is damaged or cut off: lz4 ended with status '],
    ['tar.zst', 'zstd', 'the zstd file is damaged or cut off: zstd ended with status 1: '],
    ['tar.xz', 'xz', 'the xz file is damaged or cut off: xz ended with status 1: '],
  ])('in the form %s that is cut off on the server is never taken for complete', async (_, program, message) => {
    const content = await packSnapshot(program);
    server.files.set('/s', { content: content.subarray(0, content.length - 20_000) });
    await expect(restore()).rejects.toThrow(`${server.url}/s: ${message}`);
    expect(await readdir(chain.paths.chainHome)).toContain(MARKER_NAME);
    // Databases are there, and are known to be incomplete.
    server.files.set('/s', { content });
    await restore();
    await expectComplete();
    expect(chain.lines).toContain('the restore of a snapshot was interrupted: removing what it wrote');
  });

  it('with the wrong checksum is never taken for complete', async () => {
    const content = await packSnapshot('lz4');
    server.files.set('/s', { content });
    const sha256 = 'd'.repeat(64);
    await expect(restore({ url: `${server.url}/s`, sha256 })).rejects.toThrow(
      `but spec.chain.snapshotSHA256 says ${sha256}: the file was changed, there or on the way, or the field belongs to another one`,
    );
    expect(await readdir(chain.paths.chainHome)).toContain(MARKER_NAME);
    await restore();
    await expectComplete();
  });

  it.each<[string, Buffer | string, string]>([
    [
      'a web page',
      '<html>',
      '/s: found a web page, need a tar archive, plain or compressed by gzip, lz4, zstd or xz; check spec',
    ],
    ['JSON', '{"message":"expired"}', '/s: found a json file, need a tar archive'],
    [
      'wicked',
      Buffer.concat([tarHeader({ name: 'data/../../x' }), Buffer.alloc(1024)]),
      '/s: the archive\'s entry "data/../../x" is refused: its path leads out of the directory; check spec.chain.snapshotURL',
    ],
  ])('that is %s is an error in one line', async (_, content, message) => {
    server.files.set('/s', { content });
    await expect(restore()).rejects.toThrow(`${server.url}${message}`);
    expect((await listHome()).filter((path) => path !== MARKER_NAME)).toEqual([signState]);
  });

  it('that is missing, or not given, is an error', async () => {
    await expect(restore()).rejects.toThrow(
      `cannot download ${server.url}/s: the server answered 404 Not Found: there is no such file; check spec.chain.snapshotURL`,
    );
    await expect(restore({})).rejects.toThrow('spec.chain.snapshotURL is not a URL');
    expect(await listHome()).toEqual([signState]);
  });

  it('replaces no configuration and no key', async () => {
    const mine = {
      'config/config.toml': 'mine',
      'config/node_key.json': 'mine',
      'config/priv_validator_key.json': 'mine',
    };
    await chain.write(mine);
    const theirs = Object.fromEntries([...Object.keys(mine), 'config/wasm.toml'].map((path) => [path, 'theirs']));
    server.files.set('/s', { content: await packSnapshot('gzip', { ...snapshot, ...theirs }) });
    await restore();
    for (const path of Object.keys(mine)) expect(await chain.read(path)).toBe('mine');
    expect(await chain.read('config/wasm.toml')).toBe('theirs');
    expect(chain.lines).toContain(`kept ${chain.paths.chainHome}/config/config.toml: the archive has another one`);
  });

  it.each([
    ['an earlier one', '{"height":"9","round":0,"step":1}', '{"height":"8","round":5,"step":3}', false],
    ['the same one', fresh, fresh, false],
    ['a later one', fresh, '{"height":"9","round":0,"step":1}', true],
    ['one of a later step', '{"height":"9","round":1,"step":1}', '{"height":"9","round":1,"step":3}', true],
    ['one that is none', fresh, '{', false],
    ['one, where the own can not be read', 'broken', '{"height":"9","round":0,"step":1}', false],
  ])('with a sign state, %s, keeps the later', async (_, own, theirs, isTheirs) => {
    await chain.write({ [signState]: own });
    server.files.set('/s', { content: await packSnapshot('gzip', { ...snapshot, [signState]: theirs }) });
    await restore();
    expect(await chain.read(signState)).toBe(isTheirs ? theirs : own);
    expect(await listHome()).toEqual(complete);
  });

  it('without databases leaves a warning of what there is instead', async () => {
    server.files.set('/s', { content: await packSnapshot('gzip', { 'application.db/CURRENT': '' }) });
    await restore();
    expect(chain.lines.at(-2)).toBe(
      `warning: the snapshot left no *.db in ${chain.paths.dataDir}, so the node will begin from its genesis; ${chain.paths.chainHome} has application.db, config, data`,
    );
  });

  it('may go to a data directory that the user keeps elsewhere', async () => {
    const elsewhere = join(chain.paths.home, 'elsewhere');
    await mkdir(elsewhere);
    await rm(chain.paths.dataDir, { recursive: true });
    await symlink(elsewhere, chain.paths.dataDir);
    server.files.set('/s', { content: await packSnapshot('lz4') });
    await restore();
    expect(await readdir(elsewhere)).toEqual(['application.db', 'blockstore.db']);
  });
});

describe('an interrupted restore', () => {
  /** What was there before, what the restore added, and the mark of it. */
  async function interrupt(): Promise<void> {
    await chain.write({
      'data/snapshots/metadata': 'before',
      'config/node_key.json': 'mine',
      'cosmovisor/x': 'before',
    });
    server.files.set('/s', { content: (await packSnapshot()).subarray(0, 600_000) });
    await expect(restore()).rejects.toThrow('cut off');
    await chain.write({
      'data/snapshots/more': 'half',
      [signState]: '{"height":"5","round":0,"step":3}',
      'mine/x': 'mine',
    });
    expect(await listHome()).toContain('data/application.db/CURRENT');
  }

  const kept = [
    'config/node_key.json',
    'cosmovisor/x',
    'data/priv_validator_state.json',
    'data/snapshots/metadata',
    'mine/x',
  ];

  it('leaves nothing but what was there before, and never costs a key or a sign state', async () => {
    await interrupt();
    await expect(restore({ script: 'exit 7' })).rejects.toThrow(
      'the script in spec.chain.snapshotScript ended with status 7',
    );
    expect((await listHome()).filter((path) => path !== MARKER_NAME)).toEqual(kept);
    expect(await chain.read(signState)).toContain('"5"');
  });

  it('is cleaned up before the genesis is fetched, so that no half of it counts when no snapshot is wanted any more', async () => {
    await interrupt();
    await fetchGenesis({ script: 'true' }, chain.paths, chain.settings);
    expect(await listHome()).toEqual(kept);
  });

  it('whose mark can not be read stops everything', async () => {
    await chain.write({ [MARKER_NAME]: '{}', 'data/application.db/x': 'half' });
    await expect(restore()).rejects.toThrow(
      `${MARKER_NAME}.before: found nothing, need an array. It marks a restore that was interrupted: remove it and what`,
    );
    expect(await listHome()).toContain('data/application.db/x');
  });
});

describe('a snapshot by script', () => {
  it('runs as with the Cosmos Operator, and is over when the script succeeded', async () => {
    await restore({ script: `mkdir ${chain.paths.dataDir}/application.db` });
    expect(await readdir(chain.paths.chainHome)).toEqual(['config', 'data']);
    expect(chain.lines.at(-1)).toMatch(/^restored/);
  });

  it.each([
    ['a command that fails', 'false'],
    ['a variable that is missing', 'echo "$NO_SUCH_VARIABLE"'],
  ])('ends at %s, and begins anew the next time', async (_, command) => {
    const { dataDir } = chain.paths;
    const script = `ls ${dataDir}; mkdir ${dataDir}/application.db; ${command}; touch ${dataDir}/not-reached`;
    await expect(restore({ script })).rejects.toThrow('the script in spec.chain.snapshotScript ended with status');
    await restore({ script: `test ! -e ${dataDir}/application.db` });
    expect(await readdir(dataDir)).toEqual(['priv_validator_state.json']);
  });
});
