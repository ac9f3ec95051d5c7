import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { identifyProcess, isRunning, type ProcessId, parseProcessId, signalProcess } from './process-id.ts';

/** Where the daemons of one cluster have their logs and pid files. */
export type DaemonFolder = {
  dir: string;
  /** Files to which a daemon's pid goes before it starts: control groups. */
  procsFiles: string[];
  /** Ends the daemons when this process ends, however it ends; otherwise they outlive it. */
  endWithUs: boolean;
};

export type Daemon = { name: string; command: string; args: string[]; env?: NodeJS.ProcessEnv };

/** Starts a daemon unless it runs. Its output goes to <dir>/logs/<name>.log, its pid to <dir>/pids/<name>. */
export function ensureDaemon(folder: DaemonFolder, daemon: Daemon): ProcessId {
  const running = findDaemon(folder.dir, daemon.name);
  if (running !== undefined) return running;
  mkdirSync(join(folder.dir, 'logs'), { recursive: true });
  mkdirSync(join(folder.dir, 'pids'), { recursive: true });
  const log = openSync(join(folder.dir, 'logs', `${daemon.name}.log`), 'a');
  // The shell joins the groups and writes down who it is before it becomes the daemon. So there is no moment at which
  // the daemon runs and `down` can't find it, even if we are killed right here.
  const script =
    'n=$1; p=$2; shift 2; while [ $n -gt 0 ]; do echo $$ >"$1"; shift; n=$((n-1)); done; ' +
    'cat /proc/$$/stat /proc/sys/kernel/random/boot_id >"$p"; exec "$@"';
  const tie = folder.endWithUs ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  const args = [
    ...['-c', script, 'sh', `${folder.procsFiles.length}`, join(folder.dir, 'pids', daemon.name)],
    ...folder.procsFiles,
    ...tie,
    daemon.command,
    ...daemon.args,
  ];
  const child = spawn('/bin/sh', args, {
    cwd: folder.dir,
    detached: true,
    env: daemon.env ?? process.env,
    stdio: ['ignore', log, log],
  });
  child.unref();
  closeSync(log);
  const id = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (id === undefined)
    throw new Error(`${daemon.name} could not be started; its log: ${logFile(folder.dir, daemon.name)}`);
  return id;
}

export function logFile(dir: string, name: string): string {
  return join(dir, 'logs', `${name}.log`);
}

/** The running process of a daemon. */
export function findDaemon(dir: string, name: string): ProcessId | undefined {
  const file = join(dir, 'pids', name);
  if (!existsSync(file)) return undefined;
  const [stat, boot] = readFileSync(file, 'utf8').split('\n');
  const id = stat === undefined || boot === undefined ? undefined : parseProcessId(stat, boot);
  return id !== undefined && isRunning(id) ? id : undefined;
}

export function listDaemons(dir: string): string[] {
  const pids = join(dir, 'pids');
  return existsSync(pids) ? readdirSync(pids).sort() : [];
}

/** The last lines of a daemon's log. */
export function logTail(dir: string, name: string, lines = 12): string {
  const file = logFile(dir, name);
  if (!existsSync(file) || statSync(file).size === 0) return '(its log is empty)';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

/** Ends a daemon and waits for its end. Nothing happens if it doesn't run. */
export async function stopDaemon(dir: string, name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const id = findDaemon(dir, name);
  if (id !== undefined) {
    signalProcess(id, signal);
    for (let waited = 0; isRunning(id); waited += 20) {
      if (waited > 10_000) signalProcess(id, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  rmSync(join(dir, 'pids', name), { force: true });
}
