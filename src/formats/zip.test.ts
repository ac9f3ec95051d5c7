import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from './format-error.ts';
import { readZip } from './zip.ts';
import { makeZip } from './zip-fixture.ts';

const limits = { files: 10, bytes: 10_000 };
const read = async (zip: Uint8Array) =>
  [...(await readZip(zip, limits, 'package.zip'))].map(([name, content]) => [name, Buffer.from(content).toString()]);

describe('readZip', () => {
  it('reads packed and plain files below any folders', async () => {
    const zip = makeZip([
      { name: 'networks-sai/' },
      { name: 'networks-sai/a', content: 'x'.repeat(5000) },
      { name: 'networks-sai/seed/00000/b', content: 'plain', plain: true },
      { name: 'empty' },
    ]);
    expect(await read(zip)).toEqual([
      ['networks-sai/a', 'x'.repeat(5000)],
      ['networks-sai/seed/00000/b', 'plain'],
      ['empty', ''],
    ]);
  });

  it('reads a view into a larger buffer', async () => {
    const zip = makeZip([{ name: 'a', content: 'content' }]);
    expect(await read(Buffer.concat([Buffer.alloc(7), zip]).subarray(7))).toEqual([['a', 'content']]);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'is no zip file, or a damaged one'],
    ['a web page', Buffer.from('<!doctype html><title>404</title>'.repeat(9)), 'is no zip file, or a damaged one'],
    [
      'what is cut off',
      makeZip([{ name: 'a', content: 'content' }]).subarray(0, -30),
      'is no zip file, or a damaged one',
    ],
    ['a path out of the package', makeZip([{ name: 'a/../../b' }]), 'invalid relative path: a/../../b'],
    ['a path from the root', makeZip([{ name: '/etc/passwd' }]), 'absolute path: /etc/passwd'],
    ['a path of Windows', makeZip([{ name: 'a\\b' }]), 'invalid characters in fileName'],
    ['a link', makeZip([{ name: 'a', content: '/etc/passwd', mode: 0o120777 }]), '"a" is a link'],
    ['an encrypted file', makeZip([{ name: 'a', content: 'a', flags: 1 }]), '"a" is encrypted'],
    ['a file twice', makeZip([{ name: 'a' }, { name: 'a' }]), '"a" is there twice'],
    ['a checksum of something else', makeZip([{ name: 'a', content: 'a', crc: 1 }]), '"a" is damaged'],
    [
      'a method that nobody has',
      makeZip([{ name: 'a', content: 'a', method: 99 }]),
      'is no zip file, or a damaged one',
    ],
    [
      'more than it says',
      makeZip([{ name: 'a', content: 'x'.repeat(5000), size: 10 }]),
      'is no zip file, or a damaged one',
    ],
    [
      'too much',
      makeZip([
        { name: 'a', content: 'x'.repeat(9000) },
        { name: 'b', content: 'x'.repeat(1001) },
      ]),
      'has more than 10000 bytes when unpacked',
    ],
    ['too many', makeZip(Array.from({ length: 11 }, (_, index) => ({ name: `${index}` }))), 'has more than 10 files'],
  ])('refuses %s', async (_, zip, message) => {
    await expect(read(zip)).rejects.toThrow(message);
    await expect(read(zip)).rejects.toThrow(/^package\.zip: /);
    await expect(read(zip)).rejects.toBeInstanceOf(FormatError);
  });

  it('never takes damaged content for good', async () => {
    const content = 'content '.repeat(20);
    const zip = makeZip([{ name: 'a', content }]);
    await fc.assert(
      fc.asyncProperty(fc.nat(zip.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const damaged = Buffer.from(zip);
        damaged[place] = (damaged[place] as number) ^ change;
        const files = await readZip(damaged, limits, 'package.zip').catch((error: Error) => error);
        if (files instanceof Error) expect(files).toBeInstanceOf(FormatError);
        else for (const found of files.values()) expect(['', content]).toContain(Buffer.from(found).toString());
      }),
    );
  });
});
