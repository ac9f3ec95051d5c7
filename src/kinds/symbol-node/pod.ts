/** When the pod of a node is stopped: for what a person asked for, and where the node can't start because it did not stop cleanly. */
import { keyOf, type Pod, type StatefulSet, uidOf } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { ANNOTATION_ASKED } from '../../reconcile/labels.ts';
import { changedAsked, describeRendered } from '../../reconcile/pod-stamps.ts';
import { BROKER_CONTAINER, CLIENT_CONTAINER, PREPARE_CONTAINER, RECOVERY_CONTAINER } from './desired/containers.ts';

/** Of a process that finds the lock of an earlier run (spec symbol §3.2). */
const LOCKED = 253;

type Recovery = {
  /** As `prepare` found it before the node was started. */
  state: 'none' | 'needed' | 'exhausted';
  attempts: number;
  /** RFC 3339. */
  lastAt?: string | undefined;
};

export type PodPlan = {
  changes: Change[];
  waits: Wait[];
  recovery: Recovery | undefined;
  /** What the next restart will bring. */
  updatePending: string | undefined;
  /** Why the pod is about to be replaced, or was found unfit. */
  restart: string | undefined;
};

const RENDERED_NAMES = { pod: 'another form of the pod', config: 'the configuration of this release' };

/**
 * @param live the StatefulSet as it is
 * @param wanted as it should be; undefined where that can't be told at present, which restarts nothing
 * @param isApplied there is no difference between the two, and the API server has both as they were seen
 * @param maxAttempts recoveries in a row that the spec allows
 */
export function planPod(
  pod: Pod | undefined,
  live: StatefulSet | undefined,
  wanted: StatefulSet | undefined,
  isApplied: boolean,
  maxAttempts: number,
): PodPlan {
  const recovery = readRecovery(pod);
  const nothing: PodPlan = { changes: [], waits: [], recovery, updatePending: undefined, restart: undefined };
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return nothing;
  const stuck = findStuck(pod, recovery);
  if (stuck !== undefined) return { ...nothing, changes: [stop(pod, stuck, false)], restart: stuck };
  const template = wanted?.spec?.template;
  if (template === undefined || (wanted?.spec?.replicas ?? 1) === 0) return nothing;
  const target = { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod.metadata.name, ...template.metadata } } as Pod;
  // Of another operator: it is as good as ours until a person wants something else.
  if (pod.metadata.annotations?.[ANNOTATION_ASKED] === undefined)
    return takeOver(pod, wanted as StatefulSet, isApplied && isSeen(live), nothing);
  if (recovery?.state === 'exhausted' && recovery.attempts < maxAttempts && isApplied && isSeen(live)) {
    const why = `spec.recovery.maxAttempts allows another recovery after ${recovery.attempts}`;
    return { ...nothing, changes: [stop(pod, why, false)], restart: why };
  }
  const changed = changedAsked(pod, target);
  const updatePending = describeRendered(pod, target, RENDERED_NAMES);
  if (changed.length === 0) return { ...nothing, updatePending };
  const why = `${changed.join(', ')} changed`;
  if (isApplied && isSeen(live)) return { ...nothing, changes: [stop(pod, why, true)], restart: why };
  const wait = {
    what: `restart of Pod ${pod.metadata.name}: ${why}`,
    why: 'the StatefulSet and what is known of it are brought up to date first',
  };
  return { ...nothing, waits: [wait], updatePending: changed.join(', ') };
}

function takeOver(pod: Pod, wanted: StatefulSet, isReady: boolean, nothing: PodPlan): PodPlan {
  const imageOf = (spec: Pod['spec']) =>
    [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].find(({ name }) => name === CLIENT_CONTAINER)?.image;
  const [found, next] = [imageOf(pod.spec), imageOf(wanted.spec?.template.spec)];
  if (found === next || !isReady) return { ...nothing, updatePending: 'it was started by another operator' };
  const why = `image ${found ?? 'none'} → ${next ?? 'none'}`;
  return { ...nothing, changes: [stop(pod, why, true)], restart: why };
}

/** A pod that is made now is made as we want it. */
function isSeen(live: StatefulSet | undefined): boolean {
  return live !== undefined && (live.status?.observedGeneration ?? 0) >= (live.metadata.generation ?? 0);
}

function stop(pod: Pod, why: string, disrupts: boolean): Change {
  return { verb: 'delete', type: PODS, key: keyOf(pod), why, uid: uidOf(pod), disrupts };
}

/** The kubelet restarts a container, but never the steps before it: only another pod gets to the recovery. */
function findStuck(pod: Pod, recovery: Recovery | undefined): string | undefined {
  if (recovery?.state === 'exhausted') return undefined;
  const failed = statusOf(pod, RECOVERY_CONTAINER);
  // The kubelet has begun it again while nobody looked: to stop it amid its work would cost an attempt.
  const end = failed?.state?.running ? undefined : (failed?.state?.terminated ?? failed?.lastState?.terminated);
  if (end !== undefined && end.exitCode !== 0)
    return `the recovery ended with exit code ${end.exitCode}, and begins anew`;
  for (const name of [CLIENT_CONTAINER, BROKER_CONTAINER]) {
    const status = statusOf(pod, name);
    const last = status?.state?.terminated ?? status?.lastState?.terminated;
    if (status?.state?.running === undefined && last?.exitCode === LOCKED && hasRecovery(pod))
      return `${name} did not stop cleanly (exit code ${LOCKED}): the recovery runs before it starts again`;
  }
  return undefined;
}

function hasRecovery({ spec }: Pod): boolean {
  return spec?.initContainers?.some(({ name }) => name === RECOVERY_CONTAINER) ?? false;
}

/** As the agent's last words in the pod tell it. */
function readRecovery(pod: Pod | undefined): Recovery | undefined {
  const status = pod && statusOf(pod, PREPARE_CONTAINER);
  const message = status?.state?.terminated?.message ?? status?.lastState?.terminated?.message;
  if (message === undefined) return undefined;
  try {
    const {
      recovery,
      attempts = 0,
      lastAt,
    } = JSON.parse(message) as { recovery?: string; attempts?: number; lastAt?: string };
    if (recovery !== 'none' && recovery !== 'needed' && recovery !== 'exhausted') return undefined;
    return { state: recovery, attempts, lastAt };
  } catch {
    // It failed before it could say anything.
    return undefined;
  }
}

function statusOf({ status }: Pod, container: string) {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return all.find(({ name }) => name === container);
}
