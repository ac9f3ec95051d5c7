/** An API server in memory: versions, preconditions, finalizers, graceful deletion. Objects are frozen, as readers share them. */
import { ApiError } from '../../src/kube/api-error.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../src/kube/objects.ts';
import { byNamespaceAndName } from '../../src/kube/reader.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, type ResourceType, SERVICES } from '../../src/kube/resource-types.ts';
import { canonicalJson } from '../../src/reconcile/stamp.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { isMap, mergeApplied, mergePatch } from './merge.ts';

/** Who does something: the operator under test, a person, or Kubernetes itself. */
export type Actor = 'operator' | 'user' | 'system';

export type ApiChange = {
  type: ResourceType;
  before: KubeObject | undefined;
  after: KubeObject | undefined;
  actor: Actor;
};

/** Loosely typed members, for the model's own use. */
export type Loose = KubeObject & {
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  data?: unknown;
  immutable?: boolean;
};

const GRACE_SECONDS = 60;

export class ModelApi {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Map<string, Loose>>();
  readonly #applied = new Map<string, unknown>();
  readonly #listeners = new Set<(change: ApiChange) => void>();
  #revision = 1;
  #uids = 0;
  #addresses = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get revision(): string {
    return String(this.#revision);
  }

  /** Returns the function that ends it. */
  onChange(listener: (change: ApiChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get<T extends KubeObject>(type: ResourceType, key: ObjectKey): T | undefined {
    return this.#of(type).get(idOf(key)) as T | undefined;
  }

  list<T extends KubeObject>(type: ResourceType, namespace?: string): T[] {
    const all = [...this.#of(type).values()] as KubeObject[];
    return all
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace)
      .sort(byNamespaceAndName) as T[];
  }

  /** A dry run of a create. */
  rehearse<T extends KubeObject>(type: ResourceType, object: T): T {
    if (this.get(type, keyOf(object)) === undefined) return object;
    throw new ApiError(`${type.plural} "${object.metadata.name}" already exists`, 409, 'AlreadyExists');
  }

  create(type: ResourceType, object: KubeObject, actor: Actor): KubeObject {
    this.rehearse(type, object);
    return this.#store(type, undefined, this.#complete(type, object as Loose), actor);
  }

  apply(type: ResourceType, object: KubeObject, manager: string, actor: Actor): KubeObject {
    const live = this.get<Loose>(type, keyOf(object));
    const { metadata, apiVersion, kind, ...rest } = object as Loose;
    const wanted = {
      ...rest,
      metadata: {
        labels: metadata.labels,
        annotations: metadata.annotations,
        ownerReferences: metadata.ownerReferences,
      },
    };
    const ownership = (uid: string | undefined) => `${uid}/${manager}`;
    const base = live ?? { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
    const previous = live === undefined ? undefined : this.#applied.get(ownership(live.metadata.uid));
    const merged = mergeApplied(base, wanted, previous) as Loose;
    const stored = live === undefined ? this.create(type, merged, actor) : this.#change(type, live, merged, actor);
    this.#applied.set(ownership(stored.metadata.uid), wanted);
    return stored;
  }

  /** With `status` only the status, otherwise everything but it. */
  patch(type: ResourceType, key: ObjectKey, patch: object, actor: Actor, subresource?: 'status'): KubeObject {
    const live = this.get<Loose>(type, key);
    if (live === undefined) throw new ApiError(`${type.plural} "${key.name}" not found`, 404, 'NotFound');
    const { metadata = {}, status, ...rest } = patch as { metadata?: Record<string, unknown>; status?: unknown };
    for (const member of ['uid', 'resourceVersion'] as const) {
      if (metadata[member] === undefined || metadata[member] === live.metadata[member]) continue;
      throw new ApiError(`${type.plural} "${key.name}": ${member} is not ${metadata[member]}`, 409, 'Conflict');
    }
    if (subresource === 'status') {
      return this.#change(type, live, { ...live, status: mergePatch(live.status, status) } as Loose, actor);
    }
    const { uid: _uid, resourceVersion: _version, ...meta } = metadata;
    return this.#change(type, live, mergePatch(live, { ...rest, metadata: meta }) as Loose, actor);
  }

  /** For Kubernetes' own parts: any change of a live object. */
  edit(type: ResourceType, key: ObjectKey, edit: (object: Loose) => void): void {
    const live = this.get<Loose>(type, key);
    if (live === undefined) return;
    const copy = structuredClone(live);
    edit(copy);
    this.#change(type, live, copy, 'system');
  }

  delete(type: ResourceType, key: ObjectKey, actor: Actor, uid?: string): KubeObject | undefined {
    const live = this.get<Loose>(type, key);
    if (live === undefined) return undefined;
    if (uid !== undefined && live.metadata.uid !== uid) {
      throw new ApiError(`${type.plural} "${key.name}": the uid is not ${uid}`, 409, 'Conflict');
    }
    if (live.metadata.deletionTimestamp !== undefined) return live;
    const grace = type === PODS && isHeldByKubelet(live) ? GRACE_SECONDS : 0;
    const metadata = { ...live.metadata, deletionTimestamp: this.#time(grace), deletionGracePeriodSeconds: grace };
    if (grace === 0 && (live.metadata.finalizers ?? []).length === 0) {
      this.remove(type, key, actor);
      return undefined;
    }
    return this.#store(type, live, { ...live, metadata } as Loose, actor);
  }

  /** Takes an object away at once, as the kubelet and a forced deletion do. */
  remove(type: ResourceType, key: ObjectKey, actor: Actor): void {
    const before = this.get<Loose>(type, key);
    if (before === undefined) return;
    this.#revision++;
    this.#of(type).delete(idOf(key));
    const last = deepFreeze({ ...before, metadata: { ...before.metadata, resourceVersion: this.revision } });
    this.#tell({ type, before: last, after: undefined, actor });
  }

  /** Every object that exists, by uid. */
  uids(): Set<string> {
    return new Set(
      [...this.#objects.values()].flatMap((objects) => [...objects.values()].map((o) => o.metadata.uid as string)),
    );
  }

  all(): { type: string; object: Loose }[] {
    return [...this.#objects].flatMap(([type, objects]) => [...objects.values()].map((object) => ({ type, object })));
  }

  #change(type: ResourceType, live: Loose, next: Loose, actor: Actor): KubeObject {
    if (live.immutable === true && canonicalJson(live.data) !== canonicalJson(next.data)) {
      throw new ApiError(`${type.plural} "${live.metadata.name}" is invalid: data is immutable`, 422, 'Invalid');
    }
    if (type === SERVICES && isMap(next.spec) && next.spec.clusterIP === undefined) {
      next = { ...next, spec: { ...next.spec, clusterIP: live.spec?.clusterIP } };
    }
    if (canonicalJson(live) === canonicalJson(next)) return live;
    const grown = canonicalJson(live.spec) === canonicalJson(next.spec) ? 0 : 1;
    const stored = { ...next, metadata: { ...next.metadata, generation: (live.metadata.generation ?? 1) + grown } };
    if (
      stored.metadata.deletionTimestamp !== undefined &&
      (stored.metadata.finalizers ?? []).length === 0 &&
      type !== PODS
    ) {
      this.#store(type, live, stored, actor);
      this.remove(type, keyOf(live), actor);
      return stored;
    }
    return this.#store(type, live, stored, actor);
  }

  #complete(type: ResourceType, object: Loose): Loose {
    const metadata = {
      ...object.metadata,
      uid: `uid-${++this.#uids}`,
      creationTimestamp: this.#time(0),
      generation: 1,
      ...(type === PERSISTENT_VOLUME_CLAIMS ? { finalizers: ['kubernetes.io/pvc-protection'] } : {}),
    };
    const completed = { ...object, metadata } as unknown as Loose;
    if (type === PODS || type === PERSISTENT_VOLUME_CLAIMS) completed.status = { phase: 'Pending' };
    if (type === SERVICES) completed.spec = { ...object.spec, clusterIP: this.#address(object.spec?.clusterIP) };
    return completed;
  }

  #address(wanted: unknown): string {
    if (wanted === undefined) return `10.0.${this.#addresses >> 8}.${this.#addresses++ & 255}`;
    const holder = this.list<Loose>(SERVICES).find((service) => service.spec?.clusterIP === wanted);
    if (holder !== undefined) throw new ApiError(`spec.clusterIPs: ${wanted} is already allocated`, 422, 'Invalid');
    return String(wanted);
  }

  #store(type: ResourceType, before: Loose | undefined, object: Loose, actor: Actor): KubeObject {
    this.#revision++;
    const copy = JSON.parse(JSON.stringify(object)) as Loose;
    const stored = deepFreeze({ ...copy, metadata: { ...copy.metadata, resourceVersion: this.revision } });
    this.#of(type).set(idOf(keyOf(stored)), stored);
    this.#tell({ type, before, after: stored, actor });
    return stored;
  }

  #tell(change: ApiChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #of(type: ResourceType): Map<string, Loose> {
    const id = `${type.group}/${type.plural}`;
    const objects = this.#objects.get(id) ?? new Map<string, Loose>();
    this.#objects.set(id, objects);
    return objects;
  }

  #time(seconds: number): string {
    return new Date(this.#clock.now() + seconds * 1000).toISOString().replace(/\.\d+/, '');
  }
}

/** A pod that was never bound to a machine, or that has ended, needs nobody's confirmation. */
function isHeldByKubelet(pod: Loose): boolean {
  const ended = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  return pod.spec?.nodeName !== undefined && !ended;
}

function idOf(key: ObjectKey): string {
  return `${key.namespace ?? ''}/${key.name}`;
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
