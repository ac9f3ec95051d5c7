import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FormatError } from './format-error.ts';
import { readNetworkPackage, unpackNetworkPackage } from './symbol-network-package.ts';
import { makePackageFiles } from './symbol-package-fixture.ts';
import { makeZip } from './zip-fixture.ts';

const where = 'sai.zip';
const files = makePackageFiles();
const edit = (path: string, from: string, to: string) =>
  makePackageFiles({
    [path]: Buffer.from(files.get(path) as Uint8Array)
      .toString()
      .replace(from, to),
  });
const ini = 'sai/shoestring.ini';
const network = 'sai/resources/config-network.properties';

describe('readNetworkPackage', () => {
  it('reads what the network is like', () => {
    expect(readNetworkPackage(files, where).settings).toEqual({
      name: 'testnet',
      identifier: 152,
      epochAdjustment: 1_600_000_000,
      generationHashSeed: Buffer.alloc(32, 0x5a),
      images: { client: 'catapult:1', rest: 'rest:2', mongo: 'mongo:3' },
      nodewatch: 'https://nodewatch.test',
      transaction: {
        feeMultiplier: 200,
        timeoutHours: 1,
        hashLockDuration: 1440,
        currencyMosaicId: 0x72c0212e67a08bcen,
        lockedFundsPerAggregate: 10_000_000,
      },
      voting: { grouping: 720, minLifetime: 28, maxLifetime: 720, maxKeysPerAccount: 3 },
      blockSeconds: 30,
    });
  });

  it.each([
    ['in a folder', files],
    ['without one', new Map([...files].map(([path, content]) => [path.slice(4), content]))],
  ])('finds the files %s', (_, made) => {
    const { seed, resources, rest, mongo } = readNetworkPackage(made, where);
    expect([...seed.keys()].sort()).toEqual([
      '00000/00001.dat',
      '00000/00001.proof',
      '00000/00001.stmt',
      '00000/hashes.dat',
      '00000/proof.heights.dat',
      'index.dat',
      'proof.index.dat',
    ]);
    expect(Buffer.from(seed.get('00000/00001.dat') ?? []).toString()).toBe('block');
    expect(resources.size).toBe(17);
    expect(resources.get('config-pt.properties')).toContain('cacheMaxSize');
    expect([...rest.keys()]).toEqual(['rest.json', 'rest-light.json']);
    expect([...mongo.keys()]).toEqual(['mongoDbPrepare.js']);
  });

  it.each<[string, Map<string, Uint8Array>, string]>([
    [
      'another zip file',
      new Map([['a/b/seed/index.dat', Buffer.from('')]]),
      'found no seed/index.dat: this is no package',
    ],
    ['half a seed', makePackageFiles({ 'sai/seed/00000/hashes.dat': undefined }), 'found no seed/00000/hashes.dat'],
    ['no shoestring.ini', makePackageFiles({ [ini]: undefined }), 'shoestring.ini: found nothing, need this file'],
    ['no network', makePackageFiles({ [network]: undefined }), 'resources/config-network.properties: found nothing'],
    [
      'a damaged file',
      makePackageFiles({ [network]: '\0' }),
      'resources/config-network.properties: line 1: found no section',
    ],
    [
      'a value that is missing',
      edit(ini, 'nodewatch', '# nodewatch'),
      'shoestring.ini: [services] nodewatch: found nothing',
    ],
    ['another network', edit(ini, '5A5A', '5A5B'), 'the package mixes two networks'],
    ['a seed that is none', edit(ini, '5A5A', ''), 'generationHashSeed: need 64 hex digits'],
    ['an id that is none', edit(ini, "0x72C0'212E", 'XYM'), 'currencyMosaicId: found "XYM67A08BCE", need 0x'],
    [
      'a time that is none',
      edit(network, '30s', 'soon'),
      'blockGenerationTargetTime: found "soon", need a time like 30s',
    ],
    ['a number that is none', edit(network, '720', '-720'), 'votingSetGrouping: found "-720", need an integer'],
  ])('refuses %s', (_, made, message) => {
    expect(() => readNetworkPackage(made, where)).toThrow(message);
    expect(() => readNetworkPackage(made, where)).toThrow(/^sai\.zip: /);
  });
});

describe('unpackNetworkPackage', () => {
  it('reads a package out of its zip file', async () => {
    const zip = makeZip([...files].map(([name, content]) => ({ name, content })));
    const sha256 = createHash('sha256').update(zip).digest('hex');
    expect(await unpackNetworkPackage(zip, where, sha256)).toEqual(readNetworkPackage(files, where));
  });

  const page = Buffer.from('404');
  const hash = createHash('sha256').update(page).digest('hex');

  it.each([
    ['f'.repeat(64), `sai.zip: has SHA-256 ${hash}, need ${'f'.repeat(64)}`],
    [hash.toUpperCase(), 'sai.zip: is no zip file'],
    [undefined, 'sai.zip: is no zip file'],
  ])('refuses what is not the file with SHA-256 %s', async (sha256, message) => {
    await expect(unpackNetworkPackage(page, where, sha256)).rejects.toThrow(message);
    await expect(unpackNetworkPackage(page, where, sha256)).rejects.toBeInstanceOf(FormatError);
  });
});
