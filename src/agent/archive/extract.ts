/** Unpacks a tar archive into a directory, and nothing outside of it, whatever the archive says. */
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ArchiveError } from './archive-error.ts';
import type { Segment } from './sparse-map.ts';
import { readTar, type TarEntry } from './tar.ts';

export type ExtractOptions = {
  /** Exists. */
  target: string;
  /**
   * Asked before a file, link or directory is made, with its path below the target (`data/application.db`): returns where to put it,
   * or undefined to leave it out.
   */
  place: (path: string, kind: TarEntry['kind']) => Promise<string | undefined>;
};

/** An entry that could write outside of the target, or that is no part of any chain's data. */
class RefusedEntry extends ArchiveError {
  constructor(path: string, reason: string) {
    super(`the archive's entry ${JSON.stringify(path)} is refused: ${reason}`);
  }
}

/** Throws RefusedEntry, TarError or an error of the file system with the path in it. Files that are in the way are replaced. */
export async function extractTar(source: AsyncIterable<Buffer>, options: ExtractOptions): Promise<void> {
  const { target, place } = options;
  const directories = new Set<string>(['']);
  const links = new Set<string>();
  await readTar(source, async (entry, content) => {
    const path = toSafePath(entry.path);
    refuseUnknownKinds(entry);
    const placed = path === '' ? undefined : await place(path, entry.kind);
    if (placed === undefined) return;
    await makeDirectories(entry.kind === 'directory' ? placed : parentOf(placed), {
      target,
      directories,
      links,
      entry,
    });
    if (entry.kind === 'directory') return;
    const absolute = join(target, placed);
    await removeInTheWay(absolute, entry);
    if (entry.kind === 'file') return writeFile(absolute, entry, content);
    if (entry.kind === 'symlink') {
      refuseOutwardLink(entry, placed);
      links.add(placed);
      return symlink(entry.linkTarget, absolute);
    }
    await makeHardLink(absolute, { target, entry, links });
  });
}

/** `data/application.db` for `./data//application.db/`; '' for the root. */
function toSafePath(path: string): string {
  if (path.startsWith('/')) throw new RefusedEntry(path, 'its path is absolute');
  if (path.includes('\0')) throw new RefusedEntry(path, 'its path is not a name');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new RefusedEntry(path, 'its path leads out of the directory');
  return parts.join('/');
}

function refuseUnknownKinds({ path, kind }: TarEntry): void {
  if (kind === 'device' || kind === 'fifo') throw new RefusedEntry(path, `it is a ${kind}, not a file`);
  if (kind === 'unknown') throw new RefusedEntry(path, 'its type is not known here');
}

function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

type Making = { target: string; directories: Set<string>; links: ReadonlySet<string>; entry: TarEntry };

async function makeDirectories(path: string, making: Making): Promise<void> {
  const { target, directories, links, entry } = making;
  if (directories.has(path)) return;
  await makeDirectories(parentOf(path), making);
  // A link of the archive's is never followed; one that was there before belongs to the user, who may keep data elsewhere.
  if (links.has(path)) throw new RefusedEntry(entry.path, `${path} is a link that the archive made`);
  await mkdir(join(target, path), { mode: (entry.kind === 'directory' ? entry.mode & 0o777 : 0o755) | 0o700 }).catch(
    async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
      if (!(await lstat(join(target, path))).isFile()) return;
      throw new RefusedEntry(entry.path, `${path} is a file`);
    },
  );
  directories.add(path);
}

/** Nothing is written through an existing file: it could be a second name of another one. */
async function removeInTheWay(path: string, entry: TarEntry): Promise<void> {
  await rm(path, { force: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_FS_EISDIR') throw error;
    throw new RefusedEntry(entry.path, `${path} is a directory`);
  });
}

async function writeFile(path: string, entry: TarEntry, content: AsyncIterable<Buffer>): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, (entry.mode & 0o777) | 0o600);
  try {
    await writeSegments(file, entry, content);
  } catch (error) {
    throw withPath(error, path);
  } finally {
    await file.close();
  }
}

async function writeSegments(file: FileHandle, { segments, size }: TarEntry, content: AsyncIterable<Buffer>) {
  const pieces = segments ?? [{ offset: 0, length: size }];
  const rest = pieces[Symbol.iterator]();
  let piece: Segment | undefined;
  let done = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; ) {
      while (piece === undefined || done === piece.length) {
        piece = rest.next().value as Segment;
        done = 0;
      }
      const length = Math.min(chunk.length - at, piece.length - done);
      await writeFully(file, chunk.subarray(at, at + length), piece.offset + done);
      at += length;
      done += length;
    }
  }
  if (segments !== undefined) await file.truncate(size);
}

async function writeFully(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}

/** Errors of an open file don't say which. */
function withPath(error: unknown, path: string): unknown {
  if (error instanceof Error && 'code' in error) Object.assign(error, { path });
  return error;
}

/**
 * `..` is allowed at the beginning only and no further up than the target: behind a name it could follow another link, to anywhere.
 */
function refuseOutwardLink({ path, linkTarget }: TarEntry, placed: string): void {
  const parts = linkTarget.split('/').filter((part) => part !== '' && part !== '.');
  const ups = parts.findIndex((part) => part !== '..');
  const climbs = ups === -1 ? parts.length : ups;
  const depth = placed.split('/').length - 1;
  if (!linkTarget.startsWith('/') && climbs <= depth && !parts.slice(climbs).includes('..')) return;
  throw new RefusedEntry(path, `it is a link to ${JSON.stringify(linkTarget)}, out of the directory`);
}

async function makeHardLink(
  path: string,
  { target, entry, links }: { target: string; entry: TarEntry; links: ReadonlySet<string> },
): Promise<void> {
  const other = toSafePath(entry.linkTarget);
  for (let parent = other; parent !== ''; parent = parentOf(parent)) {
    if (links.has(parent))
      throw new RefusedEntry(entry.path, `it is a link to ${JSON.stringify(other)}, through another`);
  }
  const found = await lstat(join(target, other)).catch(() => undefined);
  if (found?.isFile() !== true)
    throw new RefusedEntry(entry.path, `it is a link to ${JSON.stringify(other)}, which is no file`);
  await link(join(target, other), path);
}
