/** The commands that run inside node pods. One small bundle of its own: it loads no Kubernetes client. */
import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { copyKeys } from './copy-keys.ts';
import { runHealthcheck } from './healthcheck.ts';
import { initHome } from './init-home.ts';
import { runMonitor } from './monitor.ts';
import {
  type ListenAddress,
  type NamedNode,
  readDuration,
  readList,
  readListenAddress,
  readNodes,
  readPositive,
  readPositiveInteger,
  readUrl,
  readUrls,
} from './option-values.ts';
import { removeStaleSocket } from './stale-socket.ts';
import { runTransact } from './transact.ts';
import { waitForNames } from './wait-for-names.ts';

const log = (line: string) => void process.stdout.write(`${line}\n`);

/** The first process of a container gets no default action for signals: without a handler it would be killed after the grace time. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

const program = new Command('agent')
  .description('What Nodewright runs inside node pods')
  .version(process.env.NODEWRIGHT_VERSION ?? 'development');

program
  .command('init-home')
  .description('prepare the home of a CometBFT node and wait for the names of its peers')
  .requiredOption('--home <dir>', 'home of the node, on its claim')
  .requiredOption('--config <file>', 'rendered config.toml')
  .requiredOption('--secrets <dir>', 'keys as their Secrets have them now')
  .requiredOption('--keys <dir>', 'where the node reads its keys; they are copied there')
  .option('--expect-validator <address>', 'the node signs: refuse any other key, and data without a sign state')
  .option('--ran-before-file <file>', 'unless it is empty, the validator has run here: refuse a missing sign state')
  .option('--resolve <peers>', 'host:port,… to wait for', readList, [])
  .option('--resolve-timeout <duration>', 'go on without the missing ones after this time', readDuration, 60_000)
  .action(
    async (options: {
      home: string;
      config: string;
      secrets: string;
      keys: string;
      expectValidator?: string;
      ranBeforeFile?: string;
      resolve: string[];
      resolveTimeout: number;
    }) => {
      const { home, config, secrets, keys, expectValidator, ranBeforeFile, resolve, resolveTimeout } = options;
      await copyKeys({ secrets, keys, expectValidator, log });
      await initHome({ home, config, validator: expectValidator !== undefined, ranBeforeFile, log });
      const signal = stopSignal();
      const missing = await waitForNames(resolve, { timeoutMs: resolveTimeout, log }, signal);
      if (missing.length > 0 && !signal.aborted) {
        log(
          `warning: starting although these names don't resolve: ${missing.join(', ')}; the node won't dial them until it restarts`,
        );
      }
      // A look-up that hangs can't be called off and would keep the process.
      process.exit(signal.aborted ? 143 : 0);
    },
  );

program
  .command('healthcheck')
  .description("answer readiness probes from the node's status")
  .option('--rpc <url>', 'RPC of the node', readUrl, 'http://127.0.0.1:26657')
  .option('--listen <address>', 'host:port', readListenAddress, { host: undefined, port: 1251 })
  .requiredOption('--home <dir>', 'directory whose disk /disk measures')
  .option('--timeout <duration>', 'how long the node may take', readDuration, 5000)
  .option('--remove-stale-socket <path>', 'remove this Unix socket when nobody listens on it any more')
  .action(
    async (options: {
      rpc: string;
      listen: ListenAddress;
      home: string;
      timeout: number;
      removeStaleSocket?: string;
    }) => {
      const { rpc, listen, home, timeout, removeStaleSocket: socket } = options;
      const stop = stopSignal();
      await Promise.all([
        runHealthcheck({ rpc, listen, home, timeoutMs: timeout, log }, stop),
        socket === undefined ? undefined : removeStaleSocket(socket, stop, log),
      ]);
    },
  );

program
  .command('monitor')
  .description('show a network: / as a table, /json, /metrics')
  .requiredOption('--nodes <nodes>', 'name=url,…', readNodes)
  .option('--listen <address>', 'host:port', readListenAddress, { host: undefined, port: 26670 })
  .action((options: { nodes: NamedNode[]; listen: ListenAddress }) => runMonitor({ ...options, log }, stopSignal()));

program
  .command('transact')
  .description('send kvstore transactions at a steady rate')
  .requiredOption('--nodes <urls>', 'url,…', readUrls)
  .option('--rate <number>', 'transactions a second', readPositive, 10)
  .option('--connections <number>', 'requests at a time', readPositiveInteger, 10)
  .action((options: { nodes: string[]; rate: number; connections: number }) =>
    runTransact({ ...options, keyPrefix: randomBytes(6).toString('hex'), log }, stopSignal()),
  );

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
