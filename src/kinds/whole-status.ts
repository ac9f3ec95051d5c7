/**
 * Writes statuses that are no subresource. Such a write changes the resource, so it calls the reconciler again: what was written is remembered,
 * as an API server with another CRD does not give all of it back, and would be told the same again and again.
 */
import { isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, keyOf, uidOf } from '../kube/objects.ts';
import type { Outcome } from '../reconcile/act.ts';
import { canonicalJson } from '../reconcile/stamp.ts';
import { type AnyRecipe, REFRESH_MS, type StatusOfAnyKind } from './recipe.ts';

type Name = { namespace?: string | undefined; name: string };
type Written = { uid: string; significant: string; generation: number | undefined; at: number };

/** The change of a pass has made the resource another one; the pass that it calls reports. */
const SOON_MS = 1000;

export type WholeStatusWriter = {
  /** Writes it if it says something new. Returns the time until the next refresh, milliseconds. */
  write(resource: KubeObject, status: StatusOfAnyKind, outcome?: Outcome): Promise<number>;
  forget(resource: Name): void;
};

export function createWholeStatusWriter(options: {
  kube: Pick<Kube, 'mergePatch'>;
  recipe: AnyRecipe;
  fieldManager: string;
  now: () => Date;
}): WholeStatusWriter {
  const { kube, recipe, fieldManager, now } = options;
  const written = new Map<string, Written>();

  async function write(resource: KubeObject, status: StatusOfAnyKind, outcome?: Outcome): Promise<number> {
    if (outcome?.done.some((change) => change.type === recipe.type && isSame(change.key, resource.metadata)))
      return SOON_MS;
    const { generation } = resource.metadata;
    const uid = uidOf(resource);
    const significant = canonicalJson(recipe.significantPart(status));
    const last = written.get(nameOf(resource.metadata));
    const isSaid = last?.uid === uid && last.generation === generation && last.significant === significant;
    const dueInMs = isSaid ? last.at + REFRESH_MS - now().getTime() : 0;
    if (dueInMs > 0) return dueInMs;
    const patch = recipe.wholeStatus?.patch(resource, status, now(), REFRESH_MS);
    if (patch === undefined) return refreshInMs(resource);
    try {
      const live = await kube.mergePatch(recipe.type, keyOf(resource), patch, { fieldManager });
      written.set(nameOf(resource.metadata), {
        ...{ uid, significant, at: now().getTime() },
        generation: live.metadata.generation,
      });
    } catch (error) {
      // The last change of a deletion is the finalizer; after it there is nothing left to report on.
      if (resource.metadata.deletionTimestamp === undefined || !isNotFound(error)) throw error;
    }
    return REFRESH_MS;
  }

  function refreshInMs({ status }: KubeObject & { status?: StatusOfAnyKind | null }): number {
    const at = Date.parse((status && recipe.refreshedAt(status)) ?? '') || 0;
    return at + REFRESH_MS - now().getTime();
  }

  return { write, forget: (resource) => written.delete(nameOf(resource)) };
}

function isSame(a: Name, b: Name): boolean {
  return nameOf(a) === nameOf(b);
}

function nameOf({ namespace, name }: Name): string {
  return `${namespace}/${name}`;
}
