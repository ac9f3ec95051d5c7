import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { extractTar } from './extract.ts';
import { readTar } from './tar.ts';
import { tarHeader } from './tar-fixture.ts';
import { BLOCK, parsePaxRecords, readTarNumber } from './tar-header.ts';

let root: string;
let tree: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nodewright-tar-'));
  tree = join(root, 'tree');
  await mkdir(join(tree, 'data/application.db'), { recursive: true });
  await mkdir(join(tree, 'data/empty'));
  await writeFile(join(tree, 'data/application.db/000001.ldb'), 'x'.repeat(100_000));
  await writeFile(join(tree, 'data/application.db/CURRENT'), 'MANIFEST-000001\n', { mode: 0o600 });
  await writeFile(join(tree, 'data/nothing'), '');
  await symlink('application.db/CURRENT', join(tree, 'data/link'));
  execFileSync('ln', ['data/application.db/CURRENT', 'data/hard'], { cwd: tree });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(archive: Buffer, size = 65_536): Promise<string> {
  const target = await mkdtemp(join(root, 'out-'));
  await extractTar(inPieces(archive, size), { target, place: async (path) => path });
  return target;
}

/** By GNU tar, which the archives of snapshots come from. */
function pack(...args: string[]): Buffer {
  return execFileSync('tar', ['-c', ...args, '-C', tree, '.'], { maxBuffer: 1e9 });
}

function compareTrees(one: string, other: string): void {
  const list = (dir: string) =>
    execFileSync(
      'sh',
      [
        '-c',
        `find . -printf '%P %y %m %s %l\\n' | grep -v ' d ' | sort; find . -type f | sort | xargs -d '\\n' sha256sum`,
      ],
      {
        cwd: dir,
      },
    ).toString();
  expect(list(one)).toBe(list(other));
}

