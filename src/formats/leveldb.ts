/**
 * The parts of LevelDB's files that it takes to look up one key (doc/log_format.md and doc/table_format.md of LevelDB; goleveldb writes the
 * same). Reads only: neither lock nor anything else is written.
 */
import { crc32c, unmaskCrc } from './crc32c.ts';
import { FormatError } from './format-error.ts';
import { decompressSnappy } from './snappy.ts';

/** A value of a key, or that it was deleted; of several the one with the highest sequence counts. */
export type Entry = { sequence: bigint; value: Uint8Array | undefined };

export type TableFile = { number: number; smallest: Uint8Array; largest: Uint8Array };

/** Which files make up a database. */
export type Version = { tables: TableFile[]; logNumber: number; previousLogNumber: number };

const LOG_BLOCK = 32 * 1024;
const LOG_HEADER = 7;
const TRAILER = 8;
const FOOTER = 48;
const MAGIC = 0xdb4775248b80fb57n;
const MAX_BLOCK = 64 * 1024 * 1024;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

/** The records of a log. One that is not complete ends it: a process that stopped was writing it. */
export function* readLogRecords(log: Uint8Array): Generator<Uint8Array> {
  let parts: Uint8Array[] = [];
  for (let at = 0; at + LOG_HEADER <= log.length; ) {
    const left = LOG_BLOCK - (at % LOG_BLOCK);
    if (left < LOG_HEADER) {
      at += left;
      continue;
    }
    const view = viewOf(log, at, LOG_HEADER);
    const [length, type] = [view.getUint16(4, true), view.getUint8(6)];
    const data = log.subarray(at + LOG_HEADER, at + LOG_HEADER + length);
    // What follows in a file that was allocated ahead is zeros.
    if (type === 0 || type > LAST || data.length < length) return;
    if (crc32c(log.subarray(at + LOG_HEADER - 1, at + LOG_HEADER), data) !== unmaskCrc(view.getUint32(0, true))) return;
    at += LOG_HEADER + length;
    if (type === FULL || type === FIRST) parts = [];
    parts.push(data);
    if (type !== FULL && type !== LAST) continue;
    yield parts.length === 1 ? data : Buffer.concat(parts);
    parts = [];
  }
}

/** The files that a MANIFEST names, after all its edits. Throws where not even the first entry can be read. */
export function readManifest(manifest: Uint8Array): Version {
  const tables = new Map<number, TableFile>();
  let [logNumber, previousLogNumber, records] = [0, 0, 0];
  for (const record of readLogRecords(manifest)) {
    records++;
    const cursor = new Cursor(record);
    while (!cursor.atEnd()) {
      const tag = cursor.number();
      if (tag === 1) cursor.bytes();
      else if (tag === 2) logNumber = cursor.number();
      else if (tag === 3 || tag === 4) cursor.number();
      else if (tag === 5) {
        cursor.number();
        cursor.bytes();
      } else if (tag === 6) {
        cursor.number();
        tables.delete(cursor.number());
      } else if (tag === 7) {
        cursor.number();
        const number = cursor.number();
        cursor.number();
        tables.set(number, { number, smallest: userKey(cursor.bytes()), largest: userKey(cursor.bytes()) });
      } else if (tag === 9) previousLogNumber = cursor.number();
      else throw new FormatError(`the MANIFEST has an entry of the unknown kind ${tag}`);
    }
  }
  // Every one begins with the order of the keys, also that of an empty database.
  if (records === 0) throw new FormatError('the MANIFEST has no entry that can be read');
  return { tables: [...tables.values()], logNumber, previousLogNumber };
}

/** The last that a log of writes says about a key. */
export function findInLog(log: Uint8Array, key: Uint8Array): Entry | undefined {
  let found: Entry | undefined;
  for (const record of readLogRecords(log)) {
    if (record.length < 12) throw new FormatError(`a record of the log has ${record.length} bytes, need at least 12`);
    const view = viewOf(record, 0, 12);
    const [first, count] = [view.getBigUint64(0, true), view.getUint32(8, true)];
    const cursor = new Cursor(record.subarray(12));
    for (let index = 0; index < count; index++) {
      const isValue = cursor.number() === 1;
      const name = cursor.bytes();
      const value = isValue ? cursor.bytes() : undefined;
      if (compareBytes(name, key) === 0) found = { sequence: first + BigInt(index), value };
    }
  }
  return found;
}

