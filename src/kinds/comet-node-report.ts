/** What the metrics say of a CometBFT node, from the plan and from its last answer. Pure. */
import { NODE_CONTAINER, type NodeView } from '../comet-node/node-view.ts';
import { currentAnswer, type NodeAnswer, type Reading } from '../comet-node/reading.ts';
import type { NodeReport, Vitals } from './node-report.ts';

/** @param plan what of the nodes of its resource, by name, is not as it was asked for, and what waits for a restart */
export function reportCometNode(
  name: string,
  { pod, state }: Pick<NodeView, 'pod' | 'state'>,
  plan: { stale: ReadonlySet<string>; pendingUpdates: ReadonlyMap<string, string> },
): NodeReport {
  return {
    name,
    pod,
    container: NODE_CONTAINER,
    inSync: state === 'InSync',
    updated: pod !== undefined && !plan.stale.has(name),
    updatePending: plan.pendingUpdates.has(name),
  };
}

/** Nothing of a node that did not answer when it was last asked: what it said before is no news. */
export function cometVitals(reading: Reading<NodeAnswer & { status: { version?: string } }>): Vitals {
  const answer = currentAnswer(reading);
  if (answer === undefined) return {};
  const { latestHeight, latestBlockTime, version } = answer.status;
  const time = Date.parse(latestBlockTime);
  return {
    height: latestHeight,
    blockTime: latestHeight === 0 || Number.isNaN(time) ? undefined : time / 1000,
    peers: answer.peers,
    version,
  };
}
