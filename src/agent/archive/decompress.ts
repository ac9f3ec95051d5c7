/** Decompression by the usual programs, each in a process of its own beside ours. */
import type { Readable, Writable } from 'node:stream';
import { endChild, startChild } from '../child-process.ts';
import { ArchiveError } from './archive-error.ts';
import type { Compression } from './file-format.ts';

const PROGRAMS: Record<Compression, readonly [string, ...string[]]> = {
  gzip: ['gzip', '-dc'],
  lz4: ['lz4', '-dc'],
  // A snapshot may have been made with a window as large as there is.
  zstd: ['zstd', '-dcq', '--long=31'],
  xz: ['xz', '-dc'],
};

/**
 * The decompressed stream. Throws what the source throws, or says that the data is damaged or cut off. Who does not read it to its end
 * calls its `return`, which ends the program.
 */
export async function* decompress(source: AsyncIterable<Buffer>, compression: Compression): AsyncGenerator<Buffer> {
  const [program, ...args] = PROGRAMS[compression];
  const child = startChild(program, args, { stdin: 'pipe', stdout: 'pipe' });
  const { process } = child;
  let sourceFault: { error: unknown } | undefined;
  const feeding = feed(source, process.stdin as Writable).catch((error: unknown) => {
    sourceFault = { error };
    // It waits for input that won't come.
    endChild(process);
  });
  try {
    for await (const chunk of process.stdout as Readable) yield chunk;
    const failure = await child.failure;
    // The reason behind what the program says.
    if (sourceFault !== undefined) throw sourceFault.error;
    if (failure !== undefined)
      throw new ArchiveError(`the ${compression} file is damaged or cut off: ${program} ${failure}`);
    await feeding;
  } finally {
    endChild(process);
  }
}

/** Resolves when all is written or the program reads no more: why it does not, it says itself. */
async function feed(source: AsyncIterable<Buffer>, input: Writable): Promise<void> {
  let closed = false;
  let wake = () => {};
  for (const event of ['close', 'error'] as const) {
    input.on(event, () => {
      closed = true;
      wake();
    });
  }
  input.on('drain', () => wake());
  for await (const chunk of source) {
    if (closed) return;
    if (input.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (closed || !input.writableNeedDrain) resolve();
    });
  }
  if (!closed) input.end();
}
