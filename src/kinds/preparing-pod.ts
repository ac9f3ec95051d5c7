/** Pods of nodes that are not yet what they are to be. Pure. */
import type { Pod } from '../kube/objects.ts';

/**
 * An init container runs and has not failed before, as when a snapshot is restored, which may take hours. Those that run beside the node as
 * long as it does are none of these.
 */
export function isPreparing(pod: Pod | undefined): boolean {
  const { initContainers = [] } = pod?.spec ?? {};
  const { initContainerStatuses = [] } = pod?.status ?? {};
  const stays = (name: string) => initContainers.find((one) => one.name === name)?.restartPolicy === 'Always';
  return initContainerStatuses.some(
    ({ name, state, restartCount = 0 }) => state?.running !== undefined && restartCount === 0 && !stays(name),
  );
}
