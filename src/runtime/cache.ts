/**
 * The objects of one resource type, kept current by a reflector and by our own writes.
 *
 * A watch lags behind. A reconciler that deleted a pod and, called again at once, still sees it in the cache, would count it as up and
 * delete the next one: the budget of a rollout would be broken. So every answer to a write of ours goes into the cache at once
 * (`recordWrite`, `recordDelete`), and what the watch says later about an older state does not undo it:
 * - an object is replaced only by one whose resourceVersion is not older;
 * - an object that we deleted stays gone, whatever arrives about that uid from before;
 * - an answer to a write that is older than what the watch has reached is ignored: all of that is in the cache already, and what the
 *   answer speaks of may be gone since;
 * - a list that was begun before one of our writes does not undo that write; one begun after it is believed whatever it says.
 *
 * `managedFields` are dropped on the way in: they are up to half of an object, and nobody here reads them. What is left is alike in most
 * objects of a fleet and kept once (shared-parts.ts).
 */
import type { KubeObject, ObjectKey, ObjectVersion } from '../kube/objects.ts';
import { byNamespaceAndName, hasLabels, type ListOptions } from '../kube/reader.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import { type Clock, systemClock } from './clock.ts';
import { isOlder, isUpTo } from './resource-version.ts';
import type { PartSharer } from './shared-parts.ts';

/** Before: undefined for a new object. After: undefined for one that is gone. */
export type CacheListener<T> = (before: T | undefined, after: T | undefined) => void;

export type CacheOptions = {
  labels?: Record<string, string> | undefined;
  namespaces?: readonly string[] | undefined;
  clock?: Clock;
  /** For the parts that objects have in common. Default: none is shared. */
  sharer?: PartSharer;
  onListenerError?: (error: unknown) => void;
};

type Entry<T> = { object: T; writtenAt: number };
type Tombstone = { sequence: number; at: number };

/** No watch lags that far behind. */
const TOMBSTONE_MS = 10 * 60_000;

export class Cache<T extends KubeObject = KubeObject> {
  readonly type: ResourceType;
  /** Only objects with all of these labels are in it; undefined: all. */
  readonly labels: Record<string, string> | undefined;
  /** Only objects of these namespaces are in it; undefined: of all. */
  readonly namespaces: readonly string[] | undefined;
  /** Watched namespaces (undefined: all) whose reflector has found no such API: that nothing is in the cache says nothing then. */
  readonly absentIn = new Set<string | undefined>();
  readonly #clock: Clock;
  readonly #sharer: PartSharer | undefined;
  readonly #onListenerError: (error: unknown) => void;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #byNamespace = new Map<string, Set<string>>();
  readonly #byOwner = new Map<string, Set<string>>();
  /** Built for a label when somebody first lists by it: label → value → keys. */
  readonly #byLabel = new Map<string, Map<string, Set<string>>>();
  /** By uid: what we deleted and the watch has not yet seen go. */
  readonly #tombstones = new Map<string, Tombstone>();
  /** By watched namespace ('' for all): everything up to this resourceVersion is in the cache. */
  readonly #reached = new Map<string, string>();
  readonly #listeners: CacheListener<T>[] = [];
  /** Orders our writes and the beginnings of lists. */
  #sequence = 0;

  constructor(type: ResourceType, options: CacheOptions = {}) {
    this.type = type;
    this.labels = options.labels;
    this.namespaces = options.namespaces;
    this.#onListenerError = options.onListenerError ?? rethrow;
    this.#clock = options.clock ?? systemClock;
    this.#sharer = options.sharer;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: ObjectKey): T | undefined {
    return this.#entries.get(entryKey(key.namespace, key.name))?.object;
  }

  /** Whether exactly this version is in it, such as by the answer to a write of ours. */
  holds({ namespace, name, uid, resourceVersion }: ObjectVersion): boolean {
    const known = this.#entries.get(entryKey(namespace, name))?.object.metadata;
    return known?.uid === uid && known.resourceVersion === resourceVersion;
  }

