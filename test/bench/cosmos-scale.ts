/**
 * Many CosmosFullNodes on an API server without machines: how long the operator takes to create all their children against a client that
 * only creates them, what it writes once everything is there, and how much memory that takes. With `growth` instead: whether a resource
 * takes longer the more there are.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { startKwok } from '../../cluster/cluster.ts';
import type { Condition, KubeObject, Pod } from '../../src/kube/objects.ts';
import { PODS } from '../../src/kube/resource-types.ts';
import { countWrites, tailAuditLog } from './audit-log.ts';
import { startChain } from './chain-stand-in.ts';
import { FLEET_NAMESPACE, type FleetSize } from './fleet.ts';
import { type Figure, figure } from './report.ts';
import {
  copyBundle,
  createByHand,
  createByOperator,
  listFleet,
  type Operated,
  onNewSite,
  type Site,
} from './scale-site.ts';

export type ScaleOptions = FleetSize & {
  rounds: number;
  /** How long each steady state is watched. A status is refreshed once a minute. */
  minutes: number;
};

type Say = (line: string) => void;
type Steady = { name: string; statusPerMinute: number; others: number; cpuPercent: number };

/** Until what changes by itself after a change has changed: a node that does not answer counts as starting for half a minute. */
const SETTLE_MS = 60_000;
const STATE_LIMIT_MS = 5 * 60_000;
const SMALL_FLEET = 100;
const LARGE_FLEET = 1000;

export async function benchCosmosScale(options: ScaleOptions, say: Say): Promise<Figure[]> {
  const bundle = await copyBundle();
  const byHand: number[] = [];
  const operated: number[] = [];
  const starts: number[] = [];
  const figures: Figure[] = [];
  try {
    for (let round = 1; round <= options.rounds; round++) {
      byHand.push(await onNewSite((site) => createByHand(site, options)));
      await onNewSite(async (site) => {
        const made = await createByOperator(site, options, bundle.main);
        operated.push(made.seconds);
        starts.push(made.operator.startSeconds);
        say(
          `round ${round} of ${options.rounds}: operator ${made.seconds.toFixed(1)} s, bare client ${byHand.at(-1)?.toFixed(1)} s`,
        );
        if (round === options.rounds) figures.push(...(await measureSteadyStates(site, made, options, say)));
        await made.operator.stop();
      });
    }
  } finally {
    await bundle.remove();
  }
  const ratios = operated.map((seconds, round) => seconds / (byHand[round] as number));
  const what = `${options.resources} CosmosFullNodes with ${options.replicas} replicas`;
  return [
    figure('ratio', `${what}, until all children exist, operator against bare client`, 'ratio', ratios, 1.5),
    figure('operatorSeconds', 'the same by the operator', 's', operated),
    figure('bareSeconds', 'the same by the bare client', 's', byHand),
    figure('startSeconds', 'operator start to its controllers at work', 's', starts, 2),
    ...figures,
  ];
}

/** Time per resource in a large fleet against a small one. */
export async function benchGrowth(options: Pick<ScaleOptions, 'replicas'>, say: Say): Promise<Figure[]> {
  const bundle = await copyBundle();
  const measure = async (resources: number) => {
    const size = { resources, replicas: options.replicas };
    const byHand = await onNewSite((site) => createByHand(site, size));
    const made = await onNewSite(async (site) => {
      const { operator, seconds } = await createByOperator(site, size, bundle.main);
      const { rssMB } = operator.memory();
      await operator.stop();
      return { seconds, rssMB };
    });
    say(`${resources} resources: operator ${made.seconds.toFixed(1)} s, bare client ${byHand.toFixed(1)} s`);
    return { byHand: byHand / resources, operated: made.seconds / resources, rssMB: made.rssMB };
  };
  try {
    const small = await measure(SMALL_FLEET);
    const large = await measure(LARGE_FLEET);
    const what = `time per resource at ${LARGE_FLEET} against ${SMALL_FLEET}`;
    return [
      figure('growth', `${what}, operator`, 'ratio', [large.operated / small.operated], 1.2),
      figure('bareGrowth', `${what}, bare client`, 'ratio', [large.byHand / small.byHand]),
      figure('largeRatio', `${LARGE_FLEET} resources, operator against bare client`, 'ratio', [
        large.operated / large.byHand,
      ]),
      figure('largeRssMB', `memory of the operator with ${LARGE_FLEET}, right after`, 'MB', [large.rssMB]),
    ];
  } finally {
    await bundle.remove();
  }
}

