/** Why pods do not run, in words: what `kubectl describe` would have shown. */
import type { Deployment, Pod } from '../kube/objects.ts';

/** Undefined when the pod runs and is ready, or will be soon as far as can be seen. */
export function describePodTrouble(pod: Pod): string | undefined {
  const { conditions = [], initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled !== undefined) return `not scheduled: ${unscheduled.message ?? unscheduled.reason}`;
  for (const status of [...initContainerStatuses, ...containerStatuses]) {
    const { waiting, terminated } = status.state ?? {};
    const last = terminated ?? status.lastState?.terminated;
    const ended = last && last.exitCode !== 0 ? `ended with exit code ${last.exitCode} (${last.reason})` : undefined;
    if (waiting !== undefined && !/^(ContainerCreating|PodInitializing)$/.test(waiting.reason ?? '')) {
      const words = [waiting.reason, waiting.message, ended].filter((part) => part !== undefined);
      return `container ${status.name}: ${words.join('; ')}`;
    }
    if (terminated !== undefined && ended !== undefined) return `container ${status.name} ${ended}`;
  }
  return undefined;
}

/** Why a Deployment makes no pods, such as a quota or an admission rule. */
export function describeDeploymentTrouble(deployment: Deployment): string | undefined {
  return deployment.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')
    ?.message;
}
