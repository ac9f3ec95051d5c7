/** The status of a StatefulJob: pure, from the plan and what became of it. Upstream's members keep their form (spec cosmos §1.4). */
import { type ConditionInput, mergeConditions, toWireTime } from '../../reconcile/conditions.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { KindOptions } from '../kind.ts';
import type { Plan } from './plan.ts';
import type { StatefulJob, StatefulJobStatus } from './schema.ts';

export type StatusInput = {
  plan: Plan;
  failure: string | undefined;
  now: Date;
  options: Pick<KindOptions, 'operatorNamespace'>;
};

export function buildStatus(resource: StatefulJob, { plan, failure, now, options }: StatusInput): StatefulJobStatus {
  const generation = resource.metadata.generation ?? 0;
  const wrong = failure ?? plan.trouble?.message;
  return {
    observedGeneration: generation,
    phase: plan.phase,
    status: wrong ?? plan.waits[0]?.why,
    jobHistory: plan.history,
    nextRunAt: plan.nextRunAt && toWireTime(plan.nextRunAt),
    operatorNamespace: options.operatorNamespace,
    observedAt: toWireTime(now),
    conditions: mergeConditions(
      resource.status?.conditions ?? [],
      [readyCondition(plan, wrong), specCondition(plan)],
      generation,
      now,
    ),
  };
}

/** The part whose change is written at once. */
export function significantPart(status: StatefulJobStatus | undefined): unknown {
  if (status === undefined) return undefined;
  const { observedAt: _at, conditions, ...rest } = status;
  return { ...rest, conditions: conditions?.map(({ lastTransitionTime: _time, ...condition }) => condition) };
}

export function refreshedAt({ observedAt }: StatefulJobStatus): string | undefined {
  return observedAt;
}

function readyCondition(plan: Plan, wrong: string | undefined): ConditionInput {
  const condition = (status: 'True' | 'False', reason: Reason, message: string): ConditionInput => ({
    type: 'Ready',
    status,
    reason,
    message,
  });
  const { deleting, paused, history, problems, trouble, phase } = plan;
  const [problem] = problems;
  if (deleting) return condition('False', 'Deleting', 'the resource is being deleted');
  if (problem !== undefined)
    return condition('False', problem.reason, problems.map(({ message }) => message).join('; '));
  if (wrong !== undefined) return condition('False', trouble?.reason ?? 'ReconcileFailed', wrong);
  const failed = history[0]?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
  if (failed !== undefined)
    return condition('False', 'JobFailed', failed.message ?? failed.reason ?? 'no reason given');
  if (paused) return condition('True', 'Paused', 'the annotation nodewright.dev/paused is true: nothing is changed');
  return condition('True', phase, phase === 'Running' ? 'its Job is there' : 'the next Job is not due yet');
}

function specCondition({ problems }: Plan): ConditionInput {
  const [first] = problems;
  const message = problems.map((problem) => problem.message).join('; ');
  return first === undefined
    ? { type: 'SpecValid', status: 'True', reason: 'Valid', message: 'everything in the spec can be done' }
    : { type: 'SpecValid', status: 'False', reason: first.reason, message };
}
