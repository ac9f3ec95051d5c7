import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRunning, ownProcessId, type ProcessId } from './process-id.ts';

/**
 * Runs `critical` while holding a lock file, so that two runs do not do the same work at once. Waits for a running
 * owner; the lock of a process that no longer runs is taken over.
 */
export async function withLock<T>(
  path: string,
  onWait: (owner: number) => void,
  critical: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  for (;;) {
    const owner = tryAcquire(path);
    if (owner === undefined) break;
    if (!told) onWait(owner.pid);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await critical();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Takes the lock, or returns who has it. */
function tryAcquire(path: string): ProcessId | undefined {
  const own = `${path}.${process.pid}`;
  // Linking a file that is already written makes the lock appear with its owner in it.
  writeFileSync(own, JSON.stringify(ownProcessId()));
  try {
    linkSync(own, path);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  const owner = readOwner(path);
  if (owner !== undefined && isRunning(owner)) return owner;
  // Renaming lets only one of several waiters clear a left-over lock.
  try {
    renameSync(path, own);
    rmSync(own, { force: true });
  } catch {}
  return tryAcquire(path);
}

function readOwner(path: string): ProcessId | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
