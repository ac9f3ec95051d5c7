/** How often each node was restarted since the operator began to look, and why. Pure. */
import { type Pod, uidOf } from '../kube/objects.ts';

/**
 * `Rollout`: stopped by the operator for what a person asked for. `Repair`: stopped by the operator to mend it. `Replaced`: its pod had ended
 * and was made anew. `External`: its pod was stopped by others (an eviction, a drain, a person). The others are how a container ended that
 * the kubelet started again.
 */
export type RestartReason =
  | 'Rollout'
  | 'Repair'
  | 'Replaced'
  | 'External'
  | 'OOMKilled'
  | 'Error'
  | 'Completed'
  | 'Other';

export type RestartCounts = {
  /** The pod that was last seen, and how often its containers had been started again. */
  uid: string | undefined;
  containerRestarts: number;
  /** Why the operator stopped the pod that was last seen. */
  stoppedFor: RestartReason | undefined;
  counts: Partial<Record<RestartReason, number>>;
};

const CONTAINER_ENDS: ReadonlySet<string> = new Set(['OOMKilled', 'Error', 'Completed'] satisfies RestartReason[]);

/** What the pod shows now, after what was known before. */
export function countRestarts(before: RestartCounts | undefined, pod: Pod | undefined): RestartCounts {
  const known = before ?? { uid: undefined, containerRestarts: 0, stoppedFor: undefined, counts: {} };
  if (pod === undefined) return known;
  const uid = uidOf(pod);
  const statuses = pod.status?.containerStatuses ?? [];
  const containerRestarts = statuses.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
  const isSame = uid === known.uid;
  if (isSame && containerRestarts <= known.containerRestarts) return known;
  const counts = { ...known.counts };
  const add = (reason: RestartReason, times: number) => {
    if (times > 0) counts[reason] = (counts[reason] ?? 0) + times;
  };
  if (!isSame && known.uid !== undefined) add(known.stoppedFor ?? 'External', 1);
  add(lastEnd(pod), containerRestarts - (isSame ? known.containerRestarts : 0));
  return { uid, containerRestarts, stoppedFor: isSame ? known.stoppedFor : undefined, counts };
}

function lastEnd({ status }: Pod): RestartReason {
  const ends = (status?.containerStatuses ?? []).flatMap(({ lastState }) => lastState?.terminated ?? []);
  const [last] = ends.sort((a, b) => timeOf(b.finishedAt) - timeOf(a.finishedAt));
  return CONTAINER_ENDS.has(last?.reason ?? '') ? (last?.reason as RestartReason) : 'Other';
}

function timeOf(time: string | Date | undefined): number {
  return time === undefined ? 0 : new Date(time).getTime();
}
