/**
 * Whether a Symbol node has to be recovered before it starts. Each of catapult's processes makes a lock file and removes it when it stops;
 * one that is still there was left by a process that was killed, and no process starts over it. catapult.recovery mends the data and
 * removes the locks, but for its own when it is killed itself.
 */
import { rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, replaceFile } from './durable-file.ts';

export type RecoveryOptions = {
  /** Catapult's data directory. */
  data: string;
  /** For what is remembered; on the same volume. */
  memory: string;
  /** Where the link `recovery` is made. */
  start: string;
  /** In a row. */
  maxRecoveries: number;
  now: Date;
};

export type RecoveryState = { recovery: 'none' | 'needed' | 'exhausted'; attempts: number; lastAt?: string };

const MEMORY_FILE = 'recovery.json';
const RECOVERY = '/usr/catapult/bin/catapult.recovery';
/** Takes any arguments and ends well at once. */
const NOTHING = '/bin/true';
/** A node that ran for as long as this after a recovery was recovered. */
const RAN_WELL_MS = 10 * 60_000;

/** The container after this one runs the link: the tool, or nothing. */
export async function prepareRecovery(options: RecoveryOptions): Promise<RecoveryState> {
  const state = await decide(options);
  const link = join(options.start, 'recovery');
  await rm(link, { force: true });
  await symlink(state.recovery === 'none' ? NOTHING : RECOVERY, link);
  if (state.recovery === 'needed') {
    await rm(join(options.data, 'recovery.lock'), { force: true });
    await replaceFile(join(options.memory, MEMORY_FILE), JSON.stringify(state));
  }
  return state;
}

async function decide({ data, memory, maxRecoveries, now }: RecoveryOptions): Promise<RecoveryState> {
  const path = join(memory, MEMORY_FILE);
  const locks = await Promise.all(['server.lock', 'broker.lock'].map((name) => modifiedAt(join(data, name))));
  const newest = Math.max(...locks);
  const isBroken = newest > 0 || (await modifiedAt(join(data, 'recovery.lock'))) > 0;
  if (!isBroken) {
    await rm(path, { force: true });
    return { recovery: 'none', attempts: 0 };
  }
  const before = parseState(await readIfThere(path));
  const lastAt = Date.parse(before?.lastAt ?? '');
  const hasRunSince = newest > lastAt && now.getTime() - newest > RAN_WELL_MS;
  const attempts = before === undefined || hasRunSince ? 0 : before.attempts;
  if (attempts >= maxRecoveries) return { ...before, recovery: 'exhausted', attempts };
  return { recovery: 'needed', attempts: attempts + 1, lastAt: now.toISOString() };
}

/** Milliseconds since 1970; 0 when there is no such file. */
async function modifiedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** A file that was cut off counts as none. */
function parseState(text: string | undefined): RecoveryState | undefined {
  try {
    const state = JSON.parse(text ?? '') as Partial<RecoveryState>;
    return Number.isSafeInteger(state.attempts) ? (state as RecoveryState) : undefined;
  } catch {
    return undefined;
  }
}
