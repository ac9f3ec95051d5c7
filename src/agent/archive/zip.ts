/** Reads zip files by the program unzip: their directory is at the end, so they can't be read as a stream. */
import type { Readable } from 'node:stream';
import { type Child, endChild, startChild } from '../child-process.ts';
import { ArchiveError } from './archive-error.ts';

/** Paths of the files in it. */
export async function listZip(file: string): Promise<string[]> {
  let text = '';
  for await (const chunk of readOutput(['-Z1', file])) text += chunk;
  return text.split('\n').filter((name) => name !== '' && !name.endsWith('/'));
}

/** The content of one file in it; its checksum is checked at the end. */
export function readFromZip(file: string, name: string): AsyncGenerator<Buffer> {
  // unzip takes the name for a pattern.
  return readOutput([
    '-p',
    file,
    name.replace(/[[*?\\]/g, (character) => (character === '\\' ? '\\\\' : `[${character}]`)),
  ]);
}

async function* readOutput(args: readonly string[]): AsyncGenerator<Buffer> {
  const child: Child = startChild('unzip', args, { stdin: 'ignore', stdout: 'pipe' });
  try {
    yield* child.process.stdout as Readable;
    const failure = await child.failure;
    if (failure !== undefined) throw new ArchiveError(`the zip file is damaged or cut off: unzip ${failure}`);
  } finally {
    endChild(child.process);
  }
}
