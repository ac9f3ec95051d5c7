/**
 * Finalizers of ours on a resource, beside those of others. Both changes replace the whole list, so they fail when somebody else has written
 * the resource since it was read.
 */
import { type KubeObject, keyOf } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { Change } from './change.ts';

/** None where it is there already. */
export function addFinalizer(resource: KubeObject, type: ResourceType, finalizer: string, why: string): Change[] {
  const { finalizers = [] } = resource.metadata;
  return finalizers.includes(finalizer) ? [] : [patchFinalizers(resource, type, [...finalizers, finalizer], why)];
}

/** None where it is not there. */
export function removeFinalizer(resource: KubeObject, type: ResourceType, finalizer: string, why: string): Change[] {
  const { finalizers = [] } = resource.metadata;
  const others = finalizers.filter((name) => name !== finalizer);
  return others.length === finalizers.length ? [] : [patchFinalizers(resource, type, others, why)];
}

function patchFinalizers(resource: KubeObject, type: ResourceType, finalizers: string[], why: string): Change {
  const { uid, resourceVersion } = resource.metadata;
  return { verb: 'patch', type, key: keyOf(resource), why, patch: { metadata: { uid, resourceVersion, finalizers } } };
}
