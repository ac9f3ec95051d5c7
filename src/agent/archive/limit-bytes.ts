import { formatBytes } from '../byte-size.ts';
import { ArchiveError } from './archive-error.ts';

/** The same stream, which throws once it is longer than this. A few bytes may decompress to any number. */
export async function* limitBytes(source: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > most) throw new ArchiveError(`its content is larger than ${formatBytes(most)}`);
    yield chunk;
  }
}
