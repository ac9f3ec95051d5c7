/**
 * Reads from the caches of the manager. What is in no cache is read live, so that a kind need not know what is cached: a type nobody
 * watches, a namespace outside the watched ones, a list that a label-filtered cache can't answer, and an object missing in a filtered
 * cache (it may exist without the label). A miss in a complete cache is an answer: the object does not exist. A list of an API that is
 * not installed fails with 404, as it does live.
 *
 * A cache lags by the time a watch event takes, our own writes apart. What can't be undone must not rest on it: read live before that.
 */
import { isNotFound } from '../kube/api-error.ts';
import type { KubeObject, ObjectKey } from '../kube/objects.ts';
import type { ListOptions, Reader } from '../kube/reader.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { Cache } from './cache.ts';
import { type Clock, systemClock } from './clock.ts';

/** For so long nobody asks again whether an absent API is there: it is absent for all resources alike. */
const ABSENT_API_MS = 10_000;

/** The caches of the manager by resource type: one for each choice of labels that is watched. */
export type CacheSet = {
  /** Those that have seen their first list. */
  synced(type: ResourceType): readonly Cache[];
  /** All, synced or not. */
  find(type: ResourceType): readonly Cache[];
};

/** `live` answers what the caches can't. */
export function cachedReader(caches: CacheSet, live: Reader, clock: Clock = systemClock): Reader {
  const refusals = new WeakMap<Cache, { error: unknown; at: number }>();
  async function listAbsent<T extends KubeObject>(cache: Cache, options: ListOptions): Promise<T[]> {
    const refusal = refusals.get(cache);
    if (refusal !== undefined && clock.now() - refusal.at < ABSENT_API_MS) throw refusal.error;
    try {
      // The API may have come since the reflector looked for it.
      return await live.list<T>(cache.type, options);
    } catch (error) {
      if (isNotFound(error)) refusals.set(cache, { error, at: clock.now() });
      throw error;
    }
  }
  return {
    async get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
      const watching = caches.synced(type).filter((cache) => watches(cache, key.namespace));
      for (const cache of watching) {
        const found = cache.get(key);
        if (found !== undefined) return found as T;
      }
      return watching.some((cache) => cache.labels === undefined) ? undefined : live.get(type, key);
    },
    async list<T extends KubeObject>(type: ResourceType, options: ListOptions): Promise<T[]> {
      const cache = caches
        .synced(type)
        .find(
          (candidate) =>
            (options.namespace === undefined || watches(candidate, options.namespace)) &&
            Object.entries(candidate.labels ?? {}).every(([label, value]) => options.labels?.[label] === value),
        );
      if (cache === undefined) return live.list(type, options);
      return cache.absentIn.size > 0 ? listAbsent(cache, options) : (cache.list(options) as T[]);
    },
  };
}

function watches(cache: Cache, namespace: string | undefined): boolean {
  return cache.namespaces === undefined || cache.namespaces.includes(namespace ?? '');
}
