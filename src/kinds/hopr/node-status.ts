/** The status of a Hoprd: pure, from the plan and what became of it. */
import type { ConditionInput } from '../../reconcile/conditions.ts';
import { conditionsOf } from './conditions.ts';
import type { NodePlan } from './node-plan.ts';
import { isBlocking } from './node-problems.ts';
import type { Hoprd, HoprdStatus } from './schema.ts';
import type { OwnStatus } from './status-writes.ts';

export function buildNodeStatus(hoprd: Hoprd, plan: NodePlan, failure: string | undefined): OwnStatus {
  const phase = phaseOf(hoprd, plan);
  return {
    phase,
    identityName: plan.identityName ?? (plan.deleting ? hoprd.status?.identityName : undefined),
    conditions: [...conditionsOf({ ...plan, failure }, readiness(phase, plan)), ...updateCondition(plan)],
  };
}

/** A node that ran and does not now is not called Running: the HOPR operator looks only once (spec hopr §8.5). */
function phaseOf({ spec }: Hoprd, plan: NodePlan): HoprdStatus['phase'] {
  if (plan.deleting) return 'Deleting';
  if (plan.problems.some(isBlocking)) return 'Failed';
  if (spec.enabled === false) return plan.stopped ? 'Stopped' : 'Running';
  return plan.ready && plan.waits.length === 0 ? 'Running' : 'Initializing';
}

function readiness(phase: HoprdStatus['phase'], plan: NodePlan): Omit<ConditionInput, 'type'> {
  if (phase === 'Stopped') return { status: 'False', reason: 'Stopped', message: 'spec.enabled is false' };
  if (plan.ready && phase === 'Running') return { status: 'True', reason: 'Running', message: 'the node is ready' };
  const { reason, message } = plan.trouble ?? { reason: 'NotReady', message: 'the pod of the node is not ready yet' };
  return { status: 'False', reason, message };
}

function updateCondition({ pending }: NodePlan): ConditionInput[] {
  if (pending === undefined) return [];
  const message = `the next change of the node brings ${pending}; nothing is restarted for it. To do it now, set the annotation nodewright.dev/restartedAt to the current time`;
  return [{ type: 'UpdatePending', status: 'True', reason: 'WaitsForRestart', message }];
}
