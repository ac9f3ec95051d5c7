/**
 * One cache per watched type and choice of labels, filled by one reflector per watched namespace (or one for all). Kinds label their
 * children differently; each gets a cache of its own rather than all a cache of everything.
 */
import type { Logger } from 'pino';
import type { Kube } from '../kube/kube.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import { Cache } from './cache.ts';
import type { CacheSet } from './cached-reader.ts';
import type { Metrics } from './metrics.ts';
import { Reflector } from './reflector.ts';
import { createPartSharer } from './shared-parts.ts';
import type { WatchedType } from './sources.ts';

export type Watches = CacheSet & {
  /** The cache for what was named at the start; throws for anything else. */
  cacheOf(wanted: WatchedType): Cache;
  start(): void;
  /** Resolves when every cache has seen its first list. */
  ready(): Promise<void>;
  /** Resources whose first list is not there yet. */
  missing(): string[];
  stop(): Promise<void>;
};

type Watched = { cache: Cache; reflectors: Reflector[]; synced: boolean };

/**
 * `namespaces`: watch only these, which needs no cluster-wide right; a type may name others. Cluster-scoped types are watched in any
 * case.
 */
export function createWatches(options: {
  kube: Kube;
  types: WatchedType[];
  namespaces?: readonly string[] | undefined;
  log: Logger;
  metrics: Metrics;
}): Watches {
  const watched = new Map<string, Watched>();
  const sharer = createPartSharer();
  for (const wanted of options.types) {
    const { type, labels, namespaces: own } = wanted;
    const id = idOf(wanted);
    if (watched.has(id)) continue;
    const optional = options.types.every((other) => idOf(other) !== id || other.optional === true);
    const namespaces = type.namespaced ? (own ?? options.namespaces) : undefined;
    const log = options.log.child({ resource: type.plural });
    const observer = options.metrics.reflectorObserver(type);
    const cache = new Cache(type, {
      labels,
      namespaces,
      sharer,
      onListenerError(error) {
        observer.failed(error);
        log.error({ err: error }, 'handling of a change failed');
      },
    });
    const reflectors = (namespaces ?? [undefined]).map(
      (namespace) => new Reflector({ kube: options.kube, cache, namespace, optional, log, observer }),
    );
    const entry: Watched = { cache, reflectors, synced: false };
    void Promise.all(reflectors.map((reflector) => reflector.synced)).then(() => {
      entry.synced = true;
    });
    watched.set(id, entry);
  }
  const all = () => [...watched.values()];
  const cachesOf = (type: ResourceType) => all().filter(({ cache }) => isSameType(cache.type, type));
  return {
    find: (type) => cachesOf(type).map(({ cache }) => cache),
    synced: (type) => cachesOf(type).flatMap(({ cache, synced }) => (synced ? [cache] : [])),
    cacheOf(wanted) {
      const entry = watched.get(idOf(wanted));
      if (!entry) throw new Error(`${wanted.type.plural} are not watched so; name them among the watched types`);
      return entry.cache;
    },
    start() {
      for (const { reflectors } of all()) for (const reflector of reflectors) reflector.start();
    },
    async ready() {
      await Promise.all(all().flatMap(({ reflectors }) => reflectors.map((reflector) => reflector.synced)));
    },
    missing: () =>
      all()
        .filter(({ synced }) => !synced)
        .map(({ cache }) => cache.type.plural),
    async stop() {
      await Promise.all(all().flatMap(({ reflectors }) => reflectors.map((reflector) => reflector.stop())));
    },
  };
}

function isSameType(a: ResourceType, b: ResourceType): boolean {
  return a.plural === b.plural && a.group === b.group && a.version === b.version;
}

/** Who watches the same objects shares a cache. */
function idOf({ type, labels = {}, namespaces }: WatchedType): string {
  const selector = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([type.group, type.version, type.plural, selector, namespaces ?? null]);
}
