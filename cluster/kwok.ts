import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ensureBuilt } from './builds.ts';
import { run, waitFor } from './commands.ts';
import { ensureHealthy, findFreePorts } from './control-plane.ts';
import { type DaemonFolder, stopDaemon } from './daemons.ts';
import { cacheFolder, findProjectRoot } from './folders.ts';
import { startProgress } from './progress.ts';
import { writeWhole } from './state.ts';

type KwokOptions = {
  /** Of a control plane without nodes, for administrators. */
  kubeconfig: string;
  /** Folder for logs, pids and settings: that of the control plane. */
  dir: string;
  /** The checkout; found from the running script or the working directory when not given. */
  root?: string;
};

/** A node that exists on paper only. It ends with the process that started it. */
type Kwok = {
  /** Its name. */
  node: string;
  /** Ends what plays it. The node and the pods on it stay as they were. */
  stop(): Promise<void>;
};

const node = 'kwok';

/**
 * Where pods get their addresses from. Whoever asks such a pod for something asks this machine, where nothing listens
 * unless the caller made it, and nobody else's.
 */
const podAddresses = '127.64.0.1/10';

/**
 * Makes every pod of a control plane Ready without running it: a fake node, played by kwok, and a scheduler that waits
 * for no volume, because nothing here provides any. Pods get addresses in 127.64.0.0/10. Builds kwok first, which takes
 * minutes on a new machine. Throws with the end of the log of what doesn't start.
 */
export async function startKwok(options: KwokOptions): Promise<Kwok> {
  const { kubeconfig, dir } = options;
  const progress = startProgress((line) => process.stderr.write(`${line}\n`));
  const context = { root: options.root ?? findProjectRoot(), cache: cacheFolder(), progress };
  const [kube, kwok] = await Promise.all([ensureBuilt('kube', context), ensureBuilt('kwok', context)]).finally(
    progress.stop,
  );
  const folder: DaemonFolder = { dir, procsFiles: [], endWithUs: true };
  const kubectl = (args: string[], input?: string) =>
    run(join(kube, 'kubectl'), ['--kubeconfig', kubeconfig, ...args], input === undefined ? {} : { input });
  const stop = async () => {
    for (const name of ['kwok', 'kwok-scheduler']) await stopDaemon(dir, name);
  };
  try {
    await kubectl(['apply', '--server-side', '-f', '-'], stringify(fakeNode));
    // The API server gives a new node a taint, which only a controller of nodes would take away.
    await kubectl(['patch', 'node', node, '--type=merge', '--patch={"spec":{"taints":null}}']);
    await ensureHealthy(folder, { name: 'kwok', command: join(kwok, 'kwok'), args: kwokArgs(kwok, kubeconfig) }, () =>
      Promise.resolve(),
    );
    await ensureHealthy(
      folder,
      { name: 'kwok-scheduler', command: join(kube, 'kube-scheduler'), args: await schedulerArgs(dir, kubeconfig) },
      () => Promise.resolve(),
    );
    await waitFor('the fake node becoming Ready', 60_000, async () => {
      await kubectl(['wait', `node/${node}`, '--for=condition=Ready', '--timeout=10s']);
      return true;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { node, stop };
}

const fakeNode = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: node, labels: { 'kubernetes.io/hostname': node, type: 'kwok' } },
};

function kwokArgs(kwok: string, kubeconfig: string): string[] {
  const stages = join(kwok, 'stages');
  return [
    `--kubeconfig=${kubeconfig}`,
    ...readdirSync(stages).map((file) => `--config=${join(stages, file)}`),
    `--manage-single-node=${node}`,
    `--cidr=${podAddresses}`,
    '--node-ip=127.0.0.1',
    // Without a lease a controller of nodes, where there is one, takes the node for lost.
    '--node-lease-duration-seconds=40',
    '--v=WARN',
  ];
}

async function schedulerArgs(dir: string, kubeconfig: string): Promise<string[]> {
  const config = join(dir, 'kwok-scheduler.yaml');
  writeWhole(
    config,
    stringify({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      leaderElection: { leaderElect: false },
      // Benchmarks wait for hundreds of pods, and not for the scheduler's own restraint.
      clientConnection: { kubeconfig, qps: 1000, burst: 1000 },
      profiles: [{ plugins: { multiPoint: { disabled: [{ name: 'VolumeBinding' }, { name: 'VolumeZone' }] } } }],
    }),
  );
  const [port] = await findFreePorts(1);
  return [
    `--config=${config}`,
    // Nobody asks it anything.
    '--authentication-skip-lookup',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
  ];
}