describe('an archive of GNU tar', () => {
  it.each(['v7', 'oldgnu', 'gnu', 'ustar', 'posix'])('in the form %s gives the same files', async (format) => {
    compareTrees(await unpack(pack(`--format=${format}`)), tree);
  });

  it('is read whatever the pieces are that it comes in', async () => {
    const archive = pack('--format=posix');
    for (const size of [1000, 511, 512, 513]) compareTrees(await unpack(archive, size), tree);
  });

  it.each(['oldgnu', 'gnu', 'ustar', 'posix'])('in the form %s may have long names', async (format) => {
    const name = `data/${'long-folder-name/'.repeat(8)}${'n'.repeat(90)}`;
    const other = join(root, `long-${format}`);
    await mkdir(join(other, name), { recursive: true });
    if (format !== 'ustar') {
      await writeFile(join(other, name, `${'ü'.repeat(100)}.ldb`), 'deep');
      await symlink(`${'t'.repeat(150)}`, join(other, name, 'link'));
    }
    const archive = execFileSync('tar', ['-c', `--format=${format}`, '-C', other, '.']);
    compareTrees(await unpack(archive), other);
  });

  it.each<[string, string[]]>([
    ['gnu', ['--format=gnu']],
    ['PAX 0.0', ['--format=posix', '--sparse-version=0.0']],
    ['PAX 0.1', ['--format=posix', '--sparse-version=0.1']],
    ['PAX 1.0', ['--format=posix', '--sparse-version=1.0']],
  ])('may have files with holes, as %s has them', async (name, args) => {
    const other = join(root, `sparse ${name}`);
    await mkdir(other);
    const path = join(other, 'holes');
    const file = await open(path, 'w');
    // More pieces than fit into one header.
    for (let piece = 0; piece < 60; piece += 1)
      await file.write(Buffer.alloc(5000, piece + 1), 0, 5000, piece * 200_000);
    await file.close();
    await truncate(path, 20_000_000);
    await writeFile(join(other, 'plain'), 'after it');
    const archive = execFileSync('tar', ['-c', '-S', ...args, '-C', other, '.'], { maxBuffer: 1e9 });
    expect(archive.length).toBeLessThan(2_000_000);
    compareTrees(await unpack(archive, 700), other);
  });

  it('is refused wherever it is cut off, but for the filling at its end', async () => {
    const archive = pack('--format=posix', '--blocking-factor=1');
    let refused = 0;
    for (let length = 0; length <= archive.length - 2 * BLOCK; length += BLOCK / 2) {
      const cut = readTar(inPieces(archive.subarray(0, length), 4096), async () => {});
      await expect(cut).rejects.toThrow(/^the tar archive is damaged or cut off: /);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(100);
    await readTar(inPieces(archive.subarray(0, archive.length - BLOCK), 4096), async () => {});
  });

  it('is refused when a header is damaged', async () => {
    const archive = pack('--format=gnu');
    archive[BLOCK + 5] = 0xff;
    await expect(unpack(archive)).rejects.toThrow(/damaged or cut off: found data where a header should be \(at /);
  });
});

describe('an entry', () => {
  const end = Buffer.alloc(2 * BLOCK);
  const linkInside = tarHeader({ name: 'data', type: '2', linkName: 'elsewhere' });

  it.each<[string, Buffer[], string | RegExp]>([
    ['an absolute path', [tarHeader({ name: '/etc/cron.d/x' })], '"/etc/cron.d/x" is refused: its path is absolute'],
    ['..', [tarHeader({ name: 'data/../../x' })], '"data/../../x" is refused: its path leads out of the directory'],
    ['.. that leads back', [tarHeader({ name: 'data/../x' })], 'its path leads out of the directory'],
    ['a device', [tarHeader({ name: 'data/sda', type: '4' })], '"data/sda" is refused: it is a device, not a file'],
    ['another device', [tarHeader({ name: 'data/tty', type: '3' })], 'it is a device, not a file'],
    ['a fifo', [tarHeader({ name: 'data/pipe', type: '6' })], '"data/pipe" is refused: it is a fifo, not a file'],
    [
      'a type of its own',
      [tarHeader({ name: 'data/x', type: 'M' })],
      '"data/x" is refused: its type is not known here',
    ],
    [
      'an absolute link',
      [tarHeader({ name: 'data/x', type: '2', linkName: '/etc' })],
      '"data/x" is refused: it is a link to "/etc", out of the directory',
    ],
    [
      'a link upwards',
      [tarHeader({ name: 'data/x', type: '2', linkName: '../..' })],
      'it is a link to "../..", out of',
    ],
    [
      'a link that climbs after a name',
      [tarHeader({ name: 'data/x', type: '2', linkName: 'up/..' })],
      'it is a link to "up/..", out of the directory',
    ],
    [
      'a path through a link',
      [linkInside, tarHeader({ name: 'data/x' })],
      '"data/x" is refused: data is a link that the',
    ],
    [
      'a directory through a link',
      [linkInside, tarHeader({ name: 'data/x/', type: '5' })],
      '"data/x/" is refused: data is a link that the',
    ],
    [
      'a hard link to the outside',
      [tarHeader({ name: 'x', type: '1', linkName: '../../etc/passwd' })],
      '"../../etc/passwd" is refused: its path leads out',
    ],
    [
      'a hard link to nothing',
      [tarHeader({ name: 'x', type: '1', linkName: 'y' })],
      '"x" is refused: it is a link to "y", which is no file',
    ],
    [
      'a hard link through a link',
      [linkInside, tarHeader({ name: 'x', type: '1', linkName: 'data/y' })],
      '"x" is refused: it is a link to "data/y", through another',
    ],
    [
      'a file below a file',
      [tarHeader({ name: 'data' }), tarHeader({ name: 'data/x' })],
      '"data/x" is refused: data is a file',
    ],
    [
      'a file over a directory',
      [tarHeader({ name: 'data/x' }), tarHeader({ name: 'data' })],
      /"data" is refused: \S+\/data is a directory/,
    ],
  ])('with %s is refused by name', async (_, headers, message) => {
    await expect(unpack(Buffer.concat([...headers, end]))).rejects.toThrow(message);
  });

  it('is never written through a file that is there', async () => {
    const target = await mkdtemp(join(root, 'out-'));
    await writeFile(join(target, 'key'), 'secret');
    const entries = [tarHeader({ name: 'x', type: '1', linkName: 'key' }), tarHeader({ name: 'x' }, 'evil')];
    await extractTar(inPieces(Buffer.concat([...entries, end]), 512), { target, place: async (path) => path });
    expect(await readFile(join(target, 'key'), 'utf8')).toBe('secret');
    expect(await readFile(join(target, 'x'), 'utf8')).toBe('evil');
  });

  it('of an archive that goes on behind its end is not looked for', async () => {
    const archive = Buffer.concat([tarHeader({ name: 'a' }), end, Buffer.alloc(65 * 1024 * 1024, 1)]);
    await expect(unpack(archive)).rejects.toThrow('much data follows its end');
  });

  it('may have a size beyond eight gigabytes', () => {
    const field = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 1]);
    expect(readTarNumber(field, 0, 12)).toBe(2 ** 33 + 1);
    expect(() => readTarNumber(Buffer.alloc(12, 0xff), 0, 12)).toThrow('over 2^53');
    expect(() => readTarNumber(Buffer.from('12x\0'), 0, 4)).toThrow('found "12x"');
  });

  it.each(['9 a=b', 'x a=b\n', '99 a=b\n', '6 abc\n', '0 a=b\n'])(
    'with the broken extended header %j is refused',
    (text) => {
      expect(() => parsePaxRecords(Buffer.from(text))).toThrow('found a broken extended header');
    },
  );
});
