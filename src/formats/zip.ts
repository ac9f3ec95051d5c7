/** Zip files that are small enough to be read in memory, from places that may hand out anything. */
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { FormatError } from './format-error.ts';

export type ZipLimits = {
  files: number;
  /** Of all files together, unpacked. */
  bytes: number;
};

/**
 * The files by their path, which has no `..` and no `/` or drive in front; folders are left out. Throws a FormatError for what is no zip
 * file, is cut off or damaged, has a path that leads elsewhere, a link, an encrypted file, a file twice, or more than the limits allow.
 * `where` names the file.
 */
export async function readZip(zip: Uint8Array, limits: ZipLimits, where: string): Promise<Map<string, Uint8Array>> {
  try {
    const archive = await fromBufferPromise(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength), {
      lazyEntries: true,
      strictFileNames: true,
    });
    return await readFiles(archive, limits, where);
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`${where}: is no zip file, or a damaged one: ${(error as Error).message}`, { cause: error });
  }
}

async function readFiles(archive: ZipFile, limits: ZipLimits, where: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  let bytes = 0;
  for await (const entry of archive.eachEntry()) {
    const fail = (problem: string) => new FormatError(`${where}: ${JSON.stringify(entry.fileName)} ${problem}`);
    if (entry.fileName.endsWith('/')) continue;
    if (files.has(entry.fileName)) throw fail('is there twice');
    if (isLink(entry)) throw fail('is a link, need files only');
    if (entry.isEncrypted()) throw fail('is encrypted, need files in the clear');
    // Nothing is unpacked before that: yauzl stops at a file that turns out longer than it says.
    bytes += entry.uncompressedSize;
    if (bytes > limits.bytes) throw new FormatError(`${where}: has more than ${limits.bytes} bytes when unpacked`);
    if (files.size >= limits.files) throw new FormatError(`${where}: has more than ${limits.files} files`);
    const content = Buffer.concat(await (await archive.openReadStreamPromise(entry)).toArray());
    if (crc32(content) !== entry.crc32) throw fail('is damaged: its checksum is another');
    files.set(entry.fileName, content);
  }
  return files;
}

/** Unix file types are in the upper half of the attributes; systems without links leave it 0. */
function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
}
