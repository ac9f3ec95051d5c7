import { readFileSync } from 'node:fs';

/** A process, told apart from a later one with the same pid by its start time. */
export type ProcessId = {
  pid: number;
  /** Clock ticks from boot to the start of the process, and which boot. */
  start: string;
};

/** Undefined where no such process runs; a zombie does not run. */
export function identifyProcess(pid: number): ProcessId | undefined {
  try {
    return parseProcessId(readFileSync(`/proc/${pid}/stat`, 'utf8'), bootId());
  } catch {
    return undefined;
  }
}

/** Reads /proc/<pid>/stat. Undefined for a zombie. */
export function parseProcessId(stat: string, boot: string): ProcessId | undefined {
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid: Number.parseInt(stat, 10), start: `${boot.trim()}/${fields[19]}` };
}

export function isRunning(id: ProcessId): boolean {
  return identifyProcess(id.pid)?.start === id.start;
}

export function ownProcessId(): ProcessId {
  return identifyProcess(process.pid) ?? { pid: process.pid, start: 'unknown' };
}

/** Milliseconds since a process started; undefined when it doesn't run. */
export function processAgeMs(id: ProcessId): number | undefined {
  if (!isRunning(id)) return undefined;
  const ticksPerSecond = 100; // USER_HZ, the same on every Linux that Node.js runs on
  const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  return Math.max(0, (uptime - Number(id.start.split('/')[1]) / ticksPerSecond) * 1000);
}

/** Sends a signal to exactly this process; nothing happens if it has ended or its pid belongs to another one now. */
export function signalProcess(id: ProcessId, signal: NodeJS.Signals): void {
  if (!isRunning(id)) return;
  try {
    process.kill(id.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