  /** Sorted by namespace and name. The objects are shared: do not change them. */
  list(options: ListOptions = {}): T[] {
    const found: T[] = [];
    for (const key of this.#candidates(options)) {
      const { object } = this.#entries.get(key) as Entry<T>;
      if (options.namespace !== undefined && object.metadata.namespace !== options.namespace) continue;
      if (options.name !== undefined && object.metadata.name !== options.name) continue;
      if (options.labels && !hasLabels(object, options.labels)) continue;
      found.push(object);
    }
    return found.sort(byNamespaceAndName);
  }

  /** Called after every change, in order. What a listener throws goes to `onListenerError`; the others are called all the same. */
  onChange(listener: CacheListener<T>): void {
    this.#listeners.push(listener);
  }

  /** What the watch says. */
  applyEvent(type: 'ADDED' | 'MODIFIED' | 'DELETED', incoming: T): void {
    const { namespace, name, uid = '', resourceVersion } = incoming.metadata;
    const key = entryKey(namespace, name);
    const known = this.#entries.get(key);
    this.markReached(resourceVersion, namespace);
    if (type === 'DELETED') this.#tombstones.delete(uid);
    if (known && isOlder(resourceVersion, known.object.metadata.resourceVersion)) return;
    if (type === 'DELETED') this.#remove(key);
    else if (!this.#tombstones.has(uid)) this.#store(key, incoming, known?.writtenAt ?? 0);
  }

  /** The watch of this namespace (or of all) has delivered everything up to a resourceVersion: after a bookmark. */
  markReached(resourceVersion: string | undefined, namespace: string | undefined): void {
    if (resourceVersion !== undefined) this.#reached.set(this.#scopeOf(namespace), resourceVersion);
  }

  /** The answer to a create, apply, patch or replace of ours. */
  recordWrite(answer: KubeObject): void {
    const object = answer as T;
    const key = entryKey(object.metadata.namespace, object.metadata.name);
    const { uid = '', namespace, resourceVersion } = object.metadata;
    if (this.#tombstones.has(uid) || isUpTo(resourceVersion, this.#reached.get(this.#scopeOf(namespace)))) return;
    if (isOlder(resourceVersion, this.#entries.get(key)?.object.metadata.resourceVersion)) return;
    if (!this.#covers(object)) {
      this.#remove(key);
      return;
    }
    this.#store(key, object, ++this.#sequence);
  }

  /** Our delete succeeded and the object is gone. For one that still terminates use `recordWrite` with the answer. */
  recordDelete(key: ObjectKey, uid: string): void {
    this.#bury(uid);
    const known = this.#entries.get(entryKey(key.namespace, key.name));
    if (known?.object.metadata.uid === uid) this.#remove(entryKey(key.namespace, key.name));
  }

  /**
   * Call before a list request; the returned function takes its answer and makes the cache (or one namespace of it) equal to it,
   * but for writes of ours that were answered in between. Objects that vanished unseen are delivered to the listeners as gone.
   */
  beginReplace(namespace?: string): (items: T[], resourceVersion: string) => void {
    const begun = ++this.#sequence;
    return (items, resourceVersion) => {
      this.markReached(resourceVersion, namespace);
      const listed = new Set<string>();
      for (const item of items) {
        const key = entryKey(item.metadata.namespace, item.metadata.name);
        listed.add(key);
        const known = this.#entries.get(key);
        const tombstone = this.#tombstones.get(item.metadata.uid ?? '');
        if (tombstone && tombstone.sequence > begun) continue;
        const writtenMeanwhile = known !== undefined && known.writtenAt > begun;
        if (writtenMeanwhile && isOlder(item.metadata.resourceVersion, known.object.metadata.resourceVersion)) continue;
        this.#tombstones.delete(item.metadata.uid ?? '');
        this.#store(key, item, known?.writtenAt ?? 0);
      }
      const scope = namespace === undefined ? this.#entries.keys() : (this.#byNamespace.get(namespace) ?? []);
      for (const key of [...scope]) {
        if (listed.has(key)) continue;
        const { object, writtenAt } = this.#entries.get(key) as Entry<T>;
        const newerThanList = writtenAt > begun && isOlder(resourceVersion, object.metadata.resourceVersion);
        if (!newerThanList) this.#remove(key);
      }
    };
  }

  #store(key: string, incoming: T, writtenAt: number): void {
    const before = this.#entries.get(key)?.object;
    if (before && sameVersion(before, incoming)) {
      this.#entries.set(key, { object: before, writtenAt });
      return;
    }
    const object = withoutManagedFields(incoming);
    this.#sharer?.share(object);
    if (before) this.#unindex(key, before);
    this.#entries.set(key, { object, writtenAt });
    this.#index(key, object);
    this.#notify(before, object);
  }

  #remove(key: string): void {
    const before = this.#entries.get(key)?.object;
    if (!before) return;
    this.#unindex(key, before);
    this.#entries.delete(key);
    this.#notify(before, undefined);
  }

  #notify(before: T | undefined, after: T | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(before, after);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
  }

  #bury(uid: string): void {
    const now = this.#clock.now();
    for (const [old, { at }] of this.#tombstones) {
      if (now - at < TOMBSTONE_MS) break; // in order of burial
      this.#tombstones.delete(old);
    }
    this.#tombstones.delete(uid);
    this.#tombstones.set(uid, { sequence: ++this.#sequence, at: now });
  }

