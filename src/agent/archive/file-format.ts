/** What kind of file this is: by its first bytes, and where they don't tell, by its name. */
import { isTarHeader } from './tar-header.ts';

export type Compression = 'gzip' | 'lz4' | 'zstd' | 'xz';
export type FileFormat = Compression | 'tar' | 'zip' | 'json';

/** Bytes that recogniseFormat wants to see, if the file has that many. */
export const HEAD_BYTES = 512;

const MAGIC: readonly [FileFormat, readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
  // The form from before there were frames, of lz4 -l.
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

const ENDINGS: readonly [RegExp, FileFormat][] = [
  [/\.(gz|tgz|gzip)$/i, 'gzip'],
  [/\.(lz4|tlz4)$/i, 'lz4'],
  [/\.(zst|zstd|tzst)$/i, 'zstd'],
  [/\.(xz|txz)$/i, 'xz'],
  [/\.tar$/i, 'tar'],
  [/\.zip$/i, 'zip'],
  [/\.json$/i, 'json'],
];

/** `path` is that of the URL, without its query. Undefined for what we can't read. */
export function recogniseFormat(head: Buffer, path: string): FileFormat | undefined {
  const magic = MAGIC.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (magic !== undefined) return magic[0];
  if (isTarHeader(head)) return 'tar';
  if (/^\s*[{[]/.test(head.toString('latin1'))) return 'json';
  // A web page is what servers send instead of a file.
  if (/^\s*</.test(head.toString('latin1'))) return undefined;
  return ENDINGS.find(([ending]) => ending.test(path))?.[1];
}

export function isCompression(format: FileFormat | undefined): format is Compression {
  return format === 'gzip' || format === 'lz4' || format === 'zstd' || format === 'xz';
}

/** What a file is that we can't read, in words. */
export function describeUnknown(head: Buffer): string {
  if (head.length === 0) return 'an empty file';
  const text = head.toString('latin1').trimStart();
  if (/^<(!doctype|html)/i.test(text)) return 'a web page';
  if (head.subarray(0, 3).toString('latin1') === 'BZh') return 'a bzip2 file';
  const line = text.split('\n', 1)[0]?.slice(0, 60) ?? '';
  return /^[\x20-\x7e\t]{4,}\r?$/.test(line)
    ? `text that begins ${JSON.stringify(line.trim())}`
    : 'data of an unknown kind';
}
