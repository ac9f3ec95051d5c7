/** The status of a ClusterHoprd: pure, from the plan and what became of it. */
import type { ConditionInput } from '../../reconcile/conditions.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { conditionsOf } from './conditions.ts';
import { COMPONENT_NODE, LABEL_CLUSTER, LABEL_COMPONENT } from './desired/metadata.ts';
import { isBlocking } from './node-problems.ts';
import type { ClusterHoprd, ClusterHoprdStatus } from './schema.ts';
import type { OwnStatus } from './status-writes.ts';

export function buildClusterStatus(cluster: ClusterHoprd, plan: ClusterPlan, failure: string | undefined): OwnStatus {
  const phase = phaseOf(cluster, plan);
  const good: Omit<ConditionInput, 'type'> = {
    status: phase === 'Ready' ? 'True' : 'False',
    reason: phase,
    message: `${plan.settledNodes} of ${cluster.spec.replicas} nodes are ${cluster.spec.enabled === false ? 'stopped' : 'running'}`,
  };
  return {
    phase,
    currentNodes: plan.currentNodes,
    selector: `${LABEL_COMPONENT}=${COMPONENT_NODE},${LABEL_CLUSTER}=${cluster.metadata.name}`,
    conditions: conditionsOf({ ...plan, failure }, good),
  };
}

/** NotScaled: there is not what there should be, and it is not on its way, because nodes have no identity or nothing may be changed. */
function phaseOf({ spec }: ClusterHoprd, plan: ClusterPlan): ClusterHoprdStatus['phase'] {
  if (plan.deleting) return 'Deleting';
  if (plan.problems.some(isBlocking)) return 'Failed';
  const isScaled = plan.currentNodes === spec.replicas;
  if (isScaled && plan.settledNodes === spec.replicas && plan.changes.length === 0) return 'Ready';
  const isStuck =
    plan.withoutIdentity.length > 0 && plan.settledNodes + plan.withoutIdentity.length === plan.currentNodes;
  return plan.paused || isStuck ? 'NotScaled' : 'Scaling';
}
