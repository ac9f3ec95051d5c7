/** Which requests a change of an object means for a controller. */
import type { KubeObject } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { Cache } from './cache.ts';
import type { Request } from './queue.ts';

/** A type whose changes concern a controller, and how it is watched. */
export type WatchedType = {
  type: ResourceType;
  /** Watch only objects with these labels. */
  labels?: Record<string, string>;
  /** Watch only these namespaces, whatever the manager's are. */
  namespaces?: readonly string[];
  /** The API may not be installed; it is picked up when it appears. */
  optional?: boolean;
};

export type ChildType = WatchedType & {
  /**
   * Further requests for a child besides the one for its controlling owner: by a label, say, because what was kept after a deletion has
   * no owner. Pure and cheap; called for every change.
   */
  map?: (child: KubeObject) => Request[];
};

/** The resource itself: a change that a reconciler can act on. Its own status writes are none, so they don't call it again. */
export function watchOwn(cache: Cache, enqueue: (request: Request) => void): void {
  cache.onChange((before, after) => {
    const object = after ?? before;
    if (!object || (before && after && !concernsReconciler(before, after))) return;
    enqueue({ namespace: object.metadata.namespace ?? '', name: object.metadata.name });
  });
}

/** Children: any change calls the reconciler of the object that controls them, before or after the change. */
export function watchChildren(
  cache: Cache,
  owner: ResourceType,
  map: ChildType['map'],
  enqueue: (request: Request) => void,
): void {
  cache.onChange((before, after) => {
    for (const child of [before, after]) {
      if (!child) continue;
      const controller = controllingOwner(child, owner);
      if (controller)
        enqueue({ namespace: owner.namespaced ? (child.metadata.namespace ?? '') : '', name: controller });
      for (const request of map?.(child) ?? []) enqueue(request);
    }
  });
}

/** The name of the owner of this type that controls the object; the version does not matter, as an API may serve several. */
function controllingOwner(child: KubeObject, owner: ResourceType): string | undefined {
  return child.metadata.ownerReferences?.find(
    (reference) =>
      reference.controller === true &&
      reference.kind === owner.kind &&
      (reference.apiVersion.includes('/') ? reference.apiVersion.split('/')[0] : '') === owner.group,
  )?.name;
}

function concernsReconciler(before: KubeObject, after: KubeObject): boolean {
  const a = before.metadata;
  const b = after.metadata;
  return (
    a.uid !== b.uid ||
    a.generation === undefined ||
    a.generation !== b.generation ||
    a.deletionTimestamp !== b.deletionTimestamp ||
    !equalJson(a.labels, b.labels) ||
    !equalJson(a.annotations, b.annotations) ||
    !equalJson(a.finalizers, b.finalizers)
  );
}

/** The API server sends maps with sorted keys. */
function equalJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
