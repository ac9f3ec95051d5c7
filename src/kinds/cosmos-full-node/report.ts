/** What the operator's metrics say of a CosmosFullNode. Pure. */
import { cometVitals, reportCometNode } from '../comet-node-report.ts';
import type { ResourceReport, Vitals } from '../node-report.ts';
import type { Reading } from './node.ts';
import type { Plan } from './plan.ts';
import type { CosmosFullNode } from './schema.ts';

export function describeFullNode({ spec }: CosmosFullNode, plan: Plan): ResourceReport {
  if (plan.deleting) return {};
  const { nodes, stale, repairs, growth } = plan;
  return {
    nodes: nodes.map((node) => {
      const { name } = node.instance;
      const diskAtLimit = spec.selfHeal?.pvcAutoScale === undefined ? undefined : growth.exhausted.has(name);
      return { ...reportCometNode(name, node, plan), diskAtLimit };
    }),
    // What was asked for is brought along by a restart that mends something.
    repaired: new Set([
      ...[...repairs.reasons.keys()].filter((name) => !stale.has(name)),
      ...plan.recoveries.holds.keys(),
    ]),
  };
}

export function vitalsOf(reading: Reading): Vitals {
  const used = reading.disk?.usedPercent;
  return { ...cometVitals(reading), diskUsed: used === undefined ? undefined : used / 100 };
}
