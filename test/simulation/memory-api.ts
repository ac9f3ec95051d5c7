/** An API server in memory, without subresources for the status; it remembers its past states, as caches that lag behind show them. */
import { ApiError } from '../../src/kube/api-error.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../src/kube/objects.ts';
import { byNamespaceAndName, hasLabels, type Reader } from '../../src/kube/reader.ts';
import type { ResourceType } from '../../src/kube/resource-types.ts';
import type { Actor } from '../../src/reconcile/act.ts';
import { canonicalJson } from '../../src/reconcile/stamp.ts';
import { mergePatch } from './merge.ts';

type Snapshot = ReadonlyMap<string, KubeObject>;

/** Keeps an object until everything that it owns is gone. */
export const FOREGROUND = 'foregroundDeletion';
/** How many states of the cluster a cache may be behind. */
const MEMORY = 60;

export class MemoryApi {
  #objects: Snapshot = new Map();
  readonly #past: Snapshot[] = [];
  #revision = 0;

  /** @param ageOf how many writes ago, by kind: caches of different types know nothing of each other */
  reader(ageOf: (kind: string) => number = () => 0): Reader {
    const snapshots = new Map<string, Snapshot>();
    const past = [...this.#past, this.#objects];
    const now = () => this.#objects;
    const at = ({ kind }: ResourceType): Snapshot => {
      const age = ageOf(kind);
      if (age === 0) return now();
      const found = snapshots.get(kind) ?? past[Math.max(0, past.length - 1 - age)] ?? now();
      snapshots.set(kind, found);
      return found;
    };
    return {
      get: async <T extends KubeObject>(type: ResourceType, key: ObjectKey) =>
        at(type).get(idOf(type, key)) as T | undefined,
      list: async <T extends KubeObject>(type: ResourceType, options: Parameters<Reader['list']>[1]) => {
        const { namespace, labels = {}, owner } = options;
        return [...at(type).values()]
          .filter(
            (object) =>
              object.kind === type.kind &&
              (namespace === undefined || object.metadata.namespace === namespace) &&
              hasLabels(object, labels) &&
              (owner === undefined || object.metadata.ownerReferences?.some(({ uid }) => uid === owner)),
          )
          .sort(byNamespaceAndName) as T[];
      },
    };
  }

  /** Another one that begins with what is there now. */
  fork(): MemoryApi {
    const api = new MemoryApi();
    api.#objects = this.#objects;
    api.#revision = this.#revision;
    return api;
  }

  /** Everything that there is. */
  all(): KubeObject[] {
    return [...this.#objects.values()];
  }

  list<T extends KubeObject>(kind: string): T[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind) as T[];
  }

  /** @param maySend false: the operator ends before this write */
  kube(maySend: () => boolean): Actor['kube'] {
    const guarded = <Result>(write: () => Result): Promise<Result> => {
      if (!maySend()) return Promise.reject(new ApiError('the operator has ended', 0, 'NotSent'));
      return new Promise((resolve) => resolve(write()));
    };
    return {
      get: this.reader().get,
      create: (type, object) => guarded(() => this.create(type, object) as typeof object),
      apply: (type, object) => guarded(() => this.#apply(type, object) as never),
      mergePatch: (type, key, patch) => guarded(() => this.patch(type, key, patch) as never),
      delete: (type, key, { uid }, options) =>
        guarded(() => this.delete(type, key, uid, options?.propagationPolicy) as never),
    };
  }

  create(type: ResourceType, object: KubeObject): KubeObject {
    if (this.#get(type, keyOf(object)) !== undefined)
      throw new ApiError(`${type.plural} "${object.metadata.name}" already exists`, 409, 'AlreadyExists');
    const uid = `uid-${++this.#revision}`;
    return this.#store(type, { ...object, metadata: { ...object.metadata, uid, generation: 0 } });
  }

  patch(type: ResourceType, key: ObjectKey, patch: object): KubeObject {
    const live = this.#get(type, key);
    if (live === undefined) throw new ApiError(`${type.plural} "${key.name}" not found`, 404, 'NotFound');
    const sent = (patch as { metadata?: Record<string, unknown> }).metadata ?? {};
    for (const member of ['uid', 'resourceVersion'] as const)
      if (sent[member] !== undefined && sent[member] !== live.metadata[member])
        throw new ApiError(`${type.plural} "${key.name}": ${member} is another one`, 409, 'Conflict');
    return this.#store(type, mergePatch(live, patch) as KubeObject);
  }

  delete(type: ResourceType, key: ObjectKey, uid?: string, propagation?: string): KubeObject | undefined {
    const live = this.#get(type, key);
    if (live === undefined || live.metadata.deletionTimestamp !== undefined) return live;
    if (uid !== undefined && live.metadata.uid !== uid) throw new ApiError('the uid is another one', 409, 'Conflict');
    const finalizers = [...(live.metadata.finalizers ?? []), ...(propagation === 'Foreground' ? [FOREGROUND] : [])];
    const metadata = { ...live.metadata, finalizers, deletionTimestamp: '2026-01-01T00:00:00Z' };
    return this.#store(type, { ...live, metadata });
  }

  /** As the kubelet, or garbage collection, takes something away. */
  remove(type: ResourceType, key: ObjectKey): void {
    const next = new Map(this.#objects);
    next.delete(idOf(type, key));
    this.#commit(next);
  }

  #apply(type: ResourceType, object: KubeObject): KubeObject {
    const live = this.#get(type, keyOf(object));
    if (live === undefined) return this.create(type, object);
    const { metadata, ...rest } = object;
    const { resourceVersion: _version, uid: _uid, ...meta } = metadata;
    return this.#store(
      type,
      mergePatch({ ...live, ...rest, metadata: live.metadata }, { metadata: meta }) as KubeObject,
    );
  }

  #get(type: ResourceType, key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(idOf(type, key));
  }

  #store(type: ResourceType, object: KubeObject): KubeObject {
    const id = idOf(type, keyOf(object));
    const before = this.#objects.get(id);
    if (before !== undefined && canonicalJson(before) === canonicalJson(object)) return before;
    const { deletionTimestamp, finalizers = [], generation = 0 } = object.metadata;
    const next = new Map(this.#objects);
    const metadata = { ...object.metadata, resourceVersion: String(++this.#revision), generation: generation + 1 };
    const stored = { ...object, metadata };
    if (deletionTimestamp !== undefined && finalizers.length === 0) next.delete(id);
    else next.set(id, stored);
    this.#commit(next);
    return stored;
  }

  #commit(next: Snapshot): void {
    this.#past.push(this.#objects);
    if (this.#past.length > MEMORY) this.#past.shift();
    this.#objects = next;
  }
}

function idOf({ kind }: ResourceType, { namespace, name }: ObjectKey): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}
