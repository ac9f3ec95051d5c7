import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarHeader } from './archive/tar-fixture.ts';
import { type ChainFixture, makeChainFixture } from './chain-fixture.ts';
import { fetchGenesis } from './fetch-genesis.ts';
import { type ScriptedFiles, startScriptedFiles } from './scripted-files.ts';

const genesis = '{"genesis_time":"2026-11-21T00:00:00Z","chain_id":"demo-1","app_state":{"big":36028797018963969}}';

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

const fetchIt = (options: Parameters<typeof fetchGenesis>[0] = {}) =>
  fetchGenesis(options, chain.paths, chain.settings);

/** Fails with this, and leaves nothing behind. */
async function expectFailure(fetching: Promise<void>, message: string | RegExp): Promise<void> {
  await expect(fetching).rejects.toThrow(message);
  expect(await readdir(chain.paths.configDir)).toEqual([]);
}

const compress = (program: string, input: string | Buffer) => execFileSync(program, ['-c'], { input });
const tarOf = (files: Record<string, string>) =>
  Buffer.concat([...Object.entries(files).map(([name, text]) => tarHeader({ name }, text)), Buffer.alloc(1024)]);

async function zipOf(files: Record<string, string>): Promise<Buffer> {
  const dir = join(chain.paths.home, 'zip');
  await mkdir(dir);
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return execFileSync('zip', ['-q', '-', ...Object.keys(files)], { cwd: dir });
}

