/**
 * Reads from the caches of the manager. What is in no cache is read live, so that a kind need not know what is cached: a type nobody
 * watches, a namespace outside the watched ones, a list that a label-filtered cache can't answer, and an object missing in a filtered
 * cache (it may exist without the label). A miss in a complete cache is an answer: the object does not exist.
 *
 * A cache lags by the time a watch event takes, our own writes apart. What can't be undone must not rest on it: read live before that.
 */
import type { KubeObject, ObjectKey } from '../kube/objects.ts';
import type { Reader } from '../kube/reader.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { Cache } from './cache.ts';

/** The caches of the manager by resource type. */
export type CacheSet = {
  /** The cache of a type, or undefined when there is none or it has not seen its first list yet. */
  synced(type: ResourceType): Cache | undefined;
  /** The cache of a type, synced or not. */
  find(type: ResourceType): Cache | undefined;
};

/** `live` answers what the caches can't. */
export function cachedReader(caches: CacheSet, live: Reader): Reader {
  return {
    async get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
      const cache = caches.synced(type);
      if (!cache || !watches(cache, key.namespace)) return live.get(type, key);
      const found = cache.get(key) as T | undefined;
      return found === undefined && cache.labels !== undefined ? live.get(type, key) : found;
    },
    async list<T extends KubeObject>(
      type: ResourceType,
      options: { namespace?: string; labels?: Record<string, string> },
    ): Promise<T[]> {
      const cache = caches.synced(type);
      const answerable =
        cache !== undefined &&
        (options.namespace === undefined || watches(cache, options.namespace)) &&
        Object.entries(cache.labels ?? {}).every(([label, value]) => options.labels?.[label] === value);
      return answerable ? (cache.list(options) as T[]) : live.list(type, options);
    },
  };
}

function watches(cache: Cache, namespace: string | undefined): boolean {
  return cache.namespaces === undefined || cache.namespaces.includes(namespace ?? '');
}
