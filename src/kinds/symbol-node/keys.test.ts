import { describe, expect, test } from 'vitest';
import { keyPairFromSeed } from '../../formats/ed25519.ts';
import { readCertificates } from '../../formats/symbol-certificates.ts';
import { renderPrivateKeyPem } from '../../formats/symbol-keys.ts';
import { SECRETS } from '../../kube/resource-types.ts';
import { filesOf, toData } from './identities.ts';
import { foldAnswer } from './rpc/reading.ts';
import { SymbolWorld } from './symbol-world.ts';

const NODE = 'node-example-org-sai';
const secret = (name: string, files: Record<string, string>) => ({
  ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'Opaque', data: toData(files) },
});
const keyPem = (byte: number) => renderPrivateKeyPem(keyPairFromSeed(new Uint8Array(32).fill(byte)));
const reasons = ({ problems }: { problems: { reason: string }[] }) => problems.map(({ reason }) => reason);

describe('keys', () => {
  test('the CA key outlives the resource, and a new resource finds it', async () => {
    const world = new SymbolWorld();
    await world.settle();
    const kept = world.secret(`ca-${NODE}`);
    expect(kept?.metadata.ownerReferences).toBeUndefined();
    for (const [key, object] of world.objects)
      if (object.metadata.ownerReferences !== undefined) world.objects.delete(key);
    world.resource.metadata = { ...world.resource.metadata, uid: 'another' };
    await world.settle();
    expect(world.secret(`ca-${NODE}`)).toEqual(kept);
  });

  test('a key of the user is used and never copied', async () => {
    const world = new SymbolWorld({ caKeySecret: { name: 'mine' } });
    expect(reasons(await world.settle())).toEqual(['CaKeyMissing']);
    world.put(SECRETS, secret('mine', { 'ca.key.pem': keyPem(7) }));
    expect((await world.settle()).problems).toEqual([]);
    expect(world.secret(`ca-${NODE}`)).toBeUndefined();
    const { caPublicKey } = readCertificates(filesOf(world.secret(`certificates-${NODE}`) as never), 'it');
    expect(caPublicKey).toEqual(keyPairFromSeed(new Uint8Array(32).fill(7)).publicKey);
  });

  test('another key changes nothing until new certificates are asked for', async () => {
    const world = new SymbolWorld();
    await world.settle();
    const before = world.pod?.metadata.uid;
    world.put(SECRETS, secret('mine', { 'ca.key.pem': keyPem(7) }));
    world.resource.spec.caKeySecret = { name: 'mine' };
    expect(reasons(await world.settle())).toEqual(['CaKeyMismatch']);
    expect(world.pod?.metadata.uid).toBe(before);
    world.resource.spec.requests = { renewCertificates: { id: 'move', renewCa: true } };
    expect((await world.settle()).problems).toEqual([]);
    expect(world.pod?.metadata.uid).not.toBe(before);
  });

  test('keys of shoestring and of bootstrap are taken over', async () => {
    const hex = (byte: number) => Buffer.alloc(32, byte).toString('hex').toUpperCase();
    const properties = `[harvesting]\n\nharvesterSigningPrivateKey = ${hex(3)}\nharvesterVrfPrivateKey = ${hex(4)}\n`;
    for (const files of [
      { 'remote.pem': keyPem(3), 'vrf.pem': keyPem(4) },
      { 'config-harvesting.properties': properties },
    ]) {
      const world = new SymbolWorld({ features: ['HARVESTER'], import: { secretName: 'old' } });
      world.put(
        SECRETS,
        secret('old', { ...files, 'ca.key.pem': keyPem(1), 'node.key.pem': keyPem(2) } as Record<string, string>),
      );
      expect((await world.settle()).problems).toEqual([]);
      const text = filesOf(world.secret(`harvesting-${NODE}`) as never)['config-harvesting.properties'];
      expect(text).toContain(`harvesterSigningPrivateKey = ${hex(3)}`);
      expect(text).toContain(`harvesterVrfPrivateKey = ${hex(4)}`);
      const { node, caPublicKey } = readCertificates(filesOf(world.secret(`certificates-${NODE}`) as never), 'it');
      expect(Buffer.from(node.seed)).toEqual(Buffer.alloc(32, 2));
      expect(caPublicKey).toEqual(keyPairFromSeed(new Uint8Array(32).fill(1)).publicKey);
    }
  });

  test('private keys are in Secrets only', async () => {
    const world = new SymbolWorld({ features: ['HARVESTER', 'VOTER', 'API'] });
    await world.settle();
    const seeds = ['ca.key.pem', 'remote.pem', 'vrf.pem', 'node.key.pem'].map((file) => {
      const holder = [...world.objects.values()].find(
        (object) => object.kind === 'Secret' && file in ((object as { data?: object }).data ?? {}),
      );
      return filesOf(holder as never)[file] ?? '';
    });
    const open = JSON.stringify([...world.objects.values()].filter(({ kind }) => kind !== 'Secret'));
    for (const pem of seeds) {
      expect(pem).toContain('PRIVATE KEY');
      expect(open).not.toContain(pem.split('\n')[1]);
    }
    expect(Object.keys(world.configMap(`resources-${NODE}`)?.data ?? {})).not.toContain('config-harvesting.properties');
  });
});

