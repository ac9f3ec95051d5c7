/** What is wrong with a spec that the API server has let through. */
import { parseDuration } from '../../formats/duration.ts';
import { isProblem, type Problem } from '../problem.ts';
import { readSchedule } from './schedule.ts';
import type { ScheduledVolumeSnapshot } from './schema.ts';

const REQUIRED = ['fullNodeRef', 'schedule', 'volumeSnapshotClassName'] as const;
const HOUR_MS = 3_600_000;

/** Why nothing can be done for a resource at all; the API server lets one without a spec through. */
export function findUnusable({ spec }: ScheduledVolumeSnapshot): string[] {
  return REQUIRED.filter((member) => (spec as Partial<typeof spec> | undefined)?.[member] === undefined).map(
    (member) => `spec.${member}: must be set`,
  );
}

/** What is merely wrong. While there is something, no run begins. */
export function findProblems(resource: ScheduledVolumeSnapshot): Problem[] {
  const { fullNodeRef, timeLimit, volumeSnapshotClassName } = resource.spec;
  const schedule = readSchedule(resource);
  const problems = isProblem(schedule) ? [schedule] : [];
  if (fullNodeRef.name === '')
    problems.push({ reason: 'FullNodeInvalid', message: 'spec.fullNodeRef.name: must not be empty' });
  if (volumeSnapshotClassName === '')
    problems.push({ reason: 'ClassInvalid', message: 'spec.volumeSnapshotClassName: must not be empty' });
  if (timeLimit !== undefined && (parseDuration(timeLimit) ?? 0) <= 0)
    problems.push({
      reason: 'TimeLimitInvalid',
      message: `spec.timeLimit: ${JSON.stringify(timeLimit)} is no duration above 0; use one such as 90m`,
    });
  return problems;
}

/** Of a run, milliseconds; what cannot be read counts as unset. */
export function timeLimitOf(resource: ScheduledVolumeSnapshot): number {
  return givenLimit(resource) ?? (resource.spec.deletePod === true ? HOUR_MS : 24 * HOUR_MS);
}

/** Of a verification, milliseconds. */
export function verifyLimitOf(resource: ScheduledVolumeSnapshot): number {
  return givenLimit(resource) ?? HOUR_MS;
}

function givenLimit({ spec }: ScheduledVolumeSnapshot): number | undefined {
  const given = parseDuration(spec.timeLimit ?? '') ?? 0;
  return given > 0 ? given : undefined;
}
