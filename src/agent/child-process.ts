/** Programs that the agent starts. They end with it, and how they end is always looked at. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

const running = new Set<ChildProcess>();

export type ChildStreams = {
  stdin: 'pipe' | 'ignore';
  stdout: 'pipe' | 'inherit';
};

export type Child = {
  process: ChildProcess;
  /** Resolves when it has ended and its output is read: undefined for status 0, otherwise how it ended and its last words. */
  failure: Promise<string | undefined>;
};

/** Its errors go to our stderr too when `echo` is set. A program that can't be started is a failure like others. */
export function startChild(
  program: string,
  args: readonly string[],
  { stdin, stdout }: ChildStreams,
  echo = false,
): Child {
  // A group of its own: a shell's children end with it.
  const child = spawn(program, args, { stdio: [stdin, stdout, 'pipe'], detached: true });
  running.add(child);
  let words = '';
  (child.stderr as Readable).on('data', (chunk: Buffer) => {
    if (echo) process.stderr.write(chunk);
    words = `${words}${chunk}`.slice(-2000);
  });
  const failure = once(child, 'close').then(
    ([code, signal]) => {
      running.delete(child);
      if (code === 0) return undefined;
      const lastLine = words.trim().split('\n').at(-1)?.trim() ?? '';
      const ended = signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
      return `${ended}${lastLine === '' ? '' : `: ${lastLine}`}`;
    },
    (error: NodeJS.ErrnoException) => {
      running.delete(child);
      return error.code === 'ENOENT' ? 'is not installed here' : `can't be started: ${error.message}`;
    },
  );
  return { process: child, failure };
}

/** Ends a child and all that it started. */
export function endChild({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function endChildren(): void {
  for (const child of running) endChild(child);
}
