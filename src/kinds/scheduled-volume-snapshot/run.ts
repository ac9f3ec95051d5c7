/**
 * A run under way: from the node that is found for it to a snapshot that is ready. What step it is at follows from what is there, not from
 * what was done before: so a step that was done although nobody could write it down is not done again.
 */
import type { KubeObject } from '../../kube/objects.ts';
import { VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import { isProblem, type Problem } from '../problem.ts';
import type { VolumeSnapshot } from '../volume-snapshot.ts';
import { bringBack, podAwayFrom, sendAway } from './away.ts';
import { findCandidate } from './candidate.ts';
import type { Observed } from './observe.ts';
import { timeLimitOf } from './problems.ts';
import type { Candidate, LastSnapshot, Phase, Run, ScheduledVolumeSnapshot } from './schema.ts';
import { buildSnapshot } from './snapshots.ts';

export type Step = {
  phase: Phase;
  /** As it stands now; `endedAt` is set when it is over. */
  run: Run;
  candidate?: Candidate | undefined;
  lastSnapshot?: LastSnapshot | undefined;
  changes: Change[];
  /** What keeps the run from going on, with upstream's reason. */
  trouble?: Problem | undefined;
  /** What is waited for. */
  wait?: string | undefined;
};

/** A snapshot that reports an error is tried again by its controller; for so long a pod is kept away for it. */
const ERROR_LIMIT_MS = 300_000;

/** The run that is under way, if any; also one that the Cosmos Operator began, which keeps no notes of it. */
export function resumeRun({ spec, status }: ScheduledVolumeSnapshot): Run | undefined {
  const { run, phase, lastSnapshot } = status ?? {};
  if (run !== undefined || lastSnapshot === undefined || phase !== 'WaitingForSnapshotCreation') return run;
  const { name, startedAt } = lastSnapshot;
  return { scheduledFor: startedAt, snapshotName: name, fullNodeName: spec.fullNodeRef.name, startedAt };
}

export function isUnderWay(run: Run | undefined): run is Run & { endedAt?: undefined } {
  return run !== undefined && run.endedAt === undefined;
}

/** The next step of a run that is under way. */
export function planStep(resource: ScheduledVolumeSnapshot, given: Run, observed: Observed, now: Date): Step {
  const snapshot = observed.snapshots?.get(given.snapshotName);
  const known = resource.status?.lastSnapshot;
  const lastSnapshot = snapshot === undefined ? known : { ...noteSnapshot(snapshot, known, now) };
  const candidate = resource.status?.candidate;
  const base = { run: given, candidate, lastSnapshot, changes: [] };
  const end = (failure?: string): Step => ({
    ...base,
    phase: 'RestoringPod',
    run: { ...given, endedAt: toWireTime(now), ...(failure === undefined ? {} : { failure }) },
  });
  if (snapshot?.status?.readyToUse === true) return end();
  const failure = whyOver(resource, given, observed, snapshot, now);
  if (failure !== undefined) return end(failure);
  if (snapshot !== undefined) {
    const error = snapshot.status?.error?.message;
    const message = `VolumeSnapshot ${given.snapshotName} could not be made so far: ${error}`;
    const wait = `VolumeSnapshot ${given.snapshotName} is not ready to use yet`;
    const trouble: Problem | undefined =
      error === undefined ? undefined : { reason: 'VolumeSnapshotReadyError', message };
    return { ...base, phase: 'WaitingForSnapshotCreation', trouble, wait };
  }
  return planBefore(resource, base, observed, now);
}

/** What comes before there is a snapshot. */
function planBefore(resource: ScheduledVolumeSnapshot, base: Omit<Step, 'phase'>, observed: Observed, now: Date): Step {
  const { run, candidate } = base;
  const fullNode = observed.fullNodes.get(run.fullNodeName);
  const isAway = podAwayFrom(fullNode, resource) !== undefined;
  if (run.startedAt === undefined || candidate === undefined || !isAway) {
    // Until its pod is gone for it, a node may fall behind, or others may.
    const found = findCandidate(resource, observed, now);
    const { startedAt: _none, ...waiting } = run;
    if (isProblem(found)) {
      const changes = bringBack(resource, observed, found.message);
      return { ...base, phase: 'FindingCandidate', run: waiting, trouble: found, changes };
    }
    if (run.startedAt === undefined || found.podName !== candidate?.podName) {
      const phase = resource.spec.deletePod === true ? 'DeletingPod' : 'CreatingSnapshot';
      // Nothing is done for a node before the status says which one it is.
      return { ...base, phase, run: { ...run, startedAt: run.startedAt ?? toWireTime(now) }, candidate: found };
    }
  }
  const { podName } = candidate;
  if (fullNode !== undefined && (resource.spec.deletePod === true || isAway)) {
    const changes = sendAway(resource, fullNode, podName);
    if (changes.length > 0) return { ...base, phase: 'DeletingPod', changes };
    if (observed.pods.has(podName))
      return { ...base, phase: 'WaitingForPodDeletion', wait: `pod ${podName} not deleted yet` };
  }
  return {
    ...base,
    phase: 'CreatingSnapshot',
    changes: [createSnapshot(resource, buildSnapshot(resource, run.snapshotName, candidate), candidate)],
  };
}

function createSnapshot(resource: ScheduledVolumeSnapshot, object: KubeObject, { podName }: Candidate): Change {
  const key = { namespace: resource.metadata.namespace, name: object.metadata.name };
  return { verb: 'create', type: VOLUME_SNAPSHOTS, key, why: `of the volume of ${podName}`, object };
}

/** Why a run ends without a snapshot that is ready; undefined while it may still come to one. */
function whyOver(
  resource: ScheduledVolumeSnapshot,
  run: Run,
  { snapshots }: Observed,
  snapshot: VolumeSnapshot | undefined,
  now: Date,
): string | undefined {
  const { spec, status } = resource;
  if (spec.suspend === true) return 'spec.suspend was set';
  if (spec.fullNodeRef.name !== run.fullNodeName)
    return `spec.fullNodeRef.name is no longer ${run.fullNodeName}, which the run was for`;
  if (snapshots === undefined) return 'the cluster has no VolumeSnapshots any more';
  if (snapshot === undefined && status?.lastSnapshot?.name === run.snapshotName)
    return `VolumeSnapshot ${run.snapshotName} was deleted before it was ready`;
  if (run.startedAt === undefined) return undefined;
  const tookMs = now.getTime() - Date.parse(run.startedAt);
  const limitMs = timeLimitOf(resource);
  const error = snapshot?.status?.error;
  if (error !== undefined && tookMs >= Math.min(limitMs, ERROR_LIMIT_MS))
    return `VolumeSnapshot ${run.snapshotName} could not be made: ${error.message ?? 'no reason given'}`;
  if (tookMs < limitMs) return undefined;
  const what =
    snapshot === undefined ? 'there is no VolumeSnapshot' : `VolumeSnapshot ${run.snapshotName} is not ready`;
  return `${what} ${Math.round(tookMs / 60_000)} minutes after the run began; spec.timeLimit allows ${Math.round(limitMs / 60_000)}`;
}

function noteSnapshot({ metadata, status }: VolumeSnapshot, known: LastSnapshot | undefined, now: Date): LastSnapshot {
  const startedAt = known?.name === metadata.name ? known.startedAt : toWireTime(now);
  if (status === undefined) return { name: metadata.name, startedAt };
  const { boundVolumeSnapshotContentName, creationTime, error, readyToUse, restoreSize } = status;
  return {
    name: metadata.name,
    startedAt,
    status: { boundVolumeSnapshotContentName, creationTime, error, readyToUse, restoreSize },
  };
}
