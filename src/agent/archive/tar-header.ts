/** The 512-byte blocks that describe a tar archive's entries: ustar, GNU and PAX. */
import { ArchiveError } from './archive-error.ts';

export const BLOCK = 512;

/** The archive is damaged or cut off. */
export class TarError extends ArchiveError {}

export type TarHeader = {
  name: string;
  /** One character as in the archive; an old archive's NUL counts as '0', a file. */
  type: string;
  size: number;
  mode: number;
  linkName: string;
};

/** Whether this begins with a header whose checksum is right. */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < BLOCK || isZero(block.subarray(0, BLOCK))) return false;
  const stored = Number.parseInt(readText(block, 148, 8).trim(), 8);
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < BLOCK; index += 1) {
    const byte = index >= 148 && index < 156 ? 0x20 : (block[index] as number);
    unsigned += byte;
    // Some old programs added the bytes as signed numbers.
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stored === unsigned || stored === signed;
}

export function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** Throws when the block is no header. */
export function parseTarHeader(block: Buffer): TarHeader {
  if (!isTarHeader(block)) throw new TarError('found data where a header should be');
  const magic = block.toString('latin1', 257, 263);
  // GNU tar has other things where ustar has a prefix.
  const prefix = magic === 'ustar\0' ? readText(block, 345, 155) : '';
  const name = readText(block, 0, 100);
  const type = block.toString('latin1', 156, 157);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: type === '\0' ? '0' : type,
    size: readTarNumber(block, 124, 12),
    mode: readTarNumber(block, 100, 8),
    linkName: readText(block, 157, 100),
  };
}

/** Octal digits, or for large numbers bytes, most significant first, with the top bit set. */
export function readTarNumber(block: Buffer, offset: number, length: number): number {
  let value = 0;
  if (((block[offset] ?? 0) & 0x80) !== 0) {
    for (let index = 0; index < length; index += 1) {
      const byte = block[offset + index] as number;
      value = value * 256 + (index === 0 ? byte & 0x7f : byte);
    }
  } else {
    const text = readText(block, offset, length).trim();
    if (!/^[0-7]*$/.test(text)) throw new TarError(`found ${JSON.stringify(text)} where a number should be`);
    value = text === '' ? 0 : Number.parseInt(text, 8);
  }
  if (!Number.isSafeInteger(value)) throw new TarError('found a number over 2^53');
  return value;
}

function readText(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** The records of a PAX header: `30 mtime=1350244992.023960108\n`. Keys of sparse files come several times, so this is a list. */
export function parsePaxRecords(data: Buffer): [key: string, value: string][] {
  const records: [string, string][] = [];
  let offset = 0;
  while (offset < data.length) {
    const space = data.indexOf(0x20, offset);
    const length = Number(data.toString('latin1', offset, space));
    const end = offset + length;
    if (space === -1 || !(length > 0) || end > data.length || data[end - 1] !== 0x0a) {
      throw new TarError('found a broken extended header');
    }
    const record = data.toString('utf8', space + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals === -1) throw new TarError('found a broken extended header');
    records.push([record.slice(0, equals), record.slice(equals + 1)]);
    offset = end;
  }
  return records;
}