describe('a genesis by URL', () => {
  it.each<[string, () => Buffer | string | Promise<Buffer>]>([
    ['/genesis.json', () => genesis],
    ['/genesis.json?token=1', () => genesis],
    ['/genesis.json.gz', () => compress('gzip', genesis)],
    ['/genesis.json.lz4', () => compress('lz4', genesis)],
    ['/genesis.json.zst', () => compress('zstd', genesis)],
    ['/genesis.json.xz', () => compress('xz', genesis)],
    ['/genesis.tar', () => tarOf({ 'genesis.json': genesis })],
    ['/genesis.tar.gz', () => compress('gzip', tarOf({ './genesis.json': genesis }))],
    ['/genesis.tgz', () => compress('gzip', tarOf({ 'deep/in/genesis.json': genesis }))],
    ['/genesis.tar.gzip', () => compress('gzip', tarOf({ 'demo-1.json': genesis }))],
    ['/genesis.tar.lz4', () => compress('lz4', tarOf({ 'genesis.json': genesis }))],
    ['/genesis.zip', () => zipOf({ 'genesis.json': genesis, 'README.md': 'read me' })],
    ['/zip with an odd name', () => zipOf({ 'a[b]*.json': genesis })],
    ['/with/the/wrong/name.tar.gz', () => genesis],
    ['/genesis of a node', () => `{"jsonrpc":"2.0","id":-1,"result":{"genesis": ${genesis}}}`],
    ['/genesis taken out once', () => `{"genesis":${genesis}}`],
  ])('may be %s', async (path, make) => {
    server.files.set(encodeURI(path.replace(/\?.*/, '')), { content: await make() });
    await fetchIt({ url: `${server.url}${encodeURI(path)}` });
    expect(await chain.read('config/genesis.json')).toBe(genesis);
    expect(await readdir(chain.paths.configDir)).toEqual(['genesis.json']);
    expect(chain.lines.at(-1)).toBe(`wrote ${chain.paths.genesisFile}: a genesis of chain demo-1`);
    expect((await stat(chain.paths.genesisFile)).mode & 0o777).toBe(0o644);
  });

  it('replaces an earlier one, unpacks what else a tar archive has, and replaces no key', async () => {
    await chain.write({ 'config/genesis.json': 'old', 'config/node_key.json': 'mine', 'config/app.toml': 'old' });
    const files = { 'node_key.json': 'theirs', 'app.toml': 'new', 'gentx/one.json': '{}', 'genesis.json': genesis };
    server.files.set('/g', { content: tarOf(files) });
    await fetchIt({ url: `${server.url}/g` });
    expect(await chain.read('config/genesis.json')).toBe(genesis);
    expect(await chain.read('config/node_key.json')).toBe('mine');
    expect(await chain.read('config/app.toml')).toBe('new');
    expect(await chain.read('config/gentx/one.json')).toBe('{}');
  });

  it('is checked against its checksum before it takes its place', async () => {
    const content = compress('gzip', genesis);
    const sha256 = createHash('sha256').update(content).digest('hex');
    server.files.set('/g', { content });
    await expectFailure(
      fetchIt({ url: `${server.url}/g`, sha256: 'c'.repeat(64) }),
      `checksum of ${server.url}/g is ${sha256}, but spec.chain.genesisSHA256 says ${'c'.repeat(64)}`,
    );
    await fetchIt({ url: `${server.url}/g`, sha256 });
    expect(await chain.read('config/genesis.json')).toBe(genesis);
  });

  it('survives cuts and a server that starts over', async () => {
    const large = `{"chain_id":"demo-1","app_state":"${'x'.repeat(2_000_000)}"}`;
    for (const [etag, path] of [['"a"', '/resumes'] as const, [undefined, '/starts over'] as const]) {
      server.files.set(encodeURI(path), { content: large, etag, cuts: [1_000_000, 300_000] });
      await fetchIt({ url: `${server.url}${path}` });
      expect((await chain.read('config/genesis.json')) === large).toBe(true);
      await rm(chain.paths.genesisFile);
    }
  });

  const rpcError =
    '{"jsonrpc":"2.0","id":-1,"error":{"code":-32603,"message":"Internal error","data":"genesis is large"}}';
  it.each<[string, Buffer | string, string | RegExp]>([
    [
      'a web page',
      '<!DOCTYPE html>',
      '/g: found a web page, need a genesis in JSON, or a tar or zip archive with it; check spec',
    ],
    ['nothing', '', '/g: found an empty file, need a genesis in JSON'],
    ['text', 'Moved to the new site', '/g: found text that begins "Moved to the new site", need a genesis'],
    [
      'half of it',
      genesis.slice(0, 60),
      '/g: it ends in the middle, after 60 bytes, need a genesis in JSON; check spec.chain.gen',
    ],
    ['other JSON', '{"a":1}', '/g: it is not a genesis: it has no chain_id; it begins with "{\\"a\\":1}"; check'],
    ['no chain id', '{"chain_id":""}', '/g: it is not a genesis: it has no chain_id'],
    ['the error of a node', rpcError, '/g: it is not a genesis: it has no chain_id; it begins with "{\\"jsonrpc\\"'],
    [
      'a cut gzip file',
      compress('gzip', genesis).subarray(0, 50),
      '/g: the gzip file is damaged or cut off: gzip ended with',
    ],
    [
      'a cut archive',
      tarOf({ 'genesis.json': genesis }).subarray(0, 1024),
      '/g: the tar archive is damaged or cut off',
    ],
    [
      'an archive without it',
      tarOf({ 'a.txt': '', 'b.txt': '' }),
      '/g: the archive has no genesis.json, but 2 files: a.txt, b.txt',
    ],
    ['an empty archive', compress('gzip', ''), '/g: found a gzip file of an empty file, need'],
    [
      'a wicked archive',
      tarOf({ '../genesis.json': genesis }),
      '/g: the archive\'s entry "../genesis.json" is refused',
    ],
    [
      'a cut zip file',
      Buffer.from('PK\x03\x04nonsense'),
      '/g: the zip file is damaged or cut off: unzip ended with status 9',
    ],
    ['gzip twice', compress('gzip', compress('gzip', genesis)), '/g: found a gzip file of gzip data, need'],
  ])('that is %s is an error in one line', async (_, content, message) => {
    server.files.set('/g', { content });
    await expectFailure(fetchIt({ url: `${server.url}/g` }), message);
    await expect(fetchIt({ url: `${server.url}/g` })).rejects.not.toThrow(/\n/);
  });

  it('that is missing is an error that names it', async () => {
    await expectFailure(
      fetchIt({ url: `${server.url}/g.json?key=secret` }),
      `cannot download ${server.url}/g.json?…: the server answered 404 Not Found: there is no such file; check spec.chain.genesisURL`,
    );
  });
});

