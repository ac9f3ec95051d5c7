/** The parts of a pass over a CosmosFullNode, for the one path that all kinds go (../recipe.ts). */
import { hasRunForLong, hasStarted } from '../../comet-node/node-view.ts';
import { foldReading, significanceOf } from '../../comet-node/reading.ts';
import { reachedHeight } from '../../formats/chain-versions.ts';
import type { Pod } from '../../kube/objects.ts';
import { guardAgainstOriginal } from '../original-cosmos-operator.ts';
import { otherInstallation } from '../other-installation.ts';
import type { Recipe } from '../recipe.ts';
import { askWithDatabases, foldDatabases, isDatabaseCheckDue, restartsOf } from './corrupt-data.ts';
import { chainHome } from './desired/chain-home.ts';
import { askWithDisk, capacityOf, diskReportOf, foldDisk, isMeasureDue } from './disk-usage.ts';
import { reportEvents } from './events.ts';
import { listInstances } from './instances.ts';
import { type Answer, type Reading, rpcPortOf } from './node.ts';
import { type Observed, observe } from './observe.ts';
import { type Plan, planFullNode } from './plan.ts';
import { findUnusable } from './problems.ts';
import { describeFullNode, vitalsOf } from './report.ts';
import { arePeersDue, askNode } from './rpc.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from './schema.ts';
import { buildStatus, type OwnStatus, refreshedAt, significantPart } from './status.ts';
import { mayHaveOwnKey } from './validator-key.ts';
import { effectiveVersion } from './versions.ts';
import { viewFullNode } from './view.ts';

/** No block for this long, and a node no longer counts as in sync. Blocks take seconds, on a few chains a minute. */
const STALL_AFTER_MS = 120_000;
/** While something waits, what depends on time is looked at this often. */
const BUSY_MS = 4000;

export const fullNodeRecipe: Recipe<CosmosFullNode, Observed, Plan, OwnStatus, Reading, Answer> = {
  name: 'cosmos-full-node',
  type: COSMOS_FULL_NODES,
  failedPhase: 'Error',
  // The Go operator's field manager is the name of its program.
  predecessors: ['manager'],
  makeUsable(fullNode) {
    const unusable = findUnusable(fullNode);
    return unusable.length === 0 ? fullNode : unusable;
  },
  optionsOfItsOperator: ({ status }, options) => ({
    ...options,
    operatorNamespace: status?.operatorNamespace ?? options.operatorNamespace,
  }),
  createGuard(context) {
    const { options, now } = context;
    const whyOriginal = guardAgainstOriginal(context);
    return async ({ status }) =>
      (await whyOriginal()) ??
      otherInstallation(status?.operatorNamespace, status && refreshedAt(status), options.operatorNamespace, now());
  },
  observe,
  nodes(fullNode, observed) {
    const names = new Set(listInstances(fullNode).map(({ name }) => name));
    return [...observed.pods.values()]
      .filter(({ metadata, status }) => names.has(metadata.name) && status?.podIP !== undefined)
      .map((pod) => ({
        pod,
        hasStarted: hasStarted(pod),
        ask(podGet, signal, last) {
          const ask = async (signal: AbortSignal) => {
            const peers = arePeersDue(last) ? undefined : last?.answer?.peers;
            const answer = await askNode((path) => podGet(pod, rpcPortOf(pod), path, signal), peers);
            const { signsFor, ...known } = answer;
            return {
              ...known,
              ...(mayHaveOwnKey(fullNode) ? { signsFor } : {}),
              dueVersion: dueVersion(fullNode, answer.status.latestHeight),
            };
          };
          const get = (port: number, path: string, signal: AbortSignal) => podGet(pod, port, path, signal);
          const volume = measuredVolume(fullNode, observed, pod);
          const askAll =
            volume === undefined || !isMeasureDue(last, volume.capacity)
              ? ask
              : (signal: AbortSignal) => askWithDisk(ask, get, volume, signal);
          return isDatabaseCheckDue(fullNode.spec.selfHeal?.corruptDataRecovery, pod, last)
            ? askWithDatabases(askAll, get, `${chainHome(fullNode)}/data`, signal)
            : askAll(signal);
        },
        fold: (previous, answer, at) => ({
          ...foldReading(previous, answer, at, foldOptions(pod, at)),
          peersAt: answer instanceof Error || !arePeersDue(previous) ? previous?.peersAt : at,
          disk: foldDisk(diskReportOf(answer), at, fullAt(fullNode)) ?? previous?.disk,
          databases: answer instanceof Error ? (foldDatabases(answer, at) ?? previous?.databases) : undefined,
          restartsAtAnswer: answer instanceof Error ? (previous?.restartsAtAnswer ?? restartsOf(pod)) : restartsOf(pod),
        }),
      }));
  },
  significanceOf: (reading) =>
    `${significanceOf(reading, ({ dueVersion }) => dueVersion)} ${reading.disk?.isFull ? reading.disk.capacity : ''}${reading.databases?.broken ?? ''}`,
  plan: planFullNode,
  buildStatus,
  view: viewFullNode,
  significantPart,
  refreshedAt,
  describe: describeFullNode,
  vitalsOf,
  reportEvents,
  lookAgainMs: (plan) => (plan.waits.length > 0 ? BUSY_MS : undefined),
};

/** Where the volume of a pod is mounted, and its size; undefined while it has none. Whether it is to grow is not asked here: metrics tell it too. */
function measuredVolume(fullNode: CosmosFullNode, { claims }: Observed, pod: Pod) {
  const instance = listInstances(fullNode).find(({ name }) => name === pod.metadata.name);
  const capacity = capacityOf(claims.get(instance?.claimName ?? ''));
  return capacity === undefined ? undefined : { dir: chainHome(fullNode), capacity };
}

function fullAt({ spec }: CosmosFullNode): number {
  return spec.selfHeal?.pvcAutoScale?.usedSpacePercentage ?? Number.POSITIVE_INFINITY;
}

function foldOptions(pod: Pod, at: number) {
  return { stallAfterMs: STALL_AFTER_MS, trustBlockTime: hasRunForLong(pod, at) };
}

function dueVersion(fullNode: CosmosFullNode, latestHeight: number): number | undefined {
  const { versions = [] } = fullNode.spec.chain;
  return effectiveVersion(fullNode, reachedHeight(versions, latestHeight, undefined))?.height;
}
