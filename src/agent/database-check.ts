/**
 * Whether the databases of a node can be opened, by their files: for a node that fails at every start. Nothing is written and no lock is
 * taken. A LevelDB that passes can still have damage inside of its tables.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readManifest } from '../formats/leveldb.ts';
import { listDatabases } from './chain-databases.ts';

export type DatabaseReport = {
  /** Of its directory, such as `application.db`. */
  name: string;
  /** Why no program can open it. */
  broken?: string;
  /** Why nothing can be said: it is no LevelDB, or its files cannot be read. */
  unknown?: string;
};

const TRIES = 3;
const PAUSE_MS = 100;

/** Every `*.db` in a data directory, sorted by name. */
export async function checkDatabases(dataDir: string): Promise<DatabaseReport[]> {
  return Promise.all((await listDatabases(dataDir)).map((name) => checkDatabase(dataDir, name)));
}

async function checkDatabase(dataDir: string, name: string): Promise<DatabaseReport> {
  const dir = join(dataDir, name);
  for (let attempt = 1; ; attempt++) {
    try {
      const broken = await findDamage(dir);
      if (broken === undefined) return { name };
      // What is being written can look like damage for a moment.
      if (attempt === TRIES) return { name, broken };
    } catch (error) {
      return { name, unknown: error instanceof Error ? error.message : String(error) };
    }
    await sleep(PAUSE_MS);
  }
}

async function findDamage(dir: string): Promise<string | undefined> {
  const names = new Set(await readdir(dir));
  if ([...names].some((name) => name.startsWith('OPTIONS-'))) throw new Error('it is not a LevelDB');
  const isEmpty = ![...names].some((name) => /^MANIFEST-|\.(ldb|sst)$/.test(name));
  if (!names.has('CURRENT')) return isEmpty ? undefined : 'the file CURRENT is missing';
  const current = await readFile(join(dir, 'CURRENT'), 'utf8');
  if (!/^MANIFEST-\d+\n?$/.test(current)) return 'the file CURRENT names no MANIFEST';
  if (!names.has(current.trim())) return `the file ${current.trim()} is missing`;
  const manifest = await readFile(join(dir, current.trim()));
  try {
    const missing = readManifest(manifest).tables.find(({ number }) => !hasTable(names, number));
    return missing && `table ${String(missing.number).padStart(6, '0')} is missing`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function hasTable(names: ReadonlySet<string>, number: number): boolean {
  const stem = String(number).padStart(6, '0');
  return names.has(`${stem}.ldb`) || names.has(`${stem}.sst`);
}
