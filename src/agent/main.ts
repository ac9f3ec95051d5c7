/** The commands that run inside node pods. One small bundle of its own: it loads no Kubernetes client. */
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { Command, CommanderError, Option } from 'commander';
import { copyKeys } from './copy-keys.ts';
import { reportFailure } from './failure.ts';
import type { FetchOptions } from './fetch-genesis.ts';
import { runHealthcheck } from './healthcheck.ts';
import { runMonitor } from './monitor.ts';
import {
  type ListenAddress,
  type NamedNode,
  readDuration,
  readHostAndPort,
  readList,
  readListenAddress,
  readNodes,
  readPositive,
  readPositiveInteger,
  readSha256,
  readUrl,
  readUrls,
} from './option-values.ts';
import { removeStaleSocket } from './stale-socket.ts';
import type { PeerAddress } from './symbol-peer.ts';
import type { SymbolPrepareOptions } from './symbol-prepare.ts';
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
  .version(process.env.NODEWRIGHT_VERSION ?? 'development')
  .exitOverride();

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
      const { initHome } = await import('./init-home.ts');
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
  .option('--home <dir>', 'directory whose disk /disk measures unless it is asked for another one')
  .option('--timeout <duration>', 'how long the node may take', readDuration, 5000)
  .option('--remove-stale-socket <path>', 'remove this Unix socket when nobody listens on it any more')
  .action(
    async (options: {
      rpc: string;
      listen: ListenAddress;
      home?: string;
      timeout: number;
      removeStaleSocket?: string;
    }) => {
      const { rpc, listen, home, timeout, removeStaleSocket: socket } = options;
      // Machine code for a few requests a minute: within hours it would be a third of the memory, and it saves nothing.
      for (const flag of ['--no-opt', '--no-sparkplug']) setFlagsFromString(flag);
      const stop = stopSignal();
      await Promise.all([
        runHealthcheck({ rpc, listen, home, timeoutMs: timeout, log }, stop),
        socket === undefined ? undefined : removeStaleSocket(socket, stop, log),
      ]);
    },
  );

program
  .command('symbol-health')
  .description('answer readiness probes by asking a Symbol node as its peers do')
  .requiredOption('--certificates <dir>', "the node's own certificates")
  .option('--peer <address>', 'host:port of the node', readHostAndPort, { host: '127.0.0.1', port: 7900 })
  .option('--listen <address>', 'host:port', readListenAddress, { host: undefined, port: 1251 })
  .option('--timeout <duration>', 'how long the node may take', readDuration, 5000)
  .action(async (options: { certificates: string; peer: PeerAddress; listen: ListenAddress; timeout: number }) => {
    for (const flag of ['--no-opt', '--no-sparkplug']) setFlagsFromString(flag);
    const { certificates, peer, listen, timeout: timeoutMs } = options;
    const { runSymbolHealth } = await import('./symbol-health.ts');
    await runSymbolHealth({ certificates, peer, listen, timeoutMs, log, now: Date.now }, stopSignal());
  });

program
  .command('symbol-prepare')
  .description("bring a Symbol node's volume into the state that catapult can start from")
  .requiredOption('--data <dir>', "catapult's data directory")
  .requiredOption('--own-folder <name>', 'folder in it for what is kept beside')
  .requiredOption('--start <dir>', 'where the link to what recovers the data is made')
  .option('--max-recoveries <number>', 'in a row', readPositiveInteger, 3)
  .option('--voting-keys <dir>', 'voting key files as their Secret has them')
  .option('--seed-parts <dir>', 'the first block in parts')
  .option('--seed <dir>', 'where the parts are joined')
  .option('--resync <id>', 'throw the chain away, once for this id')
  .option('--purge-harvesters', 'with --resync: also who has delegated harvesting', false)
  .action(async (options: Omit<SymbolPrepareOptions, 'now' | 'log'>) => {
    const { prepareSymbolNode } = await import('./symbol-prepare.ts');
    const { recovery } = await prepareSymbolNode({ ...options, now: new Date(), log });
    if (recovery === 'exhausted') process.exitCode = 1;
  });

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

// What follows prepares a node's files and is needed only when a pod starts: the modules are loaded when their command is.

