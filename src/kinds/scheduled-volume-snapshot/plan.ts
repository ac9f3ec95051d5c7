/**
 * Spec and observation in, changes out: the one place where it is decided what is written for a ScheduledVolumeSnapshot. Pure. One pass makes
 * one step, and the status tells of it before the next is made.
 */
import type { Wait } from '../../reconcile/change.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import { isProblem, type Problem } from '../problem.ts';
import type { PlanContext } from '../recipe.ts';
import { bringBack } from './away.ts';
import type { Observed } from './observe.ts';
import { findProblems } from './problems.ts';
import { isUnderWay, planStep, resumeRun, type Step } from './run.ts';
import { findNextRun, type NextRun, readSchedule } from './schedule.ts';
import type { Phase, Run, ScheduledVolumeSnapshot, Verification } from './schema.ts';
import { pruneSnapshots, snapshotName } from './snapshots.ts';
import type { Verdict } from './verdict.ts';
import { planVerification, removeTrials, type VerificationPlan } from './verification.ts';

export type Plan = Omit<Step, 'run'> & {
  waits: Wait[];
  problems: Problem[];
  /** The run that is under way, or the last one. */
  run: Run | undefined;
  nextRunAt: Date | undefined;
  /** The run ended in this pass. */
  justEnded: boolean;
  /** Under way, or the last one. */
  verification: Verification | undefined;
  /** Of a verification that ended in this pass. */
  verdict: Verdict | undefined;
  /** What a verification that is under way waits for. */
  verificationWait: string | undefined;
  paused: boolean;
  deleting: boolean;
  /** Milliseconds; undefined: there is no hurry. */
  lookAgainMs: number | undefined;
};

/** The status was written, and the next step can be made. */
const SOON_MS = 200;
const RETRY_MS = 10_000;
/** A pod that stops, or a snapshot that is made. */
const BUSY_MS = 2000;
/** What is further away is seen at a refresh of the status. */
const FAR_MS = 60_000;

export function planSnapshots(resource: ScheduledVolumeSnapshot, observed: Observed, context: PlanContext): Plan {
  const { now } = context;
  const deleting = resource.metadata.deletionTimestamp !== undefined;
  const paused = resource.metadata.annotations?.[ANNOTATION_PAUSED] === 'true' && !deleting;
  const plan = decide(resource, observed, now, paused);
  const beside = besideRuns(resource, observed, context, { deleting, paused });
  const waits = [
    ...(plan.wait === undefined ? [] : [{ what: plan.phase as string, why: plan.wait }]),
    ...(beside.wait === undefined ? [] : [{ what: 'the verification', why: beside.wait }]),
  ];
  return {
    ...plan,
    changes: [...plan.changes, ...beside.changes],
    waits,
    problems: deleting ? [] : findProblems(resource),
    verification: beside.verification,
    verdict: beside.verdict,
    verificationWait: beside.wait,
    paused,
    deleting,
    lookAgainMs: soonest(lookAgain(resource, plan, now), lookAtTrialAgain(beside)),
  };
}

function besideRuns(
  resource: ScheduledVolumeSnapshot,
  observed: Observed,
  context: PlanContext,
  { deleting, paused }: { deleting: boolean; paused: boolean },
): VerificationPlan {
  const verification = resource.status?.verification;
  if (paused) return { changes: [], verification };
  if (deleting) return { changes: removeTrials(observed, undefined, 'the resource is deleted'), verification };
  return planVerification(resource, observed, context);
}

type Decision = Omit<Step, 'run'> & Pick<Plan, 'run' | 'nextRunAt' | 'justEnded'>;

