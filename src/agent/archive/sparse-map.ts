/** Files with holes, in the four forms that GNU tar writes: its own, and PAX 0.0, 0.1 and 1.0. Only what is no hole is in the archive. */
import type { ByteReader } from './byte-reader.ts';
import { BLOCK, readTarNumber, TarError } from './tar-header.ts';

/** A piece of a file that is no hole. */
export type Segment = { offset: number; length: number };

const MAX_SEGMENTS = 1_000_000;

/** GNU's own form (type S): four segments in the header, more in blocks that follow it. */
export async function readGnuSparse(
  header: Buffer,
  reader: ByteReader,
): Promise<{ realSize: number; segments: Segment[] }> {
  const segments = readSegments(header, 386, 4);
  let extended = header[482] !== 0;
  while (extended) {
    const block = await reader.readUpTo(BLOCK);
    if (block.length < BLOCK) throw new TarError('it ends within the map of a sparse file');
    segments.push(...readSegments(block, 0, 21));
    extended = block[504] !== 0;
    if (segments.length > MAX_SEGMENTS) throw new TarError('the map of a sparse file is too long');
  }
  return { realSize: readTarNumber(header, 483, 12), segments: checkSegments(segments) };
}

function readSegments(block: Buffer, start: number, count: number): Segment[] {
  const segments: Segment[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = start + index * 24;
    if (block[at] === 0) break;
    segments.push({ offset: readTarNumber(block, at, 12), length: readTarNumber(block, at + 12, 12) });
  }
  return segments;
}

/** PAX 0.0 (a record for each number) and 0.1 (one record for all). Undefined for other records. */
export function readPaxSparse(records: readonly [string, string][]): Segment[] | undefined {
  const map = records.findLast(([key]) => key === 'GNU.sparse.map')?.[1];
  const numbers = map
    ? map.split(',')
    : records.filter(([key]) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes').map(([, value]) => value);
  if (map === undefined && numbers.length === 0) return undefined;
  return toSegments(numbers);
}

/** PAX 1.0: the map stands before the data, as lines of decimal numbers, filled up to whole blocks. */
export async function readSparsePrefix(reader: ByteReader): Promise<{ segments: Segment[]; bytes: number }> {
  let text = '';
  let bytes = 0;
  const needsMore = () => {
    const lines = text.split('\n');
    const complete = lines.length - 1;
    return complete === 0 || complete < 1 + 2 * Number(lines[0]);
  };
  while (needsMore()) {
    const block = await reader.readUpTo(BLOCK);
    if (block.length < BLOCK) throw new TarError('it ends within the map of a sparse file');
    bytes += BLOCK;
    text += block.toString('latin1');
    if (bytes > MAX_SEGMENTS * 16) throw new TarError('the map of a sparse file is too long');
  }
  const [count, ...numbers] = text.split('\n');
  return { segments: toSegments(numbers.slice(0, 2 * Number(count))), bytes };
}

function toSegments(numbers: readonly string[]): Segment[] {
  const segments: Segment[] = [];
  for (let index = 0; index < numbers.length; index += 2) {
    segments.push({ offset: toCount(numbers[index]), length: toCount(numbers[index + 1]) });
  }
  return checkSegments(segments);
}

function toCount(text: string | undefined): number {
  const value = /^\d{1,16}$/.test(text ?? '') ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new TarError('found a broken map of a sparse file');
  return value;
}

function checkSegments(segments: Segment[]): Segment[] {
  let end = 0;
  for (const { offset, length } of segments) {
    if (offset < end) throw new TarError('found a broken map of a sparse file');
    end = offset + length;
  }
  return segments;
}
