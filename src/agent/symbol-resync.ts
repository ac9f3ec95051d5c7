/**
 * Throws a node's chain away, so that it fetches it anew. Kept is what only this node knows: which votes it has cast, so that it votes for
 * nothing else, and who has delegated harvesting to it.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, replaceFile } from './durable-file.ts';

export type ResyncOptions = {
  data: string;
  /** Name of the folder in `data` that is ours: what is in it stays, but for the database. */
  ownFolder: string;
  /** The id of the request. */
  id: string;
  purgeHarvesters: boolean;
};

const MEMORY_FILE = 'resync.json';
const BACKUPS = 'votes_backup';

/** Once for every id. A volume on which there is nothing yet only remembers it. Returns whether anything was thrown away. */
export async function resync({ data, ownFolder, id, purgeHarvesters }: ResyncOptions): Promise<boolean> {
  const memory = join(data, ownFolder, MEMORY_FILE);
  const done = await readIfThere(memory);
  if (done !== undefined && (JSON.parse(done) as { id?: string }).id === id) return false;
  const keep = new Set([ownFolder, 'lost+found', 'voting_status.dat', ...(purgeHarvesters ? [] : ['harvesters.dat'])]);
  let removed = 0;
  for (const name of await readdir(data)) {
    if (keep.has(name)) continue;
    if (name === BACKUPS) removed += await keepNewest(join(data, name));
    else {
      await rm(join(data, name), { recursive: true, force: true });
      removed++;
    }
  }
  await emptyFolder(join(data, ownFolder, 'dbdata'));
  await mkdir(join(data, ownFolder), { recursive: true });
  await replaceFile(memory, JSON.stringify({ id }));
  return removed > 0;
}

/** The backup of the last epoch says what was voted for in it. */
async function keepNewest(backups: string): Promise<number> {
  const epochs = (await readdir(backups)).sort((one, other) => Number(other) - Number(one));
  for (const epoch of epochs.slice(1)) await rm(join(backups, epoch), { recursive: true, force: true });
  return Math.max(0, epochs.length - 1);
}

/** The folder itself is mounted elsewhere. */
async function emptyFolder(path: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) await rm(join(path, name), { recursive: true, force: true });
}