function decide(resource: ScheduledVolumeSnapshot, observed: Observed, now: Date, paused: boolean): Decision {
  const { status, metadata, spec } = resource;
  const run = resumeRun(resource);
  const base = {
    run,
    candidate: status?.candidate,
    lastSnapshot: status?.lastSnapshot,
    changes: [],
    nextRunAt: undefined,
    justEnded: false,
  };
  if (metadata.deletionTimestamp !== undefined)
    return { ...base, phase: 'RestoringPod', changes: bringBack(resource, observed, 'the resource is deleted') };
  if (isUnderWay(run)) {
    const next = continueRun(resource, run, observed, now);
    return paused && !next.justEnded ? hold(base, status?.phase) : next;
  }

  const changes = bringBack(resource, observed, run?.failure ?? 'its snapshot was taken');
  if (changes.length > 0) return { ...base, phase: 'RestoringPod', changes };
  if (paused) return hold(base, status?.phase);
  if (spec.suspend === true) return { ...base, phase: 'Suspended' };
  if (observed.snapshots === undefined) {
    const message =
      'the cluster has no VolumeSnapshots: install their CustomResourceDefinitions and a driver that can make them';
    return { ...base, phase: 'MissingCRDs', trouble: { reason: 'MissingCRDs', message } };
  }
  const next = findNext(resource, run, now);
  if (isProblem(next))
    return { ...base, phase: 'WaitingForNext', trouble: { ...next, reason: 'FindNextSnapshotTimeError' } };
  // A run lives on notes in the status, which a CRD of the Cosmos Operator's does not keep.
  if (next?.isDue === true && status?.observedAt === undefined)
    return {
      ...base,
      phase: 'WaitingForNext',
      wait: 'the status has to be kept first: nodewright crds apply',
      nextRunAt: next.at,
    };
  if (next?.isDue === true && findProblems(resource).length === 0) {
    const name = snapshotName(resource, next.at, next.everyMs);
    const begun = { scheduledFor: toWireTime(next.at), snapshotName: name, fullNodeName: spec.fullNodeRef.name };
    return continueRun(resource, begun, observed, now);
  }
  return {
    ...base,
    phase: 'WaitingForNext',
    changes: pruneSnapshots(resource, [...observed.snapshots.values()]),
    nextRunAt: next?.at,
  };
}

/** Nothing is begun and nothing gone on with. But what ends a run ends it all the same: no pod stays away because nobody may write. */
function hold(base: Omit<Decision, 'phase'>, phase: string | undefined): Decision {
  return { ...base, phase: (phase as Phase | undefined) ?? 'WaitingForNext' };
}

function continueRun(resource: ScheduledVolumeSnapshot, run: Run, observed: Observed, now: Date): Decision {
  const step = planStep(resource, run, observed, now);
  const justEnded = step.run.endedAt !== undefined;
  const why = step.run.failure ?? 'its snapshot was taken';
  // The pod comes back in the same pass: not even the status need be written for that.
  const changes = justEnded ? bringBack(resource, observed, why) : step.changes;
  return { ...step, changes, nextRunAt: undefined, justEnded };
}

function findNext(resource: ScheduledVolumeSnapshot, run: Run | undefined, now: Date): NextRun | Problem | undefined {
  const schedule = readSchedule(resource);
  return isProblem(schedule) ? schedule : findNextRun(resource, schedule, run, now);
}

function lookAgain(resource: ScheduledVolumeSnapshot, plan: Decision, now: Date): number | undefined {
  if (plan.changes.length > 0 || plan.justEnded || plan.phase !== resource.status?.phase) return SOON_MS;
  if (plan.wait !== undefined) return BUSY_MS;
  if (isUnderWay(plan.run)) return RETRY_MS;
  const inMs = plan.nextRunAt === undefined ? FAR_MS : plan.nextRunAt.getTime() - now.getTime();
  return inMs < FAR_MS ? Math.max(SOON_MS, inMs) : undefined;
}

function lookAtTrialAgain({ changes, verdict, wait }: VerificationPlan): number | undefined {
  if (changes.length > 0 || verdict !== undefined) return SOON_MS;
  return wait === undefined ? undefined : RETRY_MS;
}

function soonest(...times: (number | undefined)[]): number | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
