/**
 * A network of four validators: from `kubectl apply` to block 1, made by the operator and, in turn, made from the very same objects that
 * `nodewright render` prints, applied by hand. Besides: how long the operator takes to its first reconcile, and what a health check costs.
 */
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { applyCrds } from '../../src/cli/crds.ts';
import { connect } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { Pod } from '../../src/kube/objects.ts';
import { keyOf } from '../../src/kube/objects.ts';
import { NAMESPACES, PODS } from '../../src/kube/resource-types.ts';
import { type Figure, figure } from './report.ts';

/** Where to work, and the kubectl to work with. */
export type BenchCluster = { kubeconfig: string; kubectl: string };

const run = promisify(execFile);
const OPERATOR_NAMESPACE = 'bench-operator';
const LIMIT_MS = 180_000;

export async function benchNetwork(
  cluster: BenchCluster,
  rounds: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  const { kube } = await connect({ kubeconfig: cluster.kubeconfig });
  await applyCrds(kube);
  await makeNamespace(kube, OPERATOR_NAMESPACE);
  const namespaces = Array.from({ length: rounds }, (_, round) => `bench-operated-${round}`);
  for (const namespace of namespaces) await makeNamespace(kube, namespace);
  const operator = await startOperator(cluster.kubeconfig, namespaces);
  const operated: number[] = [];
  const byHand: number[] = [];
  const memory: number[] = [];
  try {
    for (const [round, namespace] of namespaces.entries()) {
      operated.push(await timeToBlock(kube, cluster, namespace, stringify(network(namespace))));
      memory.push(...anonymousMemoryOf('healthcheck'));
      await removeNamespace(cluster, namespace);
      const hand = `bench-by-hand-${round}`;
      await makeNamespace(kube, hand);
      byHand.push(await timeToBlock(kube, cluster, hand, await render(hand)));
      await removeNamespace(cluster, hand);
      say(
        `round ${round + 1} of ${rounds}: operator ${operated.at(-1)?.toFixed(1)} s, by hand ${byHand.at(-1)?.toFixed(1)} s`,
      );
    }
  } finally {
    operator.stop();
    await removeNamespace(cluster, OPERATOR_NAMESPACE);
  }
  const ratios = operated.map((seconds, round) => seconds / (byHand[round] as number));
  return [
    figure('networkRatio', 'four validators, apply to block 1, operator against by hand', 'ratio', ratios, 1.5),
    figure('networkSeconds', 'the same by the operator', 's', operated),
    figure('byHandSeconds', 'the same by hand', 's', byHand),
    figure('operatorStartSeconds', 'operator start to its controllers at work', 's', [operator.startSeconds], 2),
    ...(memory.length === 0
      ? []
      : [figure('healthcheckAnonMB', 'anonymous memory of a health check', 'MB', memory, 16)]),
  ];
}

function network(namespace: string): object {
  return {
    apiVersion: 'nodewright.dev/v1alpha1',
    kind: 'TendermintNetwork',
    metadata: { name: 'bench', namespace },
    spec: {
      chainId: `bench-${namespace}`,
      image: 'cometbft/cometbft:v0.38.26',
      validators: { replicas: 4 },
      storage: { size: '100Mi' },
      deletionPolicy: 'Delete',
    },
  };
}

async function render(namespace: string): Promise<string> {
  const child = run(process.execPath, ['dist/main.js', 'render', '-f', '-'], { maxBuffer: 64 * 1024 * 1024 });
  child.child.stdin?.end(stringify(network(namespace)));
  return (await child).stdout;
}

/** Seconds from the start of `kubectl apply` until a node answers with height 1. */
async function timeToBlock(kube: Kube, cluster: BenchCluster, namespace: string, manifest: string): Promise<number> {
  const start = performance.now();
  const applying = run(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, 'apply', '-f', '-']);
  applying.child.stdin?.end(manifest);
  await applying;
  for (let last = 'no pod yet'; ; await sleep(100)) {
    if (performance.now() - start > LIMIT_MS)
      throw new Error(`no block in ${namespace} after ${LIMIT_MS / 1000} s: ${last}`);
    const pods = await kube.list<Pod>(PODS, { namespace, labelSelector: 'nodewright.dev/node' });
    for (const pod of pods.filter((candidate) => candidate.status?.phase === 'Running')) {
      try {
        const { body } = await kube.proxyToPod(keyOf(pod), 26657, '/status', AbortSignal.timeout(1000));
        const answer = JSON.parse(body) as { result?: { sync_info: { latest_block_height: string } } };
        if (Number(answer.result?.sync_info.latest_block_height) >= 1) return (performance.now() - start) / 1000;
        last = `height ${answer.result?.sync_info.latest_block_height}`;
      } catch (error) {
        last = String(error);
      }
    }
  }
}

async function startOperator(
  kubeconfig: string,
  namespaces: string[],
): Promise<{ startSeconds: number; stop(): void }> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...['dist/main.js', 'operator', '--kubeconfig', kubeconfig, '--no-leader-elect'],
      ...['--namespaces', namespaces.join(','), '--operator-namespace', OPERATOR_NAMESPACE, '--health-address', 'off'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  process.on('exit', () => child.kill());
  const startSeconds = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('controllers are running')) resolve((performance.now() - start) / 1000);
    });
    child.once('exit', (code) => reject(new Error(`the operator ended with code ${code}`)));
  });
  return { startSeconds, stop: () => void child.kill() };
}

/** MB of anonymous memory of every agent process of this machine that runs a command. */
function anonymousMemoryOf(command: string): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (!args.some((arg) => arg.endsWith('nodewright-agent')) || !args.includes(command)) return [];
      const kilobytes = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return kilobytes === undefined ? [] : [Number(kilobytes) / 1024];
    } catch {
      return [];
    }
  });
}

async function makeNamespace(kube: Kube, name: string): Promise<void> {
  await kube.apply(
    NAMESPACES,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { fieldManager: 'nodewright-bench' },
  );
}

/** Networks first, while their operator runs: it owes them their finalizers. */
async function removeNamespace({ kubectl, kubeconfig }: BenchCluster, name: string): Promise<void> {
  await run(kubectl, [
    '--kubeconfig',
    kubeconfig,
    'delete',
    'tendermintnetworks',
    '--all',
    '-n',
    name,
    '--timeout=90s',
  ]);
  await run(kubectl, ['--kubeconfig', kubeconfig, 'delete', 'namespace', name, '--timeout=120s']);
}
