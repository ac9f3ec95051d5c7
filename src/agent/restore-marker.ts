/**
 * The mark of a restore that is under way: a file on the claim, there from before the first byte until all is complete and on the disk.
 * Who finds one knows that the data is half-written, and removes it.
 */
import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { FormatError } from '../formats/format-error.ts';
import { asArray, asObject, parseJson } from '../formats/json-members.ts';
import type { ChainPaths } from './chain-paths.ts';
import { readIfThere, replaceFile, syncDirectory } from './durable-file.ts';

/** Its name in the chain's home. */
export const MARKER_NAME = '.nodewright-restore-under-way.json';

/** What keeps a validator from signing twice. It is never removed, wherever it is from. */
export const SIGN_STATE = 'priv_validator_state.json';

type Marker = {
  /** Paths below the data directory that were there before the restore. */
  before: string[];
  /** Names that the restore made in the chain's home, besides the data directory. */
  made: string[];
};

/** Call noteMade before something new is made in the chain's home. */
export type RestoreMarker = {
  noteMade: (name: string) => Promise<void>;
  /** The restore is complete and on the disk. */
  remove: () => Promise<void>;
};

/** Writes the mark to the disk. */
export async function markRestore({ chainHome, dataDir }: ChainPaths): Promise<RestoreMarker> {
  const path = join(chainHome, MARKER_NAME);
  const before = (await readdir(dataDir, { recursive: true })).sort();
  const made = new Set<string>();
  const write = () => replaceFile(path, `${JSON.stringify({ before, made: [...made] } satisfies Marker)}\n`);
  await write();
  return {
    noteMade: async (name) => {
      if (made.has(name)) return;
      made.add(name);
      await write();
    },
    remove: () => removeMarker(chainHome),
  };
}

/** Removes what an interrupted restore wrote, and then its mark. Safe to interrupt. Without a mark it does nothing. */
export async function discardInterruptedRestore(
  { chainHome, dataDir, configDir }: ChainPaths,
  log: (line: string) => void,
): Promise<void> {
  const path = join(chainHome, MARKER_NAME);
  const text = await readIfThere(path);
  if (text === undefined) return;
  const { before, made } = readMarker(text, path);
  log('the restore of a snapshot was interrupted: removing what it wrote');
  await removeExcept(dataDir, '', new Set(before));
  for (const name of made) {
    const target = join(chainHome, name);
    const isOurs = name !== '' && !name.includes('/') && name !== '..' && name !== '.';
    if (isOurs && target !== dataDir && target !== configDir) await rm(target, { recursive: true, force: true });
  }
  await syncDirectory(dataDir);
  await removeMarker(chainHome);
}

function readMarker(text: string, path: string): Marker {
  try {
    const marker = asObject(parseJson(text, path), path);
    const names = (member: 'before' | 'made') => asArray(marker[member], `${path}.${member}`).map(String);
    return { before: names('before'), made: names('made') };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Error(`${error.message}. It marks a restore that was interrupted: remove it and what the restore wrote`);
  }
}

/** Of what was there before, directories may have got new files. */
async function removeExcept(dir: string, below: string, kept: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(join(dir, below), { withFileTypes: true });
  for (const entry of entries) {
    const path = relative('.', join(below, entry.name));
    if (path === SIGN_STATE) continue;
    if (!kept.has(path)) await rm(join(dir, path), { recursive: true, force: true });
    else if (entry.isDirectory()) await removeExcept(dir, path, kept);
  }
}

async function removeMarker(chainHome: string): Promise<void> {
  await rm(join(chainHome, MARKER_NAME), { force: true });
  await syncDirectory(chainHome);
}
