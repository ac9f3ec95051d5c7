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
import type { Phase, Run, ScheduledVolumeSnapshot } from './schema.ts';
import { pruneSnapshots, snapshotName } from './snapshots.ts';

export type Plan = Omit<Step, 'run'> & {
  waits: Wait[];
  problems: Problem[];
  /** The run that is under way, or the last one. */
  run: Run | undefined;
  nextRunAt: Date | undefined;
  /** The run ended in this pass. */
  justEnded: boolean;
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

export function planSnapshots(resource: ScheduledVolumeSnapshot, observed: Observed, { now }: PlanContext): Plan {
  const deleting = resource.metadata.deletionTimestamp !== undefined;
  const paused = resource.metadata.annotations?.[ANNOTATION_PAUSED] === 'true' && !deleting;
  const plan = decide(resource, observed, now, paused);
  const waits = plan.wait === undefined ? [] : [{ what: plan.phase, why: plan.wait }];
  return {
    ...plan,
    changes: paused ? [] : plan.changes,
    waits,
    problems: deleting ? [] : findProblems(resource),
    paused,
    deleting,
    lookAgainMs: paused ? undefined : lookAgain(resource, plan, now),
  };
}

type Decision = Omit<Plan, 'waits' | 'problems' | 'paused' | 'deleting' | 'lookAgainMs'>;

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
  if (paused) return { ...base, phase: (status?.phase as Phase | undefined) ?? 'WaitingForNext' };
  if (isUnderWay(run)) return continueRun(resource, run, observed, now);

  const changes = bringBack(resource, observed, run?.failure ?? 'its snapshot was taken');
  if (changes.length > 0) return { ...base, phase: 'RestoringPod', changes };
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
