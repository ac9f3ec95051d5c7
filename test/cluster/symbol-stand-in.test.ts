/**
 * The stand-ins of Symbol's programs against what we make for the real ones, without a cluster: they know formats and protocol on their own,
 * so that what both sides agree on is more than a mistake made once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../cluster/commands.ts';
import { askPeer, readPeerIdentity } from '../../src/agent/symbol-peer.ts';
import { type KeyPair, keyPairFromSeed } from '../../src/formats/ed25519.ts';
import { issueCertificates } from '../../src/formats/symbol-certificates.ts';
import { addressOf, renderHex } from '../../src/formats/symbol-keys.ts';
import { type NetworkPackage, readNetworkPackage } from '../../src/formats/symbol-network-package.ts';
import { loadSymbolTransactions } from '../../src/formats/symbol-transactions.ts';
import { makeVotingKeyFile } from '../../src/formats/symbol-voting-keys.ts';
import { buildResources } from '../../src/kinds/symbol-node/desired/resources.ts';
import { announce, describeAnnouncement, makeRecord } from '../../src/kinds/symbol-node/links/make.ts';
import { planLinkStep } from '../../src/kinds/symbol-node/links/plan.ts';
import { hashesOf, type LinkRecord } from '../../src/kinds/symbol-node/links/record.ts';
import { askAccount } from '../../src/kinds/symbol-node/rpc/account.ts';
import { callOutside } from '../../src/kinds/symbol-node/rpc/outside.ts';
import { eventually } from './eventually.ts';
import { GENERATION_HASH_SEED, makeSymbolPackage } from './symbol-package.ts';

const root = mkdtempSync(join(tmpdir(), 'symbol-stand-in-'));
const bin = join(root, 'bin');
const started: ChildProcess[] = [];
const pair = (byte: number) => keyPairFromSeed(new Uint8Array(32).fill(byte));
const [ca, node] = [pair(1), pair(2)];
const content = readNetworkPackage(
  makeSymbolPackage({ nodewatch: 'http://world', images: { client: 'c', rest: 'r', mongo: 'm' } }),
  'package',
);

beforeAll(async () => {
  await run('go', ['build', '-buildvcs=false', '-o', join(bin, 'symbol-stand-in'), '.'], {
    cwd: 'test/symbol-stand-in',
    env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
  });
  for (const name of ['catapult.server', 'catapult.recovery', 'symbol-world']) {
    cpSync(join(bin, 'symbol-stand-in'), join(bin, name));
  }
});
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return (address as { port: number }).port;
}

type Home = { folder: string; port: number; inspection: string };

/** A node's files below a folder of its own, as the operator makes them. */
async function makeHome(
  name: string,
  edits: { features?: ('HARVESTER' | 'VOTER')[]; content?: NetworkPackage; without?: string } = {},
): Promise<Home> {
  const [folder, port, inspectionPort] = [join(root, name), await freePort(), await freePort()];
  const put = (path: string, bytes: string | Uint8Array) => {
    if (path === edits.without) return;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  const place = (directory: string) => join(folder, directory);
  const files = buildResources(edits.content ?? content, {
    features: edits.features ?? [],
    lightApi: false,
    host: 'node.test',
    friendlyName: name,
    ...(edits.features?.includes('HARVESTER')
      ? { harvesting: { signingKey: pair(3).seed, vrfKey: pair(4).seed } }
      : {}),
    overrides: {
      node: { node: { port: String(port), listenInterface: '127.0.0.1' } },
      user: {
        storage: {
          seedDirectory: place('seed'),
          certificateDirectory: place('certificates'),
          dataDirectory: place('data'),
          votingKeysDirectory: place('votingkeys'),
        },
      },
      'logging-server': { file: { directory: place('logs') } },
      'logging-recovery': { file: { directory: place('logs') } },
    },
  });
  for (const [file, text] of [...files.open, ...files.secret]) put(`resources/${file}`, text);
  const peer = {
    publicKey: 'AB'.repeat(32),
    endpoint: { host: 'peer.test', port: 7900 },
    metadata: { name: 'p', roles: 'Peer' },
  };
  put('resources/peers-p2p.json', JSON.stringify({ knownPeers: [peer] }));
  for (const [path, bytes] of content.seed) put(`seed/${path}`, bytes);
  const certificates = issueCertificates({
    ca,
    node,
    caCommonName: 'ca',
    nodeCommonName: 'node',
    now: new Date(),
    random: (size) => new Uint8Array(size).fill(9),
  });
  for (const [file, text] of Object.entries(certificates)) put(`certificates/${file}`, text);
  const random = (size: number) => new Uint8Array(size).fill(8);
  const epochs = { startEpoch: 3, endEpoch: 10 };
  if (edits.features?.includes('VOTER'))
    put('votingkeys/private_key_tree1.dat', makeVotingKeyFile(pair(5), epochs, random));
  for (const directory of ['data', 'logs']) mkdirSync(join(folder, directory), { recursive: true });
  return { folder, port, inspection: `127.0.0.1:${inspectionPort}` };
}

function start(program: string, args: string[], inspection = '') {
  const child = spawn(join(bin, program), args, {
    env: { LD_LIBRARY_PATH: '/usr/catapult/lib:/usr/catapult/deps', STAND_IN_INSPECTION: inspection },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  started.push(child);
  let words = '';
  child.stderr.on('data', (chunk) => {
    words += chunk;
  });
  const ended = once(child, 'exit').then(([code]) => ({ code, words }));
  return { child, ended, words: () => words };
}

async function ask({ folder, port }: Home) {
  const identity = await readPeerIdentity(join(folder, 'certificates'));
  return eventually(20, () => askPeer({ host: '127.0.0.1', port }, identity, 2000));
}

describe('the server', () => {
  it('takes the configuration, certificates and keys that we make, and talks as we do', async () => {
    const home = await makeHome('voter', { features: ['HARVESTER', 'VOTER'] });
    start('catapult.server', [home.folder], home.inspection);
    const first = await ask(home);
    expect(first).toMatchObject({
      finalization: { epoch: 2 },
      node: {
        version: '1.0.3.7',
        mainPublicKey: renderHex(ca.publicKey),
        generationHashSeed: GENERATION_HASH_SEED,
        roles: 5,
        port: home.port,
        host: 'node.test',
        friendlyName: 'voter',
      },
      peers: [{ mainPublicKey: 'AB'.repeat(32), host: 'peer.test' }],
    });
    await eventually(10, async () => expect((await ask(home)).chain.height).toBeGreaterThan(first.chain.height));
    const seen = (await (await fetch(`http://${home.inspection}/`)).json()) as { votingKeys: unknown };
    expect(seen.votingKeys).toEqual([
      {
        file: 'private_key_tree1.dat',
        startEpoch: 3,
        endEpoch: 10,
        publicKey: renderHex(pair(5).publicKey).toLowerCase(),
      },
    ]);
  });

  it('leaves its lock when it is killed, ends with 253 until it is recovered, and goes on', async () => {
    const home = await makeHome('killed');
    const killed = start('catapult.server', [home.folder], home.inspection);
    const { chain } = await eventually(20, async () => {
      const answer = await ask(home);
      expect(answer.chain.height).toBeGreaterThan(1);
      return answer;
    });
    killed.child.kill('SIGKILL');
    await killed.ended;
    const locked = await start('catapult.server', [home.folder], home.inspection).ended;
    expect(locked).toMatchObject({ code: 253, words: expect.stringContaining('could not acquire instance lock') });
    expect(await start('catapult.recovery', [home.folder]).ended).toMatchObject({ code: 0 });
    const again = start('catapult.server', [home.folder], home.inspection);
    expect((await ask(home)).chain.height).toBeGreaterThanOrEqual(chain.height);
    again.child.kill('SIGTERM');
    expect(await again.ended).toMatchObject({ code: 0 });
    const journal = readFileSync(join(home.folder, 'data/journal.log'), 'utf8');
    expect(journal.match(/server started|recovered|server stopped/g)).toEqual([
      'server started',
      'recovered',
      'server started',
      'server stopped',
    ]);
  });

  it('is not recovered while a recovery has not ended', async () => {
    const home = await makeHome('failing');
    writeFileSync(join(home.folder, 'data/recovery-fails'), '');
    expect(await start('catapult.recovery', [home.folder]).ended).toMatchObject({ code: 1 });
    rmSync(join(home.folder, 'data/recovery-fails'));
    expect(await start('catapult.recovery', [home.folder]).ended).toMatchObject({ code: 253 });
  });

  it.each([
    ['resources/config-user.properties', 'config-user.properties: no such file'],
    ['resources/peers-p2p.json', 'peers-p2p.json: no such file'],
    ['seed/00000/hashes.dat', 'hashes.dat: no such file'],
    ['certificates/node.full.crt.pem', 'node.full.crt.pem: no such file'],
    ['certificates/ca.pubkey.pem', 'ca.pubkey.pem: no such file'],
  ])('does not start without %s', async (without, words) => {
    const home = await makeHome(`without-${without.replaceAll('/', '-')}`, { without });
    expect(await start('catapult.server', [home.folder], home.inspection).ended).toMatchObject({
      code: 1,
      words: expect.stringContaining(words),
    });
  });
});

describe('the world', () => {
  const wanted = {
    remote: pair(3).publicKey,
    vrf: pair(4).publicKey,
    voting: [{ rootPublicKey: pair(5).publicKey, startEpoch: 3, endEpoch: 722 }],
  };

  /** A chain of its own, and the operator's way to link the keys in it. */
  async function startWorld(signer: KeyPair) {
    const address = `127.0.0.1:${await freePort()}`;
    start('symbol-world', [GENERATION_HASH_SEED, address]);
    const rest = `http://${address}`;
    const transactions = await loadSymbolTransactions(content.settings);
    let record: LinkRecord | undefined;
    const get = async (path: string) => {
      const answer = await fetch(`${rest}${path}`);
      expect(answer.status, path).toBe(200);
      const text = await answer.text();
      return text === '' ? undefined : JSON.parse(text);
    };
    const look = () =>
      eventually(20, () => askAccount(callOutside, rest, ca.publicKey, content.settings, hashesOf(record)));
    const step = async () => {
      const view = await look();
      const { state, action } = planLinkStep({
        mode: 'Announce',
        account: ca.publicKey,
        network: content.settings,
        hasAccountKey: true,
        cosigner: signer.publicKey,
        wanted,
        maxVotingKeys: 3,
        view,
        record,
        currency: '72C0212E67A08BCE',
      });
      if (action?.do === 'make')
        record = makeRecord(transactions, {
          changes: action.changes,
          account: ca.publicKey,
          minApproval: view.multisig.minApproval,
          signer,
          networkTime: view.networkTime,
          settings: content.settings,
        });
      if (action?.do === 'announce' && record !== undefined)
        await announce(callOutside, describeAnnouncement(rest, record, action.part));
      return state;
    };
    await look();
    return { get, look, step, record: () => record as LinkRecord };
  }

  it('takes the link transaction that we make, once, and links the keys', async () => {
    const { get, look, step, record } = await startWorld(ca);
    expect([await step(), await step(), await step()]).toEqual(['Signed', 'Announced', 'Announced']);
    // The world computes the hash and checks the signature by itself.
    expect(await get('/announced')).toEqual([record().hash]);
    await get('/make-blocks/1');
    expect(await step()).toBe('Linked');
    expect((await look()).state?.links).toEqual(wanted);
    expect(await get('/announced')).toHaveLength(1);
  });

  it('takes the bonded transaction of a multisig account, after its deposit, and waits for who else has to sign', async () => {
    const cosigner = pair(7);
    const { get, look, step, record } = await startWorld(cosigner);
    const hex = ({ publicKey }: KeyPair) => renderHex(publicKey);
    const { identifier } = content.settings;
    const address = addressOf(ca.publicKey, identifier);
    await get(`/make-multisig/${hex(ca)}/${address}/2/${hex(cosigner)}/${addressOf(cosigner.publicKey, identifier)}`);
    expect([await step(), await step(), await step()]).toEqual(['Signed', 'Announced', 'Announced']);
    const lock = record().lock?.hash;
    // The deposit goes first, and alone until it is confirmed.
    expect(await get('/announced')).toEqual([lock]);
    await get('/make-blocks/1');
    expect([await step(), await step()]).toEqual(['AwaitingCosignatures', 'AwaitingCosignatures']);
    expect(await get('/announced')).toEqual([lock, record().hash]);
    await get('/make-blocks/1');
    expect(await step()).toBe('AwaitingCosignatures');
    await get(`/cosign/${record().hash}`);
    expect(await step()).toBe('Announced');
    await get('/make-blocks/1');
    expect(await step()).toBe('Linked');
    expect((await look()).state?.links).toEqual(wanted);
    expect(await get('/announced')).toHaveLength(2);
  });
});
