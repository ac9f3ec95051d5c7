/**
 * The finalizer of the tutorial's operator: kopf sets it where it has a timer, and takes it away when the resource is deleted. Once that
 * operator is gone nobody does, and the resource would never end. We need none of our own: owner references and labels do what there is to do.
 */
import type { Change } from '../../reconcile/change.ts';
import { removeFinalizer } from '../../reconcile/finalizers.ts';
import { type SymbolNode, TUTORIAL_SYMBOL_NODES } from './schema.ts';

export const KOPF_FINALIZER = 'kopf.zalando.org/KopfFinalizerMarker';

/** For a resource that is being deleted, while the tutorial's operator does not run. */
export function removeKopfFinalizer(resource: SymbolNode): Change[] {
  if (resource.apiVersion !== 'example.com/v1') return [];
  const why = "the tutorial's operator, which held the resource, does not run any more";
  return removeFinalizer(resource, TUTORIAL_SYMBOL_NODES, KOPF_FINALIZER, why);
}
