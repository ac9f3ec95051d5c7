/**
 * Reading objects without caring where from: live (here) or from caches (runtime/cached-reader.ts). Whoever only observes takes a
 * Reader, so that the operator reads its caches and the command line reads the cluster through the same code.
 */
import type { Kube } from './kube.ts';
import type { KubeObject, ObjectKey } from './objects.ts';
import type { ResourceType } from './resource-types.ts';

export type Reader = {
  /** `undefined` when the object does not exist. The object may be shared with other readers: do not change it. */
  get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined>;
  /** Objects that carry all of `labels`, of one namespace or (absent) of all, sorted by namespace and name. Do not change them. */
  list<T extends KubeObject>(
    type: ResourceType,
    options: { namespace?: string; labels?: Record<string, string> },
  ): Promise<T[]>;
};

/** Every call is a request to the API server. Throws ApiError. */
export function liveReader(kube: Pick<Kube, 'get' | 'list'>): Reader {
  return {
    get: (type, key) => kube.get(type, key),
    async list<T extends KubeObject>(
      type: ResourceType,
      options: { namespace?: string; labels?: Record<string, string> },
    ): Promise<T[]> {
      const items = await kube.list<T>(type, {
        namespace: options.namespace,
        labelSelector: options.labels && equalitySelector(options.labels),
      });
      return items.sort(byNamespaceAndName);
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

/** Order for lists: by namespace, then by name, by code unit as the API server does. */
export function byNamespaceAndName(a: KubeObject, b: KubeObject): number {
  return compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
