import type { KubeObject } from '../../kube/objects.ts';
import { keyOf } from '../../kube/objects.ts';
import { DEPLOYMENTS, JOBS, type ResourceType } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';

/** What makes pods keeps its name until they are gone: nothing can be made under it, on however old a view, while one still runs. */
const WITH_PODS: readonly ResourceType[] = [DEPLOYMENTS, JOBS];

/** @param disrupts it stops a node that is meant to go on */
export function remove(type: ResourceType, object: KubeObject, why: string, disrupts: boolean): Change {
  return {
    ...{ verb: 'delete', type, key: keyOf(object), uid: object.metadata.uid ?? '', why, disrupts },
    ...(WITH_PODS.includes(type) ? { propagation: 'Foreground' } : {}),
  };
}
