/** restore-snapshot as the program that a pod runs: stopped, killed, on a volume that is too small. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChainFixture, makeChainFixture } from './chain-fixture.ts';
import { MARKER_NAME } from './restore-marker.ts';
import { type ScriptedFiles, startScriptedFiles } from './scripted-files.ts';

const main = new URL('main.ts', import.meta.url).pathname;
const agent = [process.execPath, '--import', 'tsx', main] as const;

let chain: ChainFixture;
let server: ScriptedFiles;
let archive: Buffer;
beforeEach(async () => {
  chain = await makeChainFixture();
  server = await startScriptedFiles();
  const packing = join(chain.paths.home, 'packing');
  for (let index = 0; index < 20; index += 1) {
    const dir = join(packing, `data/${index}.db`);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, '1.ldb'), randomBytes(300_000));
  }
  archive = execFileSync('sh', ['-c', 'tar -c data | lz4 -cq'], { cwd: packing, maxBuffer: 1e9 });
});
afterEach(async () => {
  await chain.remove();
  await server.close();
});

type Run = { child: ChildProcess; output: () => string; ended: Promise<[code: number | null, signal: string | null]> };

function start(
  command: readonly string[],
  args: readonly string[] = ['restore-snapshot', '--url', `${server.url}/s`],
): Run {
  const [program, ...before] = command as [string, ...string[]];
  // tsx is found from the folder of the sources.
  const env = { PATH: process.env.PATH, ...chain.env };
  const child = spawn(program, [...before, ...args], {
    env,
    cwd: join(main, '../../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text, ended: once(child, 'close') as Run['ended'] };
}

async function waitFor(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 10_000, interval: 5 }).toBe(true);
}

async function expectComplete(): Promise<void> {
  expect((await readdir(chain.paths.dataDir)).filter((name) => name.endsWith('.db'))).toHaveLength(20);
  expect(existsSync(join(chain.paths.chainHome, MARKER_NAME))).toBe(false);
  const [packed, unpacked] = await Promise.all(
    [join(chain.paths.home, 'packing/data'), chain.paths.dataDir].map((dir) => readFile(join(dir, '19.db/1.ldb'))),
  );
  expect(packed?.equals(unpacked as Buffer)).toBe(true);
}

describe('restore-snapshot', { timeout: 60_000 }, () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('stopped by %s is repeated as a whole by the next run', async (signal) => {
    server.files.set('/s', { content: archive, stallAfter: 5_000_000 });
    const first = start(agent);
    await waitFor(() => readdirSync(chain.paths.dataDir).some((name) => name.endsWith('.db')));
    first.child.kill(signal);
    expect(await first.ended).toEqual(signal === 'SIGTERM' ? [143, null] : [null, signal]);
    server.files.set('/s', { content: archive });
    const second = start(agent);
    expect(await second.ended).toEqual([0, null]);
    expect(second.output()).toContain('the restore of a snapshot was interrupted: removing what it wrote\n');
    await expectComplete();
  });

  it('ends a script and all that it started', async () => {
    const { child, ended } = start(agent, [
      'restore-snapshot',
      '--script',
      `sleep 1000 & echo $! > ${chain.env.HOME}/pid; wait`,
    ]);
    const pidFile = join(chain.paths.home, 'pid');
    await waitFor(() => existsSync(pidFile) && execFileSync('cat', [pidFile]).length > 1);
    const pid = Number(execFileSync('cat', [pidFile]));
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
    // One that has ended may wait for its parent.
    await waitFor(
      () => !existsSync(`/proc/${pid}/cmdline`) || execFileSync('cat', [`/proc/${pid}/cmdline`]).length === 0,
    );
  });

  it.each<[string, boolean, RegExp]>([
    [
      'whose size is known before a byte is written',
      false,
      /^error: not enough space on \S+\/cosmos: the archive has 5\.7 MiB before it is unpacked, and 4\.0 MiB of 4\.0 MiB are free; enlarge the volume \(spec\.volumeClaimTemplate\.resources\.requests\.storage\)$/m,
    ],
    [
      'of unknown size when it is full',
      true,
      /^error: no space left on \S+\/cosmos at \S+\/data\/\d+\.db\/1\.ldb: 0 B of 4\.0 MiB are free, and \d\.\d MiB of the archive are unpacked; enlarge the volume/m,
    ],
  ])('says that the volume is too small for a snapshot %s', async (_, chunked, message) => {
    server.files.set('/s', { content: archive, chunked });
    // In a name space of its own, so that nothing stays mounted.
    const mount = `mount -t tmpfs -o size=4m none ${chain.paths.chainHome} && mkdir ${chain.paths.dataDir} && exec "$@"`;
    const { ended, output } = start([
      'unshare',
      '--user',
      '--map-root-user',
      '--mount',
      'sh',
      '-c',
      mount,
      'sh',
      ...agent,
    ]);
    expect((await ended)[0]).toBe(1);
    expect(output()).toMatch(message);
  });

  it('says which options do not go together, or are wrong', async () => {
    const run = async (...args: string[]) => {
      const { ended, output } = start(agent, ['restore-snapshot', ...args]);
      return [(await ended)[0], output()];
    };
    expect(await run('--url', 'http://a', '--script', 'true')).toEqual([
      1,
      "error: option '--script <text>' cannot be used with option '--url <url>'\n",
    ]);
    expect(await run('--sha256', '12')).toEqual([
      1,
      "error: option '--sha256 <hex>' argument '12' is invalid. Need the 64 hex digits of a SHA-256 checksum.\n",
    ]);
  });
});
