import { type ChildProcess, spawn } from 'node:child_process';

export type CommandOptions = {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Written to standard input. */
  input?: string;
};

/**
 * Runs a command to its end and returns its standard output. Throws with the command, its exit status and the end of
 * what it printed.
 */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await tryRun(command, args, options);
  if (result.status === 0) return result.stdout;
  const output = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args.join(' ')} ended with ${result.status}:\n${output}`);
}

/** Commands under way. They end with us rather than go on unseen: a build takes every core for minutes. */
const running = new Set<ChildProcess>();

function endRunning(): void {
  for (const child of running) child.kill();
}

export type CommandResult = { status: number | string; stdout: string; stderr: string };

/** Like run, but a failing command is a result; status is a signal's name when one ended it, ENOENT when not found. */
export function tryRun(command: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    if (!process.listeners('exit').includes(endRunning)) process.on('exit', endRunning);
    running.add(child);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      running.delete(child);
      resolve({ status: error.code ?? 'error', stdout, stderr: error.message });
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ status: code ?? signal ?? 'unknown', stdout, stderr });
    });
    child.stdin?.on('error', () => {}); // the command may end before it has read everything; its status says why
    child.stdin?.end(options.input);
  });
}

/** Waits until check returns something other than undefined. Throws after timeoutMs with the last reason it gave. */
export async function waitFor<T>(what: string, timeoutMs: number, check: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + timeoutMs;
  let reason: unknown;
  for (;;) {
    try {
      const result = await check();
      if (result !== undefined) return result;
    } catch (error) {
      reason = error;
    }
    if (Date.now() > end) {
      const why = reason instanceof Error ? `: ${reason.message}` : '';
      throw new Error(`${what} did not happen within ${timeoutMs / 1000} s${why}`, { cause: reason });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