async function measureSteadyStates(
  site: Site,
  { operator }: Operated,
  options: ScaleOptions,
  say: Say,
): Promise<Figure[]> {
  const watch = async (name: string) => {
    say(`${name}: ${options.minutes} min`);
    await sleep(SETTLE_MS);
    const steady = await watchWrites(site, operator, name, options.minutes, say);
    memory.push(operator.memory().rssMB);
    return steady;
  };
  const memory: number[] = [];
  const states = [await watch('Pending')];
  const kwok = await startKwok({ kubeconfig: site.plane.kubeconfigPath, dir: site.plane.dir });
  await until('all pods are Ready', async () => {
    const pods = await site.kube.list<Pod>(PODS, { namespace: FLEET_NAMESPACE });
    return pods.every(({ status }) => isTrue(status?.conditions, 'Ready'));
  });
  states.push(await watch('Unreachable'));
  const chain = await startChain();
  await until('all nodes are in sync', async () => {
    const fleet = await listFleet<KubeObject & { status?: { conditions?: Condition[] } }>(site.kube);
    return fleet.every(({ status }) => isTrue(status?.conditions, 'Ready'));
  });
  states.push(await watch('InSync'));
  const { peakMB } = operator.memory();
  await chain.close();
  await kwok.stop();
  return [...describeWrites(states, options.resources), ...describeMemory(memory, peakMB)];
}

async function watchWrites(
  { auditLog }: Site,
  operator: Operated['operator'],
  name: string,
  minutes: number,
  say: Say,
): Promise<Steady> {
  const log = tailAuditLog(auditLog);
  const cpu = operator.cpuSeconds();
  await sleep(minutes * 60_000);
  const cpuPercent = ((operator.cpuSeconds() - cpu) / (minutes * 60)) * 100;
  const writes = log.take().filter(({ client }) => client === 'nodewright');
  log.close();
  for (const [what, count] of countWrites(writes)) say(`  ${count} x ${what}`);
  const status = writes.filter(({ resource }) => resource === 'cosmosfullnodes/status');
  const others = writes.filter(({ resource }) => resource !== 'cosmosfullnodes/status' && resource !== 'leases');
  return { name, statusPerMinute: status.length / minutes, others: others.length, cpuPercent };
}

/** The worst of all states, and each. */
function describeWrites(states: readonly Steady[], resources: number): Figure[] {
  const worst = (pick: (steady: Steady) => number) => [Math.max(...states.map(pick))];
  return [
    figure('statusWritesPerMinute', 'status writes, at most', 'per min', worst(pickStatus), resources),
    figure('otherWrites', 'other writes but for Leases, at most', 'writes', worst(pickOthers), 0),
    ...states.flatMap((steady) => {
      const when = DESCRIPTIONS[steady.name];
      return [
        figure(`statusWritesPerMinute${steady.name}`, `status writes, ${when}`, 'per min', [steady.statusPerMinute]),
        figure(`otherWrites${steady.name}`, `other writes, ${when}`, 'writes', [steady.others]),
        figure(`cpuPercent${steady.name}`, `one CPU of the operator, ${when}`, '%', [steady.cpuPercent]),
      ];
    }),
  ];
}

const DESCRIPTIONS: Record<string, string> = {
  Pending: 'pods that nobody runs',
  Unreachable: 'pods Ready, nodes that do not answer',
  InSync: 'pods Ready, nodes in sync',
};

const pickStatus = ({ statusPerMinute }: Steady) => statusPerMinute;
const pickOthers = ({ others }: Steady) => others;

function describeMemory(memory: readonly number[], peakMB: number): Figure[] {
  return [
    figure('rssMB', 'memory of the operator, at most at the end of a state', 'MB', [Math.max(...memory)], 130),
    figure('rssMBAtTheEnd', 'the same at the very end', 'MB', memory.slice(-1)),
    figure('rssMBPeak', 'the most there ever was', 'MB', [peakMB]),
  ];
}

function isTrue(conditions: readonly { type: string; status: string }[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const begun = performance.now(); !(await holds()); await sleep(1000)) {
    if (performance.now() - begun > STATE_LIMIT_MS)
      throw new Error(`after ${STATE_LIMIT_MS / 1000} s it is still not so that ${what}`);
  }
}