describe('renewals', () => {
  const DAY = 86_400_000;
  const certificatesOf = (world: SymbolWorld) =>
    readCertificates(filesOf(world.secret(`certificates-${NODE}`) as never), 'it');

  test('a node certificate is renewed 30 days before its end, with the node key it has', async () => {
    const world = new SymbolWorld();
    await world.settle();
    const before = certificatesOf(world);
    const pod = world.pod?.metadata.uid;
    world.now = new Date(before.nodeNotAfter.getTime() - 31 * DAY);
    expect((await world.settle()).changes).toEqual([]);
    expect(world.pod?.metadata.uid).toBe(pod);
    world.now = new Date(before.nodeNotAfter.getTime() - 29 * DAY);
    await world.settle();
    const after = certificatesOf(world);
    expect(after.node).toEqual(before.node);
    expect(after.caNotAfter).toEqual(before.caNotAfter);
    expect(after.nodeNotAfter.getTime()).toBe(world.now.getTime() + 375 * DAY);
    expect(world.pod?.metadata.uid).not.toBe(pod);
  });

  test('certificates that have all ended are renewed', async () => {
    const world = new SymbolWorld();
    await world.settle();
    world.now = new Date(world.now.getTime() + 30 * 365 * DAY);
    expect((await world.settle()).problems).toEqual([]);
    expect(certificatesOf(world).nodeNotAfter.getTime()).toBeGreaterThan(world.now.getTime());
    expect(certificatesOf(world).caNotAfter.getTime()).toBeGreaterThan(world.now.getTime());
  });

  test('without the right to renew nothing happens', async () => {
    const world = new SymbolWorld({ certificates: { autoRenew: false } });
    await world.settle();
    world.now = new Date(world.now.getTime() + 374 * DAY);
    expect((await world.plan()).changes).toEqual([]);
  });

  test('a request for a new node key gives one, once', async () => {
    const world = new SymbolWorld();
    await world.settle();
    const before = certificatesOf(world).node;
    world.resource.spec.requests = { renewCertificates: { id: 'one', newNodeKey: true } };
    await world.settle();
    const after = certificatesOf(world).node;
    expect(after).not.toEqual(before);
    expect((await world.plan()).changes).toEqual([]);
    expect(certificatesOf(world).node).toEqual(after);
  });

  test('voting keys: the first begins two epochs ahead, the next follows 30 days before its end', async () => {
    const world = new SymbolWorld({ features: ['VOTER'] });
    const { votingKeys: first } = await world.settle();
    // 1400 / 720, rounded up, and the first epoch is 1.
    expect(first).toMatchObject([{ file: 'private_key_tree1.dat', startEpoch: 5, endEpoch: 724 }]);
    const finalizedHeight = (724 - 100) * 720;
    world.outside.set(
      'https://nodewatch.test/api/symbol/height',
      JSON.stringify({ height: finalizedHeight, finalizedHeight }),
    );
    world.now = new Date(world.now.getTime() + 3_600_000);
    const pod = world.pod?.metadata.uid;
    const { votingKeys } = await world.settle();
    expect(votingKeys).toMatchObject([
      { file: 'private_key_tree1.dat', startEpoch: 5 },
      { file: 'private_key_tree2.dat', startEpoch: 725, endEpoch: 1444 },
    ]);
    expect(world.pod?.metadata.uid).not.toBe(pod);
  });

  test.each<[string, number | undefined, string[]]>([
    ['nodewatch alone says so', undefined, ['private_key_tree1.dat', 'private_key_tree2.dat']],
    ['the node has not come that far', 1400, ['private_key_tree1.dat', 'private_key_tree2.dat']],
    ['the node says so, too', 5000 * 720, ['private_key_tree2.dat']],
  ])(
    'voting keys that have ended get others that can vote, and go when they surely have: %s',
    async (_what, own, files) => {
      const world = new SymbolWorld({ features: ['VOTER'] });
      await world.settle();
      const finalizedHeight = 5000 * 720;
      world.outside.set(
        'https://nodewatch.test/api/symbol/height',
        JSON.stringify({ height: finalizedHeight, finalizedHeight }),
      );
      world.now = new Date(world.now.getTime() + 3_600_000);
      if (own !== undefined)
        world.reading = foldAnswer(undefined, { node: { height: own, finalizedHeight: own } }, world.now.getTime(), 5);
      const { votingKeys } = await world.settle();
      expect(votingKeys.map(({ file }) => file)).toEqual(files);
      expect(votingKeys.at(-1)).toMatchObject({ file: 'private_key_tree2.dat', startEpoch: 5003 });
    },
  );

  test('a voter whose network tells no height runs without voting until it does', async () => {
    const world = new SymbolWorld({ features: ['VOTER'] });
    world.outside.delete('https://nodewatch.test/api/symbol/height');
    expect(reasons(await world.settle())).toEqual(['HeightUnknown']);
    expect(world.pod).toBeDefined();
  });
});