  #scopeOf(namespace: string | undefined): string {
    return this.namespaces === undefined ? '' : (namespace ?? '');
  }

  /** Whether the watch would tell us about this object. */
  #covers(object: T): boolean {
    if (this.namespaces && !this.namespaces.includes(object.metadata.namespace ?? '')) return false;
    return this.labels === undefined || hasLabels(object, this.labels);
  }

  #candidates(options: ListOptions): Iterable<string> {
    // The fewest by far, and all of them match.
    if (options.owner !== undefined) return this.#byOwner.get(options.owner) ?? [];
    let smallest: Set<string> | undefined;
    if (options.namespace !== undefined) smallest = this.#byNamespace.get(options.namespace) ?? new Set();
    for (const [label, value] of Object.entries(options.labels ?? {})) {
      const keys = this.#labelIndex(label).get(value) ?? new Set();
      if (smallest === undefined || keys.size < smallest.size) smallest = keys;
    }
    return smallest ?? this.#entries.keys();
  }

  #labelIndex(label: string): Map<string, Set<string>> {
    let index = this.#byLabel.get(label);
    if (!index) {
      index = new Map();
      this.#byLabel.set(label, index);
      for (const [key, { object }] of this.#entries) {
        const value = object.metadata.labels?.[label];
        if (value !== undefined) addTo(index, value, key);
      }
    }
    return index;
  }

  #index(key: string, object: T): void {
    addTo(this.#byNamespace, object.metadata.namespace ?? '', key);
    for (const owner of object.metadata.ownerReferences ?? []) addTo(this.#byOwner, owner.uid, key);
    for (const [label, index] of this.#byLabel) {
      const value = object.metadata.labels?.[label];
      if (value !== undefined) addTo(index, value, key);
    }
  }

  #unindex(key: string, object: T): void {
    removeFrom(this.#byNamespace, object.metadata.namespace ?? '', key);
    for (const owner of object.metadata.ownerReferences ?? []) removeFrom(this.#byOwner, owner.uid, key);
    for (const [label, index] of this.#byLabel) {
      const value = object.metadata.labels?.[label];
      if (value !== undefined) removeFrom(index, value, key);
    }
  }
}

function rethrow(error: unknown): never {
  throw error;
}

function sameVersion(a: KubeObject, b: KubeObject): boolean {
  return (
    a.metadata.resourceVersion !== undefined &&
    a.metadata.resourceVersion === b.metadata.resourceVersion &&
    a.metadata.uid === b.metadata.uid
  );
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  if (!object.metadata.managedFields) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function entryKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function addTo(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys) keys.add(key);
  else index.set(value, new Set([key]));
}

function removeFrom(index: Map<string, Set<string>>, value: string, key: string): void {
  const keys = index.get(value);
  if (keys?.delete(key) && keys.size === 0) index.delete(value);
}
