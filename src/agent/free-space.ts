/** A volume that is full. */
import { statfs } from 'node:fs/promises';
import { formatBytes } from './byte-size.ts';

const ADVICE = 'enlarge the volume (spec.volumeClaimTemplate.resources.requests.storage)';

/** Bytes that are left to the user we run as. */
async function readFreeSpace(dir: string): Promise<{ free: number; all: number }> {
  const { bavail, blocks, bsize } = await statfs(dir);
  return { free: bavail * bsize, all: blocks * bsize };
}

/** The same error in words, when it says that the volume of `dir` is full. `missing` says what was still to come. */
export async function explainFullVolume(error: unknown, dir: string, missing: string): Promise<unknown> {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const { free, all } = await readFreeSpace(dir);
  const where = path === undefined ? '' : ` at ${path}`;
  return new Error(
    `no space left on ${dir}${where}: ${formatBytes(free)} of ${formatBytes(all)} are free${missing}; ${ADVICE}`,
  );
}

/** Throws when this many bytes can't fit. */
export async function checkFreeSpace(dir: string, needed: number, what: string): Promise<void> {
  const { free, all } = await readFreeSpace(dir);
  if (needed <= free) return;
  throw new Error(
    `not enough space on ${dir}: ${what} has ${formatBytes(needed)} before it is unpacked, and ${formatBytes(free)} of ${formatBytes(all)} are free; ${ADVICE}`,
  );
}