/** @param read bytes of the table's file: where they begin, and how many */
export async function findInTable(
  read: (at: number, length: number) => Promise<Uint8Array>,
  size: number,
  key: Uint8Array,
): Promise<Entry | undefined> {
  if (size < FOOTER) throw new FormatError(`a table has ${size} bytes, need at least ${FOOTER}`);
  const footer = await read(size - FOOTER, FOOTER);
  if (viewOf(footer, FOOTER - 8, 8).getBigUint64(0, true) !== MAGIC)
    throw new FormatError('a table does not end as tables do');
  const handles = new Cursor(footer);
  handles.number();
  handles.number();
  const index = await readBlock(read, handles.number(), handles.number());
  for (const { name: last, value: handle } of blockEntries(index)) {
    if (compareBytes(userKey(last), key) < 0) continue;
    const cursor = new Cursor(handle);
    const block = await readBlock(read, cursor.number(), cursor.number());
    for (const { name, value } of blockEntries(block)) {
      const order = compareBytes(userKey(name), key);
      // The newest of a key comes first.
      if (order === 0) return toEntry(name, value);
      if (order > 0) return undefined;
    }
  }
  return undefined;
}

/** Whether a table may have a key. */
export function covers({ smallest, largest }: TableFile, key: Uint8Array): boolean {
  return compareBytes(smallest, key) <= 0 && compareBytes(key, largest) <= 0;
}

async function readBlock(
  read: (at: number, length: number) => Promise<Uint8Array>,
  at: number,
  length: number,
): Promise<Uint8Array> {
  if (length > MAX_BLOCK) throw new FormatError(`a block of a table has ${length} bytes, need at most ${MAX_BLOCK}`);
  const data = await read(at, length + 5);
  const content = data.subarray(0, length);
  const kind = data[length] as number;
  if (crc32c(data.subarray(0, length + 1)) !== unmaskCrc(viewOf(data, length + 1, 4).getUint32(0, true)))
    throw new FormatError('the checksum of a block of a table is wrong');
  if (kind === 0) return content;
  if (kind === 1) return decompressSnappy(content, MAX_BLOCK);
  throw new FormatError(`a block of a table is compressed in a way that is not known (${kind})`);
}

function* blockEntries(block: Uint8Array): Generator<{ name: Uint8Array; value: Uint8Array }> {
  const restarts = viewOf(block, block.length - 4, 4).getUint32(0, true);
  const cursor = new Cursor(block.subarray(0, block.length - 4 * (restarts + 1)));
  let name: Uint8Array = new Uint8Array();
  while (!cursor.atEnd()) {
    const [shared, own, length] = [cursor.number(), cursor.number(), cursor.number()];
    name = Buffer.concat([name.subarray(0, shared), cursor.take(own)]);
    yield { name, value: cursor.take(length) };
  }
}

function toEntry(name: Uint8Array, value: Uint8Array): Entry {
  const trailer = viewOf(name, name.length - TRAILER, TRAILER).getBigUint64(0, true);
  return { sequence: trailer >> 8n, value: (trailer & 0xffn) === 1n ? value : undefined };
}

/** Keys in tables have sequence and kind behind them. */
function userKey(name: Uint8Array): Uint8Array {
  if (name.length < TRAILER) throw new FormatError(`a key has ${name.length} bytes, need at least ${TRAILER}`);
  return name.subarray(0, name.length - TRAILER);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function viewOf(bytes: Uint8Array, at: number, length: number): DataView {
  if (at < 0 || at + length > bytes.length) throw new FormatError('a file of the database ends too early');
  return new DataView(bytes.buffer, bytes.byteOffset + at, length);
}

/** Reads varints and byte strings one after the other. */
class Cursor {
  private readonly data: Uint8Array;
  private at = 0;

  constructor(data: Uint8Array) {
    this.data = data;
  }

  atEnd(): boolean {
    return this.at >= this.data.length;
  }

  number(): number {
    const { value, next } = readVarint(this.data, this.at);
    this.at = next;
    return value;
  }

  bytes(): Uint8Array {
    return this.take(this.number());
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.data.length) throw new FormatError('an entry of the database ends too early');
    const bytes = this.data.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }
}

/** A number in groups of seven bits, the lowest first. Throws above 2^53. */
export function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 10 && at + index < bytes.length; index++) {
    const byte = bytes[at + index] as number;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (value > Number.MAX_SAFE_INTEGER) break;
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  throw new FormatError('a number in the database cannot be read');
}
