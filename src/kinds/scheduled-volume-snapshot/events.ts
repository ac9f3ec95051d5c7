/** Which of all that happened is worth an event; reasons that upstream has keep their names (spec cosmos §4.1). */
import { PERSISTENT_VOLUME_CLAIMS, PODS, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import { describeFailure, isLostRace, type Outcome } from '../../reconcile/act.ts';
import type { Change } from '../../reconcile/change.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { Plan } from './plan.ts';
import type { Phase, ScheduledVolumeSnapshot } from './schema.ts';

/** The reason of a write that failed, by the phase it was made in. */
const FAILURE_REASONS: Partial<Record<Phase, Reason>> = {
  WaitingForNext: 'DeleteOldSnapshotsError',
  DeletingPod: 'DeletePodError',
  CreatingSnapshot: 'CreateVolumeSnapshotError',
  RestoringPod: 'RestorePodError',
};

export function reportEvents(
  events: ReconcilerContext['events'],
  resource: ScheduledVolumeSnapshot,
  plan: Plan,
  outcome: Outcome,
): void {
  const warn = (reason: Reason, note: string) => events.record(resource, 'Warning', reason, note, plan.phase);
  for (const { verb, type, key, why } of outcome.done)
    if (type === VOLUME_SNAPSHOTS && verb !== 'patch')
      events.record(
        resource,
        'Normal',
        verb === 'create' ? 'CreatedVolumeSnapshot' : 'DeletedVolumeSnapshot',
        `${verb} VolumeSnapshot ${key.name}: ${why}`,
        plan.phase,
      );
  for (const failure of outcome.failures)
    if (!isLostRace(failure.error)) warn(reasonOf(failure.change, plan.phase), describeFailure(failure));
  reportVerdict(events, resource, plan, outcome);
  const { trouble, run } = plan;
  if (trouble !== undefined && resource.status?.status !== `Error: ${trouble.message}`)
    warn(trouble.reason, trouble.message);
  const told = resource.status?.conditions?.find(({ type }) => type === 'SpecValid')?.message ?? '';
  for (const { message } of plan.problems)
    if (trouble === undefined && !told.includes(message)) warn('FindNextSnapshotTimeError', message);
  if (!plan.justEnded || run === undefined) return;
  if (run.failure !== undefined) warn('VolumeSnapshotReadyError', run.failure);
  else
    events.record(
      resource,
      'Normal',
      'VolumeSnapshotReady',
      `VolumeSnapshot ${run.snapshotName} is ready to use`,
      plan.phase,
    );
}

/** Once it stands on the snapshot. */
function reportVerdict(
  events: ReconcilerContext['events'],
  resource: ScheduledVolumeSnapshot,
  { verdict, verification }: Plan,
  { done }: Outcome,
): void {
  if (verdict === undefined || !done.some(isMark)) return;
  const [type, reason] = VERDICTS[verdict.result];
  const note = `VolumeSnapshot ${verification?.snapshotName}: ${verdict.message}`;
  events.record(resource, type, reason, note, 'VerifySnapshot');
}

const VERDICTS = {
  Good: ['Normal', 'SnapshotGood'],
  Bad: ['Warning', 'SnapshotBad'],
  Unknown: ['Warning', 'NotVerified'],
} as const;

function reasonOf(change: Change, phase: Phase): Reason {
  const isOfTrial = change.type === PODS || change.type === PERSISTENT_VOLUME_CLAIMS || isMark(change);
  return isOfTrial ? 'VerifySnapshotError' : (FAILURE_REASONS[phase] ?? 'Error');
}

function isMark({ type, verb }: Change): boolean {
  return type === VOLUME_SNAPSHOTS && verb === 'patch';
}
