/**
 * The finalizer of the HOPR operator, kept for the way there and back. Of other people's finalizers nothing is changed: that operator
 * overwrites them, and takes any of them for its own (spec hopr §2, §8.10).
 */
import { type KubeObject, keyOf } from '../../kube/objects.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';

const FINALIZER = 'hoprds.hoprnet.org/finalizer';

export function hasFinalizer({ metadata }: KubeObject): boolean {
  return metadata.finalizers?.includes(FINALIZER) === true;
}

export function addFinalizer(resource: KubeObject, type: ResourceType, why: string): Change[] {
  if (hasFinalizer(resource)) return [];
  return [patchFinalizers(resource, type, [...(resource.metadata.finalizers ?? []), FINALIZER], why)];
}

export function removeFinalizer(resource: KubeObject, type: ResourceType, why: string): Change[] {
  if (!hasFinalizer(resource)) return [];
  const others = (resource.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
  return [patchFinalizers(resource, type, others, why)];
}

/** Fails when somebody else has written the resource since it was read: the list is replaced as a whole. */
function patchFinalizers(resource: KubeObject, type: ResourceType, finalizers: string[], why: string): Change {
  const { uid, resourceVersion } = resource.metadata;
  return { verb: 'patch', type, key: keyOf(resource), why, patch: { metadata: { uid, resourceVersion, finalizers } } };
}
