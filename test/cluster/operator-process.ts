/** The operator as a process beside the cluster, so that tests can kill it at any moment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dist } from './cluster-access.ts';
import { expectNothingDenied } from './denied-requests.ts';
import { eventually } from './eventually.ts';

export type OperatorOptions = {
  kubeconfig: string;
  /** It watches only these. */
  namespaces: readonly string[];
  operatorNamespace: string;
  /** The program; that of this run when not given. */
  main?: string;
  /** Further arguments. */
  args?: readonly string[];
};

export type OperatorProcess = {
  /** Sends a signal and waits until the process has ended. Throws when it asked for what it may not. */
  end(signal?: NodeJS.Signals): Promise<void>;
  hasEnded(): boolean;
  /** What it has logged so far. */
  log(): Promise<string>;
  /** Its metrics, in Prometheus' text format. */
  metrics(): Promise<string>;
};

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts an operator; it is at work, or waits for its turn to lead, when this returns. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const port = await findFreePort();
  const logFile = join(mkdtempSync(join(tmpdir(), 'nodewright-operator-')), 'log');
  const log = openSync(logFile, 'a');
  const child = spawn(
    process.execPath,
    [
      ...['--enable-source-maps', options.main ?? join(dist, 'main.js'), 'operator'],
      ...['--kubeconfig', options.kubeconfig],
      ...['--namespaces', options.namespaces.join(',')],
      ...['--operator-namespace', options.operatorNamespace],
      ...['--health-address', `127.0.0.1:${port}`],
      // At this level it also says which event it may not write.
      ...['--log-level', 'debug'],
      ...(options.args ?? []),
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
  });
  const operator: OperatorProcess = {
    async end(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
      expectNothingDenied(await operator.log());
    },
    hasEnded: () => !running.has(child),
    log: async () => readFileSync(logFile, 'utf8'),
    metrics: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
  };
  await eventually(90, async () => {
    if (operator.hasEnded()) return;
    const response = await fetch(`http://127.0.0.1:${port}/readyz`);
    if (!response.ok) throw new Error(await response.text());
  });
  if (operator.hasEnded()) throw new Error(`the operator ended:\n${await operator.log()}`);
  return operator;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
