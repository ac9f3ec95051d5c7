/** Our image: how large it is, and how long its two programs take to start, run by the Node.js that is in it. */
import { execFile } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { cacheFolder } from '../../cluster/folders.ts';
import { prepareOwnImage } from '../../cluster/images.ts';
import { hex } from '../../cluster/oci-image.ts';
import { startProgress } from '../../cluster/progress.ts';
import { type Figure, figure } from './report.ts';

const run = promisify(execFile);
const MEGABYTE = 1_000_000;

/** Needs root, as it runs the programs in the image's own file system. */
export async function benchImage(root: string, rounds: number, say: (line: string) => void): Promise<Figure[]> {
  const progress = startProgress(say);
  const image = await prepareOwnImage({ root, cache: cacheFolder(), progress }, join(root, 'dist')).finally(() =>
    progress.stop(),
  );
  const layers = image.layers.map((digest) => join(image.dir, 'blobs/sha256', hex(digest)));
  const sizes = layers.map((file) => statSync(file).size / MEGABYTE);
  const packed = await Promise.all(layers.map(packedSize));
  const starts = await timeStarts(layers, rounds);
  return [
    figure('imageMegabytes', 'the image, unpacked', 'MB', [sum(sizes)]),
    figure('imagePackedMegabytes', 'the image, as a registry keeps it (gzip)', 'MB', [sum(packed)]),
    figure('ownMegabytes', 'of it ours, which an upgrade downloads (gzip)', 'MB', [packed.at(-1) ?? 0]),
    figure(
      'commandStartRatio',
      'nodewright --version against node itself',
      'ratio',
      ratios(starts.command, starts.node),
    ),
    figure(
      'agentStartRatio',
      'nodewright-agent --help against node itself',
      'ratio',
      ratios(starts.agent, starts.node),
    ),
    figure('commandStartSeconds', 'nodewright --version', 's', starts.command),
    figure('agentStartSeconds', 'nodewright-agent --help', 's', starts.agent),
  ];
}

async function timeStarts(
  layers: readonly string[],
  rounds: number,
): Promise<Record<'command' | 'agent' | 'node', number[]>> {
  const root = mkdtempSync(join(tmpdir(), 'nodewright-image-'));
  try {
    for (const layer of layers) await run('tar', ['-xf', layer, '-C', root]);
    const time = async (...command: string[]) => {
      const begin = performance.now();
      await run('chroot', [root, ...command]);
      return (performance.now() - begin) / 1000;
    };
    const starts = { command: [] as number[], agent: [] as number[], node: [] as number[] };
    // The first one reads the files from the disk.
    await time('nodewright', '--version');
    for (let round = 0; round < rounds; round += 1) {
      starts.command.push(await time('nodewright', '--version'));
      starts.agent.push(await time('nodewright-agent', '--help'));
      starts.node.push(await time('node', '--eval', ''));
    }
    return starts;
  } finally {
    rmSync(root, { recursive: true });
  }
}

function ratios(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, round) => value / (base[round] as number));
}

async function packedSize(file: string): Promise<number> {
  let size = 0;
  await pipeline(createReadStream(file), createGzip(), async (chunks) => {
    for await (const chunk of chunks) size += chunk.length;
  });
  return size / MEGABYTE;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
