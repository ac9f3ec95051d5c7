/** The status of a ScheduledVolumeSnapshot: pure, from the plan and what became of it. Upstream's members keep their form (spec cosmos §1.3). */
import { type ConditionInput, mergeConditions, toWireTime } from '../../reconcile/conditions.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { KindOptions } from '../kind.ts';
import type { Plan } from './plan.ts';
import { isUnderWay } from './run.ts';
import type { Phase, ScheduledVolumeSnapshot, ScheduledVolumeSnapshotStatus } from './schema.ts';

export type StatusInput = {
  plan: Plan;
  failure: string | undefined;
  now: Date;
  options: Pick<KindOptions, 'operatorNamespace'>;
};

export function buildStatus(
  resource: ScheduledVolumeSnapshot,
  { plan, failure, now, options }: StatusInput,
): ScheduledVolumeSnapshotStatus {
  const generation = resource.metadata.generation ?? 0;
  const { phase, run, candidate, lastSnapshot, trouble, nextRunAt, verification } = plan;
  const verified = resource.spec.verify === true ? [verifiedCondition(plan)] : [];
  const wrong = failure ?? trouble?.message;
  return {
    observedGeneration: generation,
    phase,
    status: wrong === undefined ? plan.wait : `Error: ${wrong}`,
    createdAt: resource.status?.createdAt ?? toWireTime(now),
    candidate,
    lastSnapshot,
    run,
    verification,
    nextRunAt: nextRunAt && toWireTime(nextRunAt),
    operatorNamespace: options.operatorNamespace,
    observedAt: toWireTime(now),
    conditions: mergeConditions(
      resource.status?.conditions ?? [],
      [readyCondition(plan, wrong), progressingCondition(plan), specCondition(plan), ...verified],
      generation,
      now,
    ),
  };
}

/** While nothing can be done: how far it had come stays said, for a person and for the Cosmos Operator, which goes by the phase. */
export function describeFailed({ status }: ScheduledVolumeSnapshot, message: string, now: Date): object {
  const { phase = 'WaitingForNext' satisfies Phase, createdAt = toWireTime(now) } = status ?? {};
  return { phase, createdAt, status: `Error: ${message}` };
}

/** The part whose change is written at once. */
export function significantPart(status: ScheduledVolumeSnapshotStatus | undefined): unknown {
  if (status === undefined) return undefined;
  const { observedAt: _at, conditions, ...rest } = status;
  return { ...rest, conditions: conditions?.map(({ lastTransitionTime: _time, ...condition }) => condition) };
}

export function refreshedAt({ observedAt }: ScheduledVolumeSnapshotStatus): string | undefined {
  return observedAt;
}

function readyCondition({ run, problems, trouble, deleting }: Plan, wrong: string | undefined): ConditionInput {
  const condition = (status: 'True' | 'False', reason: Reason, message: string): ConditionInput => ({
    type: 'Ready',
    status,
    reason,
    message,
  });
  const [problem] = problems;
  if (deleting) return condition('False', 'Deleting', 'the resource is being deleted');
  if (problem !== undefined)
    return condition('False', problem.reason, problems.map(({ message }) => message).join('; '));
  if (wrong !== undefined) return condition('False', trouble?.reason ?? 'ReconcileFailed', wrong);
  if (run?.failure !== undefined) return condition('False', 'SnapshotFailed', run.failure);
  if (run === undefined || run.endedAt === undefined)
    return condition('True', 'NoFailure', 'no run has failed so far, or the last one did not');
  return condition('True', 'SnapshotReady', `VolumeSnapshot ${run.snapshotName} is ready to use`);
}

function progressingCondition({ phase, run, wait, paused }: Plan): ConditionInput {
  const condition = (status: 'True' | 'False', reason: Reason, message: string): ConditionInput => ({
    type: 'Progressing',
    status,
    reason,
    message,
  });
  if (paused)
    return condition(
      'False',
      'Paused',
      'the annotation nodewright.dev/paused is true: a pod that is away may come back, nothing else is changed',
    );
  if (isUnderWay(run)) return condition('True', phase, wait ?? `the run for ${run.scheduledFor} is under way`);
  return condition('False', phase, 'no run is under way');
}

function specCondition({ problems }: Plan): ConditionInput {
  const [first] = problems;
  const message = problems.map((problem) => problem.message).join('; ');
  return first === undefined
    ? { type: 'SpecValid', status: 'True', reason: 'Valid', message: 'everything in the spec can be done' }
    : { type: 'SpecValid', status: 'False', reason: first.reason, message };
}

/** About the snapshot that was tried last, or is being tried. */
function verifiedCondition({ verification, verificationWait }: Plan): ConditionInput {
  const condition = (status: ConditionInput['status'], reason: Reason, message: string): ConditionInput => ({
    type: 'Verified',
    status,
    reason,
    message,
  });
  if (verification === undefined)
    return condition('Unknown', 'NoSnapshot', 'no snapshot was ready since verify was set');
  const { snapshotName, endedAt, result, message = '' } = verification;
  const about = `VolumeSnapshot ${snapshotName}`;
  if (endedAt === undefined) return condition('Unknown', 'Verifying', `${about}: ${verificationWait ?? 'under way'}`);
  const status = result === 'Good' ? 'True' : result === 'Bad' ? 'False' : 'Unknown';
  return condition(status, VERDICT_REASONS[status], `${about}: ${message}`);
}

const VERDICT_REASONS = { True: 'SnapshotGood', False: 'SnapshotBad', Unknown: 'NotVerified' } as const;
