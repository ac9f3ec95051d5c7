import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes all that a directory holds, hidden files too, but not the directory: it may be a mount. None is as good as an empty one. */
export async function emptyDirectory(dir: string, log: (line: string) => void): Promise<void> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`${dir} can't be emptied: ${error.message}`);
  });
  for (const name of names) await rm(join(dir, name), { recursive: true, force: true });
  log(names.length === 0 ? `${dir} is empty` : `removed ${names.sort().join(', ')} from ${dir}`);
}