describe('a genesis by script', () => {
  it('is made in the documented environment', async () => {
    // The agent as a program has it from its pod.
    const before = { ...process.env };
    Object.assign(process.env, chain.env);
    await fetchIt({
      script: `mkdir -p "$CONFIG_DIR" && printf '%s' '${genesis}' > $GENESIS_FILE; test "$HOME" = '${chain.paths.home}'`,
    });
    process.env = before;
    expect(await chain.read('config/genesis.json')).toBe(genesis);
    expect(chain.lines).toEqual([`${chain.paths.genesisFile} is a genesis of chain demo-1`]);
  });

  it('may be none', async () => {
    await fetchIt({ script: 'echo "No need for genesis"' });
    expect(chain.lines).toEqual([
      `the script made no ${chain.paths.genesisFile}; the node must do without, or make one itself`,
    ]);
  });

  it.each([
    ['half a genesis', '{"chain_id":"demo-1",', 'it ends in the middle, after 21 bytes'],
    ['an empty file', '', 'it is empty'],
    [
      'a wrapped one',
      `{"result":{"genesis":${genesis}}}`,
      'the genesis is inside of its member result.genesis; take it out',
    ],
  ])('that leaves %s is an error, and the file is moved away', async (_, text, message) => {
    const file = chain.paths.genesisFile;
    await expect(fetchIt({ script: `printf '%s' '${text}' > ${file}` })).rejects.toThrow(
      `the script in spec.chain.genesisScript left a ${file} that can't be used: ${message}`,
    );
    expect(await readdir(chain.paths.configDir)).toEqual(['genesis.json.invalid']);
  });

  it.each([
    [
      'echo "first" >&2; echo "curl: (22) The requested URL returned error: 404" >&2; exit 22',
      'ended with status 22: curl: (22) The',
    ],
    ['exit 3', 'ended with status 3'],
    ['kill -9 $$', 'was ended by SIGKILL'],
    ['no-such-program', /ended with status 127: sh: .*no-such-program: not found/],
  ])('that fails (%s) is an error with its last words', async (script, message) => {
    const reason = typeof message === 'string' ? `the script in spec.chain.genesisScript ${message}` : message;
    await expectFailure(fetchIt({ script }), reason);
  });
});

describe('a genesis by init', () => {
  it('is moved into its place, and may be there already', async () => {
    const made = join(chain.paths.home, '.tmp/config/genesis.json');
    await writeFile(made, genesis);
    await fetchIt();
    expect(await chain.read('config/genesis.json')).toBe(genesis);
    await expect(stat(made)).rejects.toThrow('ENOENT');
    await fetchIt();
    expect(chain.lines).toEqual([
      `moved ${made} to ${chain.paths.genesisFile}`,
      `keeping ${chain.paths.genesisFile}: it was put there before`,
    ]);
  });

  it('may be missing', async () => {
    await expectFailure(
      fetchIt(),
      `${chain.paths.home}/.tmp/config/genesis.json is missing: init of the chain's program made none`,
    );
  });
});

it.each([{ url: 'http://gone.invalid/' }, { script: 'exit 1' }, {}])(
  'the genesis of a node with data is left alone: %j',
  async (options) => {
    await chain.write({ 'data/application.db/CURRENT': '', 'config/genesis.json': 'mine' });
    await fetchIt(options);
    expect(await chain.read('config/genesis.json')).toBe('mine');
    expect(chain.lines).toEqual([
      `keeping the genesis: the node has data already (application.db in ${chain.paths.dataDir})`,
    ]);
  },
);
