/** Looks into a downloaded stream: what it is, decompressed where it is compressed. */
import { ArchiveError } from './archive-error.ts';
import { peek } from './byte-reader.ts';
import { decompress } from './decompress.ts';
import { describeUnknown, type FileFormat, HEAD_BYTES, isCompression, recogniseFormat } from './file-format.ts';

export type OpenedFile = {
  /** Of the content, after decompression. */
  format: Exclude<FileFormat, 'gzip' | 'lz4' | 'zstd' | 'xz'>;
  compressed: boolean;
  content: AsyncIterable<Buffer>;
};

/**
 * Calls `read` with the decompressed content. `path` is that of the URL, for files whose first bytes don't tell; `need` says in messages
 * what it should be. Content that is not recognised is an error.
 */
export async function openFile<T>(
  source: AsyncIterable<Buffer>,
  path: string,
  need: string,
  read: (file: OpenedFile) => Promise<T>,
): Promise<T> {
  const { head, whole } = await peek(source, HEAD_BYTES);
  const format = recogniseFormat(head, path);
  if (format === undefined) throw new ArchiveError(`found ${describeUnknown(head)}, need ${need}`);
  if (!isCompression(format)) return read({ format, compressed: false, content: whole });
  const decompressed = decompress(whole, format);
  try {
    const inner = await peek(decompressed, HEAD_BYTES);
    const innerFormat = recogniseFormat(inner.head, path.replace(/\.[^./]*$/, ''));
    if (innerFormat === undefined || isCompression(innerFormat)) {
      throw new ArchiveError(`found a ${format} file of ${describeInner(innerFormat, inner.head)}, need ${need}`);
    }
    return await read({ format: innerFormat, compressed: true, content: inner.whole });
  } finally {
    await decompressed.return(undefined);
  }
}

function describeInner(format: FileFormat | undefined, head: Buffer): string {
  return format === undefined ? describeUnknown(head) : `${format} data`;
}
