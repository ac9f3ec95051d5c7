/**
 * The finalizer of the tutorial's operator: kopf sets it where it has a timer, and takes it away when the resource is deleted. Once that
 * operator is gone nobody does, and the resource would never end. We need none of our own: owner references and labels do what there is to do.
 */
import { keyOf } from '../../kube/objects.ts';
import type { Change } from '../../reconcile/change.ts';
import { type SymbolNode, TUTORIAL_SYMBOL_NODES } from './schema.ts';

export const KOPF_FINALIZER = 'kopf.zalando.org/KopfFinalizerMarker';

/** For a resource that is being deleted, while the tutorial's operator does not run. */
export function removeKopfFinalizer(resource: SymbolNode): Change[] {
  const { uid, resourceVersion, finalizers = [] } = resource.metadata;
  if (resource.apiVersion !== 'example.com/v1' || !finalizers.includes(KOPF_FINALIZER)) return [];
  const others = finalizers.filter((name) => name !== KOPF_FINALIZER);
  return [
    {
      verb: 'patch',
      type: TUTORIAL_SYMBOL_NODES,
      key: keyOf(resource),
      why: "the tutorial's operator, which held the resource, does not run any more",
      patch: { metadata: { uid, resourceVersion, finalizers: others } },
    },
  ];
}
