import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { decompress } from './decompress.ts';
import type { Compression } from './file-format.ts';

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

const content = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * index) & 0xff));
const programs: [Compression, string][] = [
  ['gzip', 'gzip'],
  ['lz4', 'lz4'],
  ['zstd', 'zstd'],
  ['xz', 'xz'],
];
const compress = (program: string, input = content) =>
  execFileSync(program, ['-c'], { input, stdio: ['pipe', 'pipe', 'ignore'] });

async function* inPieces(bytes: Buffer, failure?: Error): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
  if (failure !== undefined) throw failure;
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

describe.each(programs)('decompressing %s', (compression, program) => {
  it('gives the content, also of several files in one', async () => {
    const file = compress(program);
    expect((await collect(decompress(inPieces(file), compression))).equals(content)).toBe(true);
    const twice = await collect(decompress(inPieces(Buffer.concat([file, file])), compression));
    expect(twice.equals(Buffer.concat([content, content]))).toBe(true);
  });

  it('notices when the file is cut off', async () => {
    const file = compress(program);
    for (const length of [file.length - 1, file.length - 4, Math.floor(file.length / 2), 20]) {
      const cut = collect(decompress(inPieces(file.subarray(0, length)), compression));
      await expect(cut).rejects.toThrow(`the ${compression} file is damaged or cut off: ${program} ended with status`);
    }
  });

  it('notices when a bit of the file has changed', async () => {
    const file = compress(program);
    const middle = Math.floor(file.length / 2);
    file[middle] = (file[middle] ?? 0) ^ 0x10;
    await expect(collect(decompress(inPieces(file), compression))).rejects.toThrow('damaged or cut off');
  });

  it('tells the reason of the source before its own', async () => {
    const file = compress(program).subarray(0, 30_000);
    await expect(collect(decompress(inPieces(file, new Error('the line is cut')), compression))).rejects.toThrow(
      /^the line is cut$/,
    );
  });

  it('says when the program is missing', async () => {
    const file = compress(program);
    process.env.PATH = '/nowhere';
    await expect(collect(decompress(inPieces(file), compression))).rejects.toThrow(`${program} is not installed here`);
  });

  it('may be left', async () => {
    const stream = decompress(inPieces(compress(program)), compression);
    await stream.next();
    await stream.return(undefined);
  });
});

it('zstd takes the largest window there is', async () => {
  const file = execFileSync('zstd', ['-cq', '--long=31'], { input: content });
  expect((await collect(decompress(inPieces(file), 'zstd'))).equals(content)).toBe(true);
});
