/** What the operator's metrics say of a CosmosFullNode. Pure. */
import { NODE_CONTAINER } from '../../comet-node/node-view.ts';
import { cometVitals } from '../comet-vitals.ts';
import type { ResourceReport, Vitals } from '../node-report.ts';
import type { Reading } from './node.ts';
import type { Plan } from './plan.ts';
import type { CosmosFullNode } from './schema.ts';

export function describeFullNode({ spec }: CosmosFullNode, plan: Plan): ResourceReport {
  if (plan.deleting) return {};
  const { nodes, stale, pendingUpdates, repairs, growth } = plan;
  return {
    nodes: nodes.map(({ instance: { name }, pod, state }) => ({
      name,
      pod,
      container: NODE_CONTAINER,
      inSync: state === 'InSync',
      updated: pod !== undefined && !stale.has(name),
      updatePending: pendingUpdates.has(name),
      ...(spec.selfHeal?.pvcAutoScale === undefined ? {} : { diskAtLimit: growth.exhausted.has(name) }),
    })),
    // What was asked for is brought along by a restart that mends something.
    repaired: new Set([...repairs.reasons.keys()].filter((name) => !stale.has(name))),
  };
}

export function vitalsOf(reading: Reading): Vitals {
  const used = reading.disk?.usedPercent;
  return { ...cometVitals(reading), diskUsed: used === undefined ? undefined : used / 100 };
}
