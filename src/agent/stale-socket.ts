/**
 * A Unix socket that outlived its application. Whoever is killed leaves the file behind, and the next start fails with "address already in
 * use"; mintnet's start scripts removed it first. Here the sidecar does, so that the application's image needs no shell.
 */
import { rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';

const CHECK_MS = 1000;

/** Until the signal is aborted, removes the socket whenever nobody listens on it. */
export async function removeStaleSocket(path: string, signal: AbortSignal, log: (line: string) => void): Promise<void> {
  while (!signal.aborted) {
    if (await isStale(path)) {
      await rm(path, { force: true });
      log(`removed ${path}: nobody listens on it any more`);
    }
    await pause(signal);
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isSocket() !== true) return false;
  return new Promise((resolve) => {
    const connection = createConnection(path);
    connection.once('connect', () => {
      connection.destroy();
      resolve(false);
    });
    connection.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CHECK_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
