/** What the operator's metrics say of nodes and pools, besides what only HOPR has (measurements.ts). Pure. */
import { DEPLOYMENTS } from '../../kube/resource-types.ts';
import type { ResourceReport } from '../node-report.ts';
import { NODE_CONTAINER } from './desired/ports.ts';
import { type NodeObserved, openPods } from './node-observed.ts';
import type { NodePlan } from './node-plan.ts';
import type { PoolPlan } from './pool-plan.ts';
import type { Hoprd } from './schema.ts';

/** A node tells no height; it is ready when it answers its probe. One that is not to run is none. */
export function describeNode({ metadata, spec }: Hoprd, plan: NodePlan, observed: NodeObserved): ResourceReport {
  if (plan.deleting || spec.enabled === false) return {};
  const [pod] = openPods(observed, 'node');
  return {
    nodes: [
      {
        name: metadata.name,
        pod,
        container: NODE_CONTAINER,
        inSync: plan.ready,
        madeBy: DEPLOYMENTS,
        updated: pod !== undefined && plan.changes.every(({ type }) => type !== DEPLOYMENTS),
        updatePending: plan.pending !== undefined,
      },
    ],
  };
}

export function describePool({ size, locked, deleting }: PoolPlan): ResourceReport {
  return deleting ? {} : { identities: { free: size - locked, locked } };
}
