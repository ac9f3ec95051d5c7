import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeLevelDb } from './leveldb-fixture.ts';
import { type OwnResource, openOwnResource } from './own-resource.ts';
import { startScriptedRpc } from './scripted-rpc.ts';
import { checkVersion, watchVersion } from './version-check.ts';

const COMMITTED = 240;
let dir: string;
let server: Server;
let resource: OwnResource;
let calls: string[];
let refuse: number | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nodewright-version-'));
  await writeLevelDb(join(dir, 'data', 'application.db'));
  const account = join(dir, 'account');
  await mkdir(account);
  const key = join(dir, 'key.pem');
  const ca = join(account, 'ca.crt');
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('sh', ['-c', 'openssl "$@"', 'sh', ...make, ...name, '-keyout', key, '-out', ca], { stdio: 'ignore' });
  await writeFile(join(account, 'token'), 'secret\n');
  await writeFile(join(account, 'namespace'), 'chains');
  server = createServer({ key: await readFile(key), cert: await readFile(ca) }, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    calls.push([request.method, request.url, request.headers.authorization, body].filter(Boolean).join(' '));
    response.statusCode = refuse ?? 200;
    response.end(refuse === undefined ? JSON.stringify(resource) : '{"message":"not today"}');
  });
  server.listen(0);
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  calls = [];
  refuse = undefined;
  resource = {
    metadata: { uid: 'u1' },
    spec: {
      chain: {
        versions: [
          { height: 200, image: 'gaia:v2' },
          { height: 241, image: 'gaia:v3' },
        ],
      },
      podTemplate: { image: 'gaia:v1' },
    },
    status: { height: { 'hub-0': 300 } },
  };
  await rm(join(dir, 'data', 'upgrade-info.json'), { force: true });
});

const URL = '/apis/cosmos.strange.love/v1/namespaces/chains/cosmosfullnodes/hub';
const GET = `GET ${URL} Bearer secret`;
const patchTo = (height: number) =>
  `PATCH ${URL}/status?fieldManager=nodewright-agent Bearer secret {"metadata":{"uid":"u1"},"status":{"height":{"hub-0":${height}}}}`;

function client() {
  const { port } = server.address() as AddressInfo;
  const env = { KUBERNETES_SERVICE_HOST: 'localhost', KUBERNETES_SERVICE_PORT: String(port) };
  return openOwnResource('hub', { env, accountDir: join(dir, 'account') });
}

async function check(image: string): Promise<string[]> {
  const lines: string[] = [];
  const checked = { pod: 'hub-0', image, dataDir: join(dir, 'data') };
  await checkVersion(checked, client(), (line) => lines.push(line)).catch((error) => lines.push(error.message));
  return lines;
}

describe('before the node starts', () => {
  test('a volume from before an upgrade needs the image of that time, and says so', async () => {
    expect(await check('gaia:v3')).toEqual([
      `reported height ${COMMITTED}`,
      `image mismatch for height ${COMMITTED}: gaia:v3 != gaia:v2`,
    ]);
    expect(calls).toEqual([GET, patchTo(COMMITTED)]);
  });

  test('a node that has stopped for the upgrade needs the next one', async () => {
    await writeFile(join(dir, 'data', 'upgrade-info.json'), `{"name":"v3","height":${COMMITTED + 1}}`);
    resource.status = { height: { 'hub-0': COMMITTED + 1 } };
    expect(await check('gaia:v3')).toEqual([`at height ${COMMITTED + 1}, gaia:v3 is the right image`]);
    expect(calls).toEqual([GET]);
  });

  test.each<[string, (spec: OwnResource['spec']) => void, string]>([
    ['the image of an instance wins', (spec) => (spec.instanceOverrides = { 'hub-0': { image: 'own' } }), 'own'],
    [
      'before the first version, that of the template',
      (spec) => (spec.chain.versions = [{ height: 999, image: 'x' }]),
      'gaia:v1',
    ],
  ])('%s', async (_name, change, wanted) => {
    change(resource.spec);
    expect((await check(wanted)).at(-1)).toMatch(new RegExp(`${wanted} is the right image$`));
    expect((await check('other')).at(-1)).toMatch(new RegExp(`other != ${wanted}$`));
  });

  test('without versions the disk is not looked at', async () => {
    resource.spec.chain.versions = [];
    expect(await check('any')).toEqual(['no versions are configured (spec.chain.versions): nothing to check']);
    expect(calls).toEqual([GET]);
  });

  test.each<[number, string]>([
    [
      403,
      'the service account of the pod may not get cosmosfullnodes hub: give it that right, or remove spec.serviceAccountName',
    ],
    [500, 'the API server answered 500 to GET of CosmosFullNode hub: not today'],
  ])('an answer of %d', async (status, message) => {
    refuse = status;
    expect(await check('gaia:v3')).toEqual([message]);
  });
});

test('beside the node, only what it does not say itself is reported', async () => {
  const rpc = await startScriptedRpc();
  const stop = new AbortController();
  const lines: string[] = [];
  const checked = { pod: 'hub-0', image: 'gaia:v2', dataDir: join(dir, 'data') };
  const watching = watchVersion(checked, rpc.url, client(), (line) => lines.push(line), stop.signal, 50);
  await expect.poll(() => lines).toEqual(['the node answers: its height is known']);
  expect(calls).toEqual([]);
  await rpc.close();
  await expect.poll(() => lines.at(-1)).toBe(`at height ${COMMITTED}, gaia:v2 is the right image`);
  expect(calls).toContain(patchTo(COMMITTED));
  stop.abort();
  await watching;
});
