/** When the next run is due. */
import { lastTime, parseSchedule, type Schedule } from '../../formats/schedule-times.ts';
import { isProblem, orProblem, type Problem } from '../problem.ts';
import type { Run, ScheduledVolumeSnapshot } from './schema.ts';

/** The next time of the schedule, and whether it has come. Times that were missed are one: the last of them. */
export type NextRun = { at: Date; isDue: boolean; everyMs?: number | undefined };

/** The schedule, or what is wrong with it. */
export function readSchedule({ spec }: ScheduledVolumeSnapshot): Schedule | Problem {
  const toProblem = (message: string): Problem => ({ reason: 'ScheduleInvalid', message });
  const schedule = orProblem(() => parseSchedule(spec.schedule, 'spec.schedule'), toProblem);
  if (isProblem(schedule)) return schedule;
  // Any moment would do: a date that there is comes back within eight years.
  const isNever = schedule.next(new Date(0)) === undefined;
  return isNever ? toProblem(`spec.schedule: ${JSON.stringify(spec.schedule)} is a date that never comes`) : schedule;
}

/**
 * @param run the last run, which is over
 * @param now when the resource is seen for the first time, the first run is the first time after it
 */
export function findNextRun(
  resource: ScheduledVolumeSnapshot,
  schedule: Schedule,
  run: Run | undefined,
  now: Date,
): NextRun | undefined {
  const { createdAt, lastSnapshot } = resource.status ?? {};
  // A run that failed is not tried again at once, over and over: its pod would hardly be back.
  const times = [lastSnapshot?.startedAt, run?.scheduledFor, run?.failure === undefined ? undefined : run.endedAt];
  const last = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  const reference = new Date(last.length > 0 ? Math.max(...last) : Date.parse(createdAt ?? now.toISOString()));
  const due = lastTime(schedule, reference, now);
  const at = due ?? schedule.next(reference);
  return at === undefined ? undefined : { at, isDue: due !== undefined, everyMs: schedule.everyMs };
}
