/** Reads a tar archive as a stream, whatever wrote it, and notices when it is not all there. */
import { type ByteReader, readBytes } from './byte-reader.ts';
import { readGnuSparse, readPaxSparse, readSparsePrefix, type Segment } from './sparse-map.ts';
import { BLOCK, isZero, parsePaxRecords, parseTarHeader, TarError, type TarHeader } from './tar-header.ts';

export type TarEntry = {
  /** As in the archive: nothing about it is safe. */
  path: string;
  kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'device' | 'fifo' | 'unknown';
  mode: number;
  /** Of the file once it is unpacked. */
  size: number;
  linkTarget: string;
  /** The pieces that the content consists of, one after the other; undefined for a file without holes. */
  segments: readonly Segment[] | undefined;
};

/** Extended headers are kept in memory. */
const MAX_EXTENSION = 1024 * 1024;
/** Programs fill archives up with zeros to some blocks' length; more than this is no filling. */
const MAX_TRAILER = 64 * 1024 * 1024;

/**
 * Calls `onEntry` for each entry in order; it may leave the content, or what remains of it, unread. Reads the source to its end.
 * Throws TarError when the archive is broken, or ends without its end mark.
 */
export async function readTar(
  source: AsyncIterable<Buffer>,
  onEntry: (entry: TarEntry, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const reader = readBytes(source);
  let last = 'its beginning';
  try {
    for (let next = await readEntry(reader); next !== undefined; next = await readEntry(reader)) {
      last = next.entry.path;
      const content = readContent(reader, next.stored);
      await onEntry(next.entry, content.chunks);
      await content.skipRest();
    }
    await skipTrailer(reader);
  } catch (error) {
    if (error instanceof TarError)
      throw new TarError(`the tar archive is damaged or cut off: ${error.message} (at ${last})`);
    throw error;
  }
}

/** What extended headers say of the entry that follows them. */
type Extensions = { name?: string; linkName?: string; records: [string, string][] };

/** The next entry and how many bytes of content the archive has for it; undefined at the end mark. */
async function readEntry(reader: ByteReader): Promise<{ entry: TarEntry; stored: number } | undefined> {
  const extensions: Extensions = { records: [] };
  for (;;) {
    const block = await reader.readUpTo(BLOCK);
    if (block.length < BLOCK) throw new TarError('it ends without the mark of its end');
    if (isZero(block)) return undefined;
    const header = parseTarHeader(block);
    if (await readExtension(header, reader, extensions)) continue;
    return describeEntry(header, block, reader, extensions);
  }
}

/** Reads a header that only describes the next entry; false for an entry. */
async function readExtension(header: TarHeader, reader: ByteReader, extensions: Extensions): Promise<boolean> {
  if (!'xXgLKVN'.includes(header.type)) return false;
  if (header.size > MAX_EXTENSION) throw new TarError('an extended header is too long');
  const data = await reader.readUpTo(header.size);
  if (data.length < header.size) throw new TarError('it ends within an extended header');
  await skipPadding(reader, header.size);
  const text = () => data.toString('utf8').replace(/\0.*$/s, '');
  if (header.type === 'L') extensions.name = text();
  if (header.type === 'K') extensions.linkName = text();
  if (header.type === 'x' || header.type === 'X') extensions.records.push(...parsePaxRecords(data));
  return true;
}

async function describeEntry(header: TarHeader, block: Buffer, reader: ByteReader, extensions: Extensions) {
  const pax = new Map(extensions.records);
  const path = pax.get('GNU.sparse.name') ?? pax.get('path') ?? extensions.name ?? header.name;
  const linkTarget = pax.get('linkpath') ?? extensions.linkName ?? header.linkName;
  const kind = kindOf(header.type, path);
  const declared = pax.has('size') ? Number(pax.get('size')) : header.size;
  if (!Number.isSafeInteger(declared) || declared < 0) throw new TarError('found a broken extended header');
  let stored = kind === 'file' || header.type === 'D' || kind === 'unknown' ? declared : 0;
  let segments: Segment[] | undefined;
  let size = Number(pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size') ?? declared);
  if (header.type === 'S') {
    const sparse = await readGnuSparse(block, reader);
    segments = sparse.segments;
    size = sparse.realSize;
  } else if (pax.get('GNU.sparse.major') === '1') {
    const prefix = await readSparsePrefix(reader);
    segments = prefix.segments;
    stored -= prefix.bytes;
  } else {
    segments = readPaxSparse(extensions.records);
  }
  const total = segments?.reduce((sum, { length }) => sum + length, 0);
  if (!Number.isSafeInteger(size) || stored < 0 || (total !== undefined && total !== stored)) {
    throw new TarError('found a broken map of a sparse file');
  }
  return { entry: { path, kind, mode: header.mode, size, linkTarget, segments }, stored };
}

function kindOf(type: string, path: string): TarEntry['kind'] {
  // Archives from before there was a type for directories.
  if ('07S'.includes(type)) return path.endsWith('/') ? 'directory' : 'file';
  const kinds: Record<string, TarEntry['kind']> = {
    '1': 'hardlink',
    '2': 'symlink',
    '3': 'device',
    '4': 'device',
    '5': 'directory',
    '6': 'fifo',
    D: 'directory',
  };
  return kinds[type] ?? 'unknown';
}

function readContent(reader: ByteReader, bytes: number) {
  let left = bytes;
  async function* read(): AsyncGenerator<Buffer> {
    while (left > 0) {
      const part = await reader.readSome(left);
      if (part === undefined) throw new TarError('it ends within a file');
      left -= part.length;
      yield part;
    }
  }
  const skipRest = async () => {
    for await (const _ of read());
    await skipPadding(reader, bytes);
  };
  return { chunks: read(), skipRest };
}

async function skipPadding(reader: ByteReader, size: number): Promise<void> {
  const padding = (BLOCK - (size % BLOCK)) % BLOCK;
  if ((await reader.readUpTo(padding)).length < padding) throw new TarError('it ends within a file');
}

async function skipTrailer(reader: ByteReader): Promise<void> {
  let bytes = 0;
  for (let part = await reader.readSome(MAX_TRAILER); part !== undefined; part = await reader.readSome(MAX_TRAILER)) {
    bytes += part.length;
    if (bytes > MAX_TRAILER)
      throw new TarError('much data follows its end; several archives in one file are not supported');
  }
}
