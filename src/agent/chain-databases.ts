import { readdir } from 'node:fs/promises';

/** Names that match `*.db` in a node's data directory: a node that has one is past its first start. */
export async function listDatabases(dataDir: string): Promise<string[]> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name.endsWith('.db') && !name.startsWith('.')).sort();
}
