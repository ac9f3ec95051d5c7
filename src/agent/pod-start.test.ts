import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatBytes } from './byte-size.ts';
import { readChainPaths } from './chain-paths.ts';
import { emptyDirectory } from './empty-directory.ts';
import { reportFailure } from './failure.ts';
import { describeProgress, formatSeconds, reportProgress } from './transfer/progress.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nodewright-start-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('emptying a directory', () => {
  it('takes hidden files and folders too, and keeps the directory', async () => {
    await mkdir(join(root, 'a/b'), { recursive: true });
    await writeFile(join(root, '.hidden'), '');
    const lines: string[] = [];
    await emptyDirectory(root, (line) => void lines.push(line));
    await emptyDirectory(root, (line) => void lines.push(line));
    await emptyDirectory(join(root, 'missing'), () => {});
    expect(await readdir(root)).toEqual([]);
    expect(lines).toEqual([`removed .hidden, a from ${root}`, `${root} is empty`]);
  });

  it('says what it could not empty', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(emptyDirectory(join(root, 'file'), () => {})).rejects.toThrow(
      `${root}/file can't be emptied: ENOTDIR`,
    );
  });
});

describe('a failure', () => {
  it('is one line in the log and in the message of the container', async () => {
    const path = join(root, 'termination-log');
    await writeFile(path, '');
    let text = '';
    reportFailure(new Error('first\n  second'), (part) => (text += part), path);
    expect(text).toBe('error: first second\n');
    expect(await readFile(path, 'utf8')).toBe('first second');
    reportFailure('x'.repeat(5000), () => {}, path);
    expect(await readFile(path, 'utf8')).toHaveLength(4096);
  });

  it('makes no message where there is no container', async () => {
    reportFailure(new Error('x'), () => {}, join(root, 'termination-log'));
    expect(await readdir(root)).toEqual([]);
  });
});

it('the paths of a pod must all be there', () => {
  const env = { HOME: '/h', CHAIN_HOME: '/h/c', CONFIG_DIR: 'relative', GENESIS_FILE: '/g', ADDRBOOK_FILE: '/a' };
  expect(() => readChainPaths(env)).toThrow('environment: need absolute paths in CONFIG_DIR, DATA_DIR;');
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [40.1 * 1024 ** 3, '40.1 GiB'],
  [5000 * 1024 ** 4, '5000.0 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [59.6, '1m00s'],
  [12, '12s'],
  [3599, '59m59s'],
  [11_220, '3h07m'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

describe('progress', () => {
  it('tells how far, how fast and how long', () => {
    expect(describeProgress(1024 ** 3, 4 * 1024 ** 3, 100 * 1024 ** 2)).toBe(
      '1.0 GiB of 4.0 GiB (25 %), 100.0 MiB/s, 31s left',
    );
    expect(describeProgress(1024 ** 3, undefined, 1024)).toBe('1.0 GiB, 1.0 KiB/s');
    expect(describeProgress(0, 100, 0)).toBe('0 B of 100 B (0 %), 0 B/s');
  });

  it('is said at most every ten seconds', () => {
    let time = 0;
    const lines: string[] = [];
    const report = reportProgress(
      (line) => void lines.push(line),
      1024 ** 2,
      () => time,
    );
    for (; time <= 25_000; time += 100) report(time * 10);
    expect(lines).toEqual([
      '97.7 KiB of 1.0 MiB (9 %), 9.8 KiB/s, 1m35s left',
      '195.3 KiB of 1.0 MiB (19 %), 9.8 KiB/s, 1m25s left',
    ]);
  });
});
