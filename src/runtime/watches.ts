/** One cache per watched type, filled by one reflector per watched namespace (or one for all). */
import type { Logger } from 'pino';
import type { Kube } from '../kube/kube.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import { Cache } from './cache.ts';
import type { CacheSet } from './cached-reader.ts';
import type { Metrics } from './metrics.ts';
import { Reflector } from './reflector.ts';
import type { WatchedType } from './sources.ts';

export type Watches = CacheSet & {
  /** The cache of a watched type; throws for one that was not named at the start. */
  cacheOf(type: ResourceType): Cache;
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
  for (const { type, labels, optional, namespaces: own } of mergeTypes(options.types)) {
    const namespaces = type.namespaced ? (own ?? options.namespaces) : undefined;
    const log = options.log.child({ resource: type.plural });
    const observer = options.metrics.reflectorObserver(type);
    const cache = new Cache(type, {
      labels,
      namespaces,
      onListenerError(error) {
        observer.failed(error);
        log.error({ err: error }, 'handling of a change failed');
      },
    });
    const reflectors = (namespaces ?? [undefined]).map(
      (namespace) =>
        new Reflector({ kube: options.kube, cache, namespace, optional: optional === true, log, observer }),
    );
    const entry: Watched = { cache, reflectors, synced: false };
    void Promise.all(reflectors.map((reflector) => reflector.synced)).then(() => {
      entry.synced = true;
    });
    watched.set(idOf(type), entry);
  }
  const all = () => [...watched.values()];
  return {
    find: (type) => watched.get(idOf(type))?.cache,
    synced(type) {
      const entry = watched.get(idOf(type));
      return entry?.synced ? entry.cache : undefined;
    },
    cacheOf(type) {
      const entry = watched.get(idOf(type));
      if (!entry) throw new Error(`${type.plural} are not watched; name the type among the watched ones`);
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

/** One entry per type: with labels and namespaces only if all want the same, optional only if all say so. */
function mergeTypes(types: WatchedType[]): WatchedType[] {
  const merged = new Map<string, WatchedType>();
  for (const wanted of types) {
    const known = merged.get(idOf(wanted.type));
    if (!known) {
      merged.set(idOf(wanted.type), wanted);
      continue;
    }
    const sameLabels = JSON.stringify(known.labels) === JSON.stringify(wanted.labels);
    const sameNamespaces = JSON.stringify(known.namespaces) === JSON.stringify(wanted.namespaces);
    merged.set(idOf(wanted.type), {
      type: wanted.type,
      ...(sameLabels && known.labels ? { labels: known.labels } : {}),
      ...(sameNamespaces && known.namespaces ? { namespaces: known.namespaces } : {}),
      optional: known.optional === true && wanted.optional === true,
    });
  }
  return [...merged.values()];
}

function idOf(type: ResourceType): string {
  return `${type.group}/${type.version}/${type.plural}`;
}
