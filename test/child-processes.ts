/** Programs that the test run starts: each in a process group of its own, so that nothing they started outlives them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Exit code, or the signal that ended the program. */
export type ExitStatus = number | string;

const running = new Map<ChildProcess, Promise<ExitStatus>>();
const abandoned = new WeakSet<ChildProcess>();
/** How long programs may take to stop before they are killed. */
const GRACE_MS = 20_000;

/** Runs a program to its end with our own output; then ends whatever is left of its process group. */
export async function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<ExitStatus> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const ended = new Promise<ExitStatus>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  running.set(child, ended);
  const status = await ended;
  signalGroup(child, 'SIGKILL');
  // After endAll our own end is near: whoever waits for this must not go on to the next thing.
  if (abandoned.has(child)) return new Promise(() => {});
  running.delete(child);
  return status;
}

/** Ends all programs that run, kindly first. Calls of run() that wait for them never return. */
export async function endAll(signal: NodeJS.Signals): Promise<void> {
  const left = [...running];
  for (const [child] of left) abandoned.add(child);
  for (const [child] of left) signalGroup(child, signal);
  await Promise.race([Promise.all(left.map(([, ended]) => ended)), sleep(GRACE_MS)]);
  for (const [child] of left) signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group has ended.
  }
}
