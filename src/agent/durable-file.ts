/** Files that are there completely or not at all, also after a crash of the machine. */
import { lstat, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces the file, or makes it. The mode counts less the umask. */
export async function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await rename(await writeTemporary(path, content, mode), path);
  await syncDirectory(dirname(path));
}

/** Writes the content to disk beside `path`, and returns where. */
export async function writeTemporary(path: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
  const temporary = `${path}.nodewright-tmp`;
  const file = await open(temporary, 'w', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

/** Gives a finished file its final name. Both names must be on one file system. */
export async function moveIntoPlace(finished: string, path: string): Promise<void> {
  const file = await open(finished, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(finished, path);
  await syncDirectory(dirname(path));
}

/** A new name survives a crash of the machine only once its directory is on the disk. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether something has this name, be it a link to nowhere. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
