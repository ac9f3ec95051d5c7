/** What the operator's metrics say of a ScheduledVolumeSnapshot. Pure. */
import type { ResourceReport } from '../node-report.ts';
import { isProblem } from '../problem.ts';
import type { Observed } from './observe.ts';
import type { Plan } from './plan.ts';
import { readSchedule } from './schedule.ts';
import type { ScheduledVolumeSnapshot } from './schema.ts';

export function describeSnapshots(
  resource: ScheduledVolumeSnapshot,
  plan: Plan,
  { snapshots }: Observed,
): ResourceReport {
  if (plan.deleting) return {};
  const ready = [...(snapshots?.values() ?? [])].flatMap(({ status }) =>
    status?.readyToUse === true && status.creationTime !== undefined ? [Date.parse(status.creationTime)] : [],
  );
  return {
    snapshots: {
      lastReadyAt: ready.length === 0 ? undefined : new Date(Math.max(...ready)),
      lastRunFailed: plan.run?.failure !== undefined,
      everySeconds: resource.spec.suspend === true ? undefined : intervalOf(resource, plan),
    },
  };
}

/** From the time of the run that comes, or is under way, to the one after it. */
function intervalOf(resource: ScheduledVolumeSnapshot, { nextRunAt, run }: Plan): number | undefined {
  const schedule = readSchedule(resource);
  const from = nextRunAt ?? (run && new Date(run.scheduledFor));
  if (isProblem(schedule) || from === undefined) return undefined;
  const next = schedule.next(from);
  return next && (next.getTime() - from.getTime()) / 1000;
}
