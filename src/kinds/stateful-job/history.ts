/** What became of the last Jobs, and when the next one is due. */
import { parseDuration } from '../../formats/duration.ts';
import type { Job } from '../../kube/objects.ts';
import type { JobStatus, StatefulJob } from './schema.ts';

const MAX_ENTRIES = 5;
const DAY_MS = 86_400_000;

/**
 * The history with a Job in it, newest first. An entry that began no earlier than the Job was made is the Job's own: there is never more than
 * one at a time.
 */
export function recordJob(history: readonly JobStatus[], { metadata, status }: Job): JobStatus[] {
  const [first] = history;
  const createdAt = metadata.creationTimestamp ?? '';
  const isOwn = first !== undefined && !(Date.parse(first.startTime ?? createdAt) < Date.parse(createdAt));
  const entry = { startTime: createdAt, ...pick(status) };
  return [entry, ...(isOwn ? history.slice(1) : history)].slice(0, MAX_ENTRIES);
}

/** Undefined: at once. A Job that was never seen to start counts for nothing. */
export function nextRunAt({ spec }: StatefulJob, [last]: readonly JobStatus[]): Date | undefined {
  return last?.startTime === undefined ? undefined : new Date(Date.parse(last.startTime) + intervalOf(spec.interval));
}

/** Milliseconds. */
function intervalOf(interval: string | undefined): number {
  const given = parseDuration(interval ?? '') ?? 0;
  return given > 0 ? given : DAY_MS;
}

/** The members that the CRD has; later releases of Kubernetes have more. */
function pick(status: Job['status']): JobStatus {
  const { active, completedIndexes, completionTime, conditions, failed, ready, startTime, succeeded } = status ?? {};
  const entries = {
    ...{ active, completedIndexes, completionTime, conditions, failed, ready, startTime, succeeded },
    uncountedTerminatedPods: status?.uncountedTerminatedPods,
  };
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as JobStatus;
}