/** These commands may be stopped anywhere: their next run begins with what they find. */
async function stopAtOnce(): Promise<void> {
  const { endChildren } = await import('./child-process.ts');
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      endChildren();
      process.exit(143);
    });
  }
}

async function prepareFetch() {
  const [{ readChainPaths }, { DOWNLOAD_TIMING }] = await Promise.all([
    import('./chain-paths.ts'),
    import('./transfer/download.ts'),
    stopAtOnce(),
  ]);
  const settings = { log, env: process.env, now: Date.now, timing: DOWNLOAD_TIMING };
  return { paths: readChainPaths(process.env), settings };
}

const urlOption = ['--url <url>', 'http or https'] as const;
const scriptOption = ['--script <text>', 'for sh'] as const;
const sha256Option = ['--sha256 <hex>', 'of the file as it is downloaded'] as const;

program
  .command('empty-directory')
  .description('remove all that a directory holds')
  .argument('<dir>')
  .action(async (dir: string) => {
    await stopAtOnce();
    await (await import('./empty-directory.ts')).emptyDirectory(dir, log);
  });

program
  .command('fetch-genesis')
  .description('put the genesis into its place before the first start: by URL, by script, or the one that init made')
  .option(...urlOption)
  .addOption(new Option(...scriptOption).conflicts(['url', 'sha256']))
  .option(...sha256Option, readSha256)
  .action(async (options: FetchOptions) => {
    const { paths, settings } = await prepareFetch();
    await (await import('./fetch-genesis.ts')).fetchGenesis(options, paths, settings);
  });

program
  .command('fetch-addrbook')
  .description('put an address book into its place where there is none')
  .option(...urlOption)
  .addOption(new Option(...scriptOption).conflicts('url'))
  .action(async (options: FetchOptions) => {
    const { paths, settings } = await prepareFetch();
    await (await import('./fetch-addrbook.ts')).fetchAddressBook(options, paths, settings);
  });

program
  .command('restore-snapshot')
  .description('fill the data directory of a new node: from a tar archive by URL, or by script')
  .option(...urlOption)
  .addOption(new Option(...scriptOption).conflicts(['url', 'sha256']))
  .option(...sha256Option, readSha256)
  .action(async (options: FetchOptions) => {
    const { paths, settings } = await prepareFetch();
    await (await import('./restore-snapshot.ts')).restoreSnapshot(options, paths, settings);
  });

program
  .command('merge-config')
  .description("write the node's key and configuration: what init made, with the settings of the resource over it")
  .action(async () => {
    const { paths } = await prepareFetch();
    await (await import('./merge-config.ts')).mergeConfig(paths, log);
  });

program
  .command('version-check')
  .description(
    "check that a node's image is the one that its height needs; without --resource there is nothing to check",
  )
  .option('--daemon', 'go on until stopped', false)
  .option('--resource <name>', 'CosmosFullNode of the pod')
  .option('--pod <name>', 'name of the pod', '')
  .option('--image <image>', "image of the pod's node", '')
  .option('--rpc <url>', 'RPC of the node, for --daemon', readUrl, 'http://127.0.0.1:26657')
  .action(async (options: { daemon: boolean; resource?: string; pod: string; image: string; rpc: string }) => {
    const signal = stopSignal();
    const { checkVersion, idle, watchVersion } = await import('./version-check.ts');
    const { daemon, resource, pod, image, rpc } = options;
    if (resource === undefined) {
      log('no versions are configured (spec.chain.versions): nothing to check');
      return daemon ? idle(signal) : undefined;
    }
    const { openOwnResource } = await import('./own-resource.ts');
    const { readChainPaths } = await import('./chain-paths.ts');
    const { dataDir } = readChainPaths(process.env);
    const client = openOwnResource(resource, { env: process.env });
    const checked = { pod, image, dataDir };
    return daemon ? watchVersion(checked, rpc, client, log, signal) : checkVersion(checked, client, log);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // It is printed already.
    if (error.exitCode !== 0) reportFailure(error.message.replace(/^error: /, ''), () => {});
    process.exit(error.exitCode);
  }
  reportFailure(error);
  // A connection or a timer may be left.
  process.exit(1);
}
