/** Which of all that happened is worth an event; reasons that upstream has keep their names (spec cosmos §4.1). */
import { VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import { describeFailure, isLostRace, type Outcome } from '../../reconcile/act.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { Plan } from './plan.ts';
import type { Phase, ScheduledVolumeSnapshot } from './schema.ts';

/** The reason of a write that failed, by the phase it was made in. */
const FAILURE_REASONS: Partial<Record<Phase, string>> = {
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
  const warn = (reason: string, note: string) => events.record(resource, 'Warning', reason, note, plan.phase);
  for (const { verb, type, key, why } of outcome.done)
    if (type === VOLUME_SNAPSHOTS)
      events.record(
        resource,
        'Normal',
        verb === 'create' ? 'CreatedVolumeSnapshot' : 'DeletedVolumeSnapshot',
        `${verb} VolumeSnapshot ${key.name}: ${why}`,
        plan.phase,
      );
  for (const failure of outcome.failures)
    if (!isLostRace(failure.error)) warn(FAILURE_REASONS[plan.phase] ?? 'Error', describeFailure(failure));
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
