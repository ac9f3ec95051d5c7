/** One node as it is, from what the kubelet says of its pod and what it says of itself. */
import type { Pod } from '../kube/objects.ts';
import { currentAnswer, type NodeAnswer, pace, type Reading } from './reading.ts';

/** The container with the node's own process, in the pods of every kind of CometBFT node. */
export const NODE_CONTAINER = 'node';

export type NodeState =
  | 'InSync'
  | 'CatchingUp'
  | 'Stalled'
  /** Stands at a height at which it was to stop; neither in sync nor failed. Kinds that know such heights say so. */
  | 'Halted'
  | 'Unreachable'
  | 'Starting'
  | 'Missing'
  | 'Terminating'
  | 'Failed';

export type NodeView<Answer extends NodeAnswer = NodeAnswer> = {
  pod: Pod | undefined;
  reading: Reading<Answer> | undefined;
  state: NodeState;
  /** Why it is not in sync. */
  message?: string;
  /** The kubelet says that the process does not run, and nobody answers: stopping the pod costs nothing. */
  processDown: boolean;
};

/** Waiting reasons that do not pass by themselves soon. */
const FAILING =
  /^(CrashLoopBackOff|ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName|CreateContainerConfigError|CreateContainerError|RunContainerError)$/;

export function viewNode<Answer extends NodeAnswer>(
  pod: Pod | undefined,
  reading: Reading<Answer> | undefined,
  now: number,
): NodeView<Answer> {
  const view = (state: NodeState, message?: string, processDown = false): NodeView<Answer> => ({
    pod,
    reading,
    state,
    processDown,
    ...(message === undefined ? {} : { message }),
  });
  if (pod === undefined) return view('Missing', 'the pod does not exist');
  if (pod.metadata.deletionTimestamp !== undefined) return view('Terminating', describeTermination(pod, now));
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') {
    return view('Failed', describePhase(pod), true);
  }
  const running = isRunning(pod);
  const failing = describeFailure(pod);
  // The kubelet's word may be old.
  const isDown = !running && currentAnswer(reading) === undefined;
  if (failing !== undefined) return view('Failed', failing, isDown);
  if (!running) return view('Starting', describePending(pod), isDown);
  if (reading === undefined) return view('Starting', 'the node was not asked yet');
  if (reading.error !== undefined || reading.answer === undefined) {
    const young = now - Date.parse(pod.status?.startTime ?? '') < 30_000 && reading.answer === undefined;
    return view(young ? 'Starting' : 'Unreachable', `RPC: ${reading.error}`);
  }
  if (reading.answer.status.catchingUp) return view('CatchingUp', `at height ${reading.answer.status.latestHeight}`);
  if (reading.stallAfterMs === Number.POSITIVE_INFINITY) return view('InSync');
  switch (pace(reading, now)) {
    case 'advancing':
      return view('InSync');
    case 'stalled':
      return view('Stalled', `no block since height ${reading.answer.status.latestHeight}`);
    default:
      return view('Starting', 'no new block seen yet');
  }
}

/** Whether the node's process has ever been started in this pod. */
export function hasStarted(pod: Pod): boolean {
  const status = containerStatus(pod);
  return (
    status?.state?.running !== undefined || status?.state?.terminated !== undefined || (status?.restartCount ?? 0) > 0
  );
}

export function isRunning(pod: Pod): boolean {
  return containerStatus(pod)?.state?.running !== undefined;
}

/** Whether the node's process has run in this pod for long enough that its latest block is its own doing. */
export function hasRunForLong(pod: Pod, now: number): boolean {
  const startedAt = containerStatus(pod)?.state?.running?.startedAt;
  return startedAt !== undefined && now - Date.parse(startedAt) > LONG_MS;
}

const LONG_MS = 60_000;

function containerStatus(pod: Pod) {
  return pod.status?.containerStatuses?.find((status) => status.name === NODE_CONTAINER);
}

function describeFailure(pod: Pod): string | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  for (const status of [...initContainerStatuses, ...containerStatuses]) {
    const waiting = status.state?.waiting;
    if (waiting?.reason === undefined || !FAILING.test(waiting.reason)) continue;
    const ended = status.lastState?.terminated;
    // Of a back-off it only repeats what the pod is.
    const says = waiting.reason !== 'CrashLoopBackOff' && waiting.message;
    const words = says ? `: ${says.slice(0, 200)}` : '';
    return `container ${status.name}: ${waiting.reason}${words}${ended === undefined ? '' : `; it ${describeEnd(ended)}`}`;
  }
  // A step before the node that has failed and is tried again would otherwise look like one that takes its time.
  for (const { name, state, lastState } of initContainerStatuses) {
    const ended = state?.terminated ?? lastState?.terminated;
    if (ended !== undefined && ended.exitCode !== 0)
      return `container ${name} ${describeEnd(ended)}; it is tried again`;
    if (state?.terminated === undefined) return undefined;
  }
  return undefined;
}

function describeEnd({ exitCode, message }: { exitCode: number; message?: string }): string {
  const words = message?.trim().split('\n').at(-1)?.slice(0, 300);
  return `ended with exit code ${exitCode}${words ? `: ${words}` : ''}`;
}

function describePending(pod: Pod): string {
  const unscheduled = pod.status?.conditions?.find(
    (condition) => condition.type === 'PodScheduled' && condition.status === 'False',
  );
  if (unscheduled !== undefined) {
    const why = unscheduled.message ?? unscheduled.reason ?? 'no reason given';
    return `not scheduled: ${why}${/PersistentVolumeClaim/i.test(why) ? describeClaims(pod) : ''}`;
  }
  // A download of hours is a step like any other.
  const step = pod.status?.initContainerStatuses?.find(({ state }) => state?.running !== undefined);
  const waiting = step === undefined ? containerStatus(pod)?.state?.waiting?.reason : `${step.name} runs`;
  return `the pod is starting${waiting === undefined ? '' : ` (${waiting})`}`;
}

/** The scheduler does not say which, nor why they are not bound; their events do. */
function describeClaims(pod: Pod): string {
  const names = pod.spec?.volumes?.flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []) ?? [];
  return names.length === 0 ? '' : `; see kubectl describe persistentvolumeclaim ${names.join(' ')}`;
}

function describePhase(pod: Pod): string {
  const { phase, reason, message } = pod.status ?? {};
  return `the pod ${phase === 'Failed' ? 'failed' : 'ended'}${reason ? `: ${reason}` : ''}${message ? `: ${message}` : ''}`;
}

function describeTermination(pod: Pod, now: number): string {
  const overdue = now - Date.parse(pod.metadata.deletionTimestamp as unknown as string);
  if (overdue < 60_000) return 'the pod is being stopped';
  return `the pod should have ended ${Math.round(overdue / 1000)} s ago, but machine ${pod.spec?.nodeName ?? '?'} does not confirm it. It may still run there, so no second one is started. When the machine is certain to be off: delete its Node object, taint it node.kubernetes.io/out-of-service, or delete the pod with --force`;
}
