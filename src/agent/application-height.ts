/**
 * The height of a chain's application from its files on the volume, for when the node does not answer. Nothing is written and no lock is
 * taken, so this may be done beside a node that runs: what it changes meanwhile is read again.
 */
import { type FileHandle, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { covers, type Entry, findInLog, findInTable, readManifest, readVarint } from '../formats/leveldb.ts';
import { readIfThere } from './durable-file.ts';

/** Where the store of the Cosmos SDK notes the last height that it committed: a protobuf Int64Value. */
const LATEST = Buffer.from('s/latest');
const VALUE_TAG = 0x08;
const TRIES = 5;
const PAUSE_MS = 300;

export type ApplicationHeight =
  /** 0: it has not committed any block. */
  | { committed: number }
  /** The database is none that we can read; `why` names it. */
  | { unknown: string };

/** Throws when a LevelDB is damaged or cannot be read. */
export async function readApplicationHeight(dataDir: string): Promise<ApplicationHeight> {
  const dir = join(dataDir, 'application.db');
  const names = await listNames(dir);
  // RocksDB and Pebble keep their options in files, LevelDB has none.
  if (names.some((name) => name.startsWith('OPTIONS-'))) return { unknown: `${dir} is not a LevelDB` };
  if (!names.includes('CURRENT')) return { committed: 0 };
  for (let attempt = 1; ; attempt++) {
    try {
      const value = await findValue(dir, LATEST);
      return { committed: value === undefined ? 0 : decodeHeight(value) };
    } catch (error) {
      if (attempt === TRIES) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`the height cannot be read from ${dir}: ${reason}`, { cause: error });
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** Height of the upgrade that the node has stopped for last, by the file that the chain's program writes; undefined when it never has. */
export async function readUpgradeHeight(dataDir: string): Promise<number | undefined> {
  const text = await readIfThere(join(dataDir, 'upgrade-info.json'));
  try {
    // Some releases of the SDK write it as text.
    const height = Number((JSON.parse(text ?? 'null') as { height?: unknown } | null)?.height);
    return Number.isSafeInteger(height) && height > 0 ? height : undefined;
  } catch {
    return undefined;
  }
}

async function findValue(dir: string, key: Uint8Array): Promise<Uint8Array | undefined> {
  const current = await readFile(join(dir, 'CURRENT'), 'utf8');
  const manifestFile = join(dir, current.trim());
  const manifest = await readFile(manifestFile);
  const names = await listNames(dir);
  const { tables, logNumber, previousLogNumber } = readManifest(manifest);
  const found: (Entry | undefined)[] = [];
  for (const name of names.filter((name) => name.endsWith('.log'))) {
    const number = Number.parseInt(name, 10);
    if (number >= logNumber || number === previousLogNumber)
      found.push(findInLog(await readFile(join(dir, name)), key));
  }
  for (const { number } of tables.filter((table) => covers(table, key))) {
    const stem = String(number).padStart(6, '0');
    const name = names.find((name) => name === `${stem}.ldb` || name === `${stem}.sst`);
    if (name === undefined) throw new Error(`table ${stem} is missing`);
    found.push(await searchTable(join(dir, name), key));
  }
  // What was read before and after such a change does not belong together.
  const isSame =
    (await readFile(join(dir, 'CURRENT'), 'utf8')) === current && (await stat(manifestFile)).size === manifest.length;
  if (!isSame) throw new Error('the node that runs changes it all the time');
  return found.reduce<Entry | undefined>(
    (last, entry) => (entry !== undefined && (last === undefined || entry.sequence > last.sequence) ? entry : last),
    undefined,
  )?.value;
}

async function searchTable(path: string, key: Uint8Array): Promise<Entry | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    return await findInTable((at, length) => readAt(file, at, length), size, key);
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw new Error('a table is shorter than it says');
  return buffer;
}

function decodeHeight(value: Uint8Array): number {
  // Protobuf leaves out a zero.
  if (value.length === 0) return 0;
  if (value[0] !== VALUE_TAG) throw new Error('what stands under s/latest is no height');
  return readVarint(value, 1).value;
}

async function listNames(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
