/** What is wrong with a node's pod, as the kubelet says. */
import type { Pod } from '../../../kube/objects.ts';
import type { Reason } from '../../../reconcile/reasons.ts';
import type { Finding } from './finding.ts';

/** Waiting reasons that do not pass by themselves; the first three are what the operator tutorial looks for. */
const FAILING: ReadonlySet<string> = new Set<Reason>([
  'CrashLoopBackOff',
  'Error',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);
/** Catapult's -3: a lock file of an earlier run is in the way. */
const LOCKED = 253;
const MAX_MESSAGE = 300;

export function findPodTroubles(pod: Pod): Finding[] {
  const { phase, reason, message, initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const failed: Finding[] =
    phase === 'Failed'
      ? [
          {
            name: 'PodFailed' satisfies Reason,
            severity: 'critical',
            message: `Pod ${pod.metadata.name} failed${describe([reason, message])}`,
          },
        ]
      : [];
  const waiting = [...initContainerStatuses, ...containerStatuses].flatMap(({ name, state, lastState }): Finding[] => {
    const wait = state?.waiting;
    if (wait?.reason === undefined || !FAILING.has(wait.reason)) return [];
    const ended = lastState?.terminated;
    const why = ended === undefined ? describe([wait.message]) : describe([describeEnd(ended)]);
    return [
      { name: `${wait.reason}:${name}`, severity: 'critical', message: `container ${name} is in ${wait.reason}${why}` },
    ];
  });
  return [...failed, ...waiting];
}

function describeEnd({ exitCode, reason, message }: { exitCode: number; reason?: string; message?: string }): string {
  if (exitCode === LOCKED)
    return `exit code ${LOCKED}: it did not stop cleanly before and has to be recovered, which happens when its pod is made anew`;
  const words = message?.trim().split('\n').at(-1);
  return `exit code ${exitCode}${reason === undefined || reason === 'Error' ? '' : ` (${reason})`}${describe([words])}`;
}

function describe(parts: (string | undefined)[]): string {
  return parts.flatMap((part) => (part ? [`: ${part.slice(0, MAX_MESSAGE)}`] : [])).join('');
}
