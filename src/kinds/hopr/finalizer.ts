/**
 * The finalizer of the HOPR operator, kept for the way there and back. Of other people's finalizers nothing is changed: that operator
 * overwrites them, and takes any of them for its own (spec hopr §2, §8.10).
 */
import type { KubeObject } from '../../kube/objects.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import * as finalizers from '../../reconcile/finalizers.ts';

const FINALIZER = 'hoprds.hoprnet.org/finalizer';

export function hasFinalizer({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(FINALIZER) === true;
}

export function addFinalizer(resource: KubeObject, type: ResourceType, why: string): Change[] {
  return finalizers.addFinalizer(resource, type, FINALIZER, why);
}

export function removeFinalizer(resource: KubeObject, type: ResourceType, why: string): Change[] {
  return finalizers.removeFinalizer(resource, type, FINALIZER, why);
}
