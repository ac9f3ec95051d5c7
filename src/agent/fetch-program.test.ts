/** fetch-genesis as the program that a pod runs: over TLS, through a proxy, by the variables of its environment. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChainFixture, makeChainFixture } from './chain-fixture.ts';
import { addressOf, closeServer } from './scripted-files.ts';

const main = new URL('main.ts', import.meta.url).pathname;
const genesis = '{"chain_id":"demo-1"}';

let chain: ChainFixture;
let server: Server;
let certificate: string;
beforeEach(async () => {
  chain = await makeChainFixture();
  const key = join(chain.paths.home, 'key.pem');
  certificate = join(chain.paths.home, 'certificate.pem');
  const name = ['-subj', '/CN=chain.example', '-addext', 'subjectAltName=DNS:chain.example'];
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('sh', ['-c', 'openssl "$@"', 'sh', ...make, ...name, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
  server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) => {
    response.end(genesis);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await closeServer(server);
  await chain.remove();
});

async function runFetch(env: Record<string, string>, ...args: string[]): Promise<[code: number, output: string]> {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    env: { PATH: process.env.PATH, ...chain.env, ...env },
    cwd: join(main, '../../..'),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return [code, output];
}

describe('fetch-genesis', { timeout: 30_000 }, () => {
  it('goes through a proxy to a server that it trusts, and to no other', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const behind = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connected\r\n\r\n');
        behind.pipe(socket).pipe(behind);
      });
      for (const end of [behind, socket])
        end.on('error', () => {}).on('close', () => [behind, socket].map((other) => other.destroy()));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const env = { HTTPS_PROXY: addressOf(proxy) };
    const args = ['fetch-genesis', '--url', 'https://chain.example/genesis.json?key=secret'];
    expect(await runFetch(env, ...args)).toEqual([
      1,
      "error: cannot download https://chain.example/genesis.json?…: the server's certificate is not trusted: self-signed certificate; check spec.chain.genesisURL\n",
    ]);
    expect(await runFetch({ ...env, NODE_EXTRA_CA_CERTS: certificate }, ...args)).toEqual([
      0,
      `downloading https://chain.example/genesis.json?… (21 B)\nwrote ${chain.paths.genesisFile}: a genesis of chain demo-1\n`,
    ]);
    expect(await chain.read('config/genesis.json')).toBe(genesis);
    expect(asked).toEqual(['chain.example:443', 'chain.example:443']);
    await closeServer(proxy);
  });

  it('takes the genesis of init, and needs its environment', async () => {
    const made = join(chain.paths.home, '.tmp/config/genesis.json');
    await writeFile(made, genesis);
    expect(await runFetch({}, 'fetch-genesis')).toEqual([0, `moved ${made} to ${chain.paths.genesisFile}\n`]);
    expect(await runFetch({ DATA_DIR: '' }, 'fetch-genesis')).toEqual([
      1,
      'error: environment: need absolute paths in DATA_DIR; the pod template may have removed them\n',
    ]);
  });

  it('runs the commands that need nothing', async () => {
    await chain.write({ 'tmp/x': '' });
    const dir = join(chain.paths.chainHome, 'tmp');
    expect(await runFetch({}, 'empty-directory', dir)).toEqual([0, `removed x from ${dir}\n`]);
    expect(await runFetch({}, 'version-check')).toEqual([
      0,
      'no versions are configured (spec.chain.versions): nothing to check\n',
    ]);
  });
});
