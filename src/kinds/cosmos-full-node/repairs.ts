/** Nodes that a restart is to mend, although nothing else was asked for (spec cosmos §3.7). Pure; the budget decides when. */
import { hasRunForLong } from '../../comet-node/node-view.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import type { CosmosFullNode } from './schema.ts';

/** A volume that grows while it is mounted is done well before. */
const RESIZE_MS = 180_000;

export type Repairs = {
  /** By name of the pod: why it is to be restarted. */
  reasons: ReadonlyMap<string, string>;
  /** Names of the pods that are behind the others. */
  lagging: ReadonlySet<string>;
};

export function findRepairs(
  fullNode: CosmosFullNode,
  nodes: readonly NodeView[],
  observed: Observed,
  now: number,
): Repairs {
  const resizing = nodes.flatMap((node) => describeResize(node, observed, now));
  const lagging = findLagging(fullNode, nodes, now);
  return { reasons: new Map([...lagging, ...resizing]), lagging: new Set(lagging.map(([name]) => name)) };
}

function findLagging({ spec }: CosmosFullNode, nodes: readonly NodeView[], now: number): [string, string][] {
  const threshold = spec.selfHeal?.heightDriftMitigation?.threshold;
  if (threshold === undefined) return [];
  const heights = nodes.flatMap(({ instance, state, pod, reading }) =>
    state === 'InSync' && pod !== undefined && reading?.answer !== undefined
      ? [{ name: instance.name, pod, height: reading.answer.status.latestHeight }]
      : [],
  );
  const highest = Math.max(...heights.map(({ height }) => height));
  return heights
    .filter(({ pod, height }) => highest - height >= threshold && hasRunForLong(pod, now))
    .map(({ name, height }) => [name, `at height ${height}, ${highest - height} blocks behind the highest instance`]);
}

/** Some drivers finish the growth of a file system only when it is mounted anew. */
function describeResize({ instance, pod }: NodeView, { claims }: Observed, now: number): [string, string][] {
  const { name, claimName } = instance;
  const pending = claims
    .get(claimName)
    ?.status?.conditions?.find(({ type, status }) => type === 'FileSystemResizePending' && status === 'True');
  const since = Date.parse(pending?.lastTransitionTime ?? '');
  const startedAt = Date.parse(pod?.status?.startTime ?? '');
  // A pod that started later has mounted it since: another restart would bring nothing.
  if (!(startedAt < since) || now - since < RESIZE_MS) return [];
  return [[name, `claim ${claimName} finishes growing when its pod starts`]];
}
