/**
 * Reading objects without caring where from: live (here) or from caches (runtime/cached-reader.ts). Whoever only observes takes a
 * Reader, so that the operator reads its caches and the command line reads the cluster through the same code.
 */
import type { Kube } from './kube.ts';
import type { KubeObject, ObjectKey } from './objects.ts';
import type { ResourceType } from './resource-types.ts';

export type ListOptions = {
  /** Absent: all namespaces. */
  namespace?: string;
  /** Only objects with all of these labels. */
  labels?: Record<string, string>;
  /** Only objects that name this uid among their owners. */
  owner?: string;
  /** Only objects of this name. */
  name?: string;
};

export type Reader = {
  /** `undefined` when the object does not exist. The object may be shared with other readers: do not change it. */
  get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined>;
  /** Sorted by namespace and name. Do not change them. */
  list<T extends KubeObject>(type: ResourceType, options: ListOptions): Promise<T[]>;
};

/** Every call is a request to the API server. Throws ApiError. */
export function liveReader(kube: Pick<Kube, 'get' | 'list'>): Reader {
  return {
    get: (type, key) => kube.get(type, key),
    async list<T extends KubeObject>(
      type: ResourceType,
      { namespace, labels, owner, name }: ListOptions,
    ): Promise<T[]> {
      const items = await kube.list<T>(type, {
        namespace,
        labelSelector: labels && equalitySelector(labels),
        fieldSelector: name === undefined ? undefined : `metadata.name=${name}`,
      });
      return items.filter((item) => owner === undefined || isOwnedBy(item, owner)).sort(byNamespaceAndName);
    },
  };
}

/** `{a: '1', b: '2'}` as the label selector `a=1,b=2`. */
export function equalitySelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Whether an object's labels contain all of `wanted`. */
export function hasLabels(object: KubeObject, wanted: Record<string, string>): boolean {
  const labels = object.metadata.labels ?? {};
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Whether an object names this uid among its owners. */
function isOwnedBy(object: KubeObject, uid: string): boolean {
  return object.metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;
}

/** Order for lists: by namespace, then by name, by code unit as the API server does. */
export function byNamespaceAndName(a: KubeObject, b: KubeObject): number {
  return compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
