/** The operator as a process of its own, from the bundle, and what it needs of the machine. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type OperatorProcess = {
  /** From its start until its controllers were at work. */
  startSeconds: number;
  /** Resident memory now, and the most there ever was, MB. */
  memory(): { rssMB: number; peakMB: number };
  /** CPU time so far, seconds. */
  cpuSeconds(): number;
  stop(): Promise<void>;
};

export type OperatorOptions = {
  /** The bundle, as a program: what its first line asks of Node.js is part of it. */
  main: string;
  kubeconfig: string;
  operatorNamespace: string;
  /** Where its log goes. */
  logFile: string;
};

const START_LIMIT_MS = 60_000;
/** The kernel's unit of CPU time; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * Has it think that it runs in a pod: it then calls nodes at the IP of their pod, as in production, and not through the API server,
 * which refuses to call addresses of loopback.
 */
const AS_IN_POD = `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { existsSync } = fs;
  fs.existsSync = (path) => path === '/var/run/secrets/kubernetes.io/serviceaccount/token' || existsSync(path);
  syncBuiltinESMExports();
`;

/** Returns when its controllers are at work. Throws with its log when it ends before. It ends with this process. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const log = openSync(options.logFile, 'a');
  const begun = performance.now();
  const asInPod = `--import=data:text/javascript,${encodeURIComponent(AS_IN_POD)}`;
  const child = spawn(
    options.main,
    [
      ...['operator', '--kubeconfig', options.kubeconfig, '--operator-namespace', options.operatorNamespace],
      ...['--health-address', '127.0.0.1:0'],
    ],
    { stdio: ['ignore', log, log], env: { ...process.env, NODE_OPTIONS: asInPod } },
  );
  closeSync(log);
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  while (!readFileSync(options.logFile, 'utf8').includes('controllers are running')) {
    if (child.exitCode !== null || performance.now() - begun > START_LIMIT_MS) {
      kill();
      throw new Error(`the operator did not start; its log:\n${readFileSync(options.logFile, 'utf8').slice(-4000)}`);
    }
    await sleep(20);
  }
  return {
    startSeconds: (performance.now() - begun) / 1000,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const megabytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
      return { rssMB: megabytes('VmRSS'), peakMB: megabytes('VmHWM') };
    },
    cpuSeconds() {
      // Behind the name of the program, which may hold anything.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    },
    async stop() {
      process.off('exit', kill);
      child.kill();
      await ended;
    },
  };
}
