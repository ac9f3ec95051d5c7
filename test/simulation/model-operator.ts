/**
 * One life of the operator: the real reconciler of the real kind with the real queue, caches and write guard, on the model API server.
 * Watches lag, calls take time and fail, and it can be killed at any write.
 */
import type { Logger } from 'pino';
import type { Kind, KindReconciler } from '../../src/kinds/kind.ts';
import { ApiError } from '../../src/kube/api-error.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { hasLabels, liveReader } from '../../src/kube/reader.ts';
import { PODS, type ResourceType } from '../../src/kube/resource-types.ts';
import { Cache } from '../../src/runtime/cache.ts';
import { cachedReader } from '../../src/runtime/cached-reader.ts';
import { type Clock, pause } from '../../src/runtime/clock.ts';
import { operatorKube } from '../../src/runtime/operator-kube.ts';
import { type Request, WorkQueue } from '../../src/runtime/queue.ts';
import { type WatchedType, watchChildren, watchOwn } from '../../src/runtime/sources.ts';
import type { ModelApi } from './model-api.ts';
import type { Random } from './random.ts';

const OPERATOR_NAMESPACE = 'nodewright-system';
const WORKERS = 2;

export type OperatorParts = {
  kind: Kind;
  api: ModelApi;
  /** The answer of a node that can be reached; throws where there would be none. */
  askPod: (pod: KubeObject, path: string) => string;
  clock: Clock;
  random: Random;
  agentImage: string;
  /** Chance that a call fails, at this moment. */
  faultChance: () => number;
  /** Called with every write before it is sent; true kills the operator there. */
  killsAt: () => boolean;
  onKilled: () => void;
  onWrite: (verb: string, type: ResourceType, name: string, subresource: string | undefined) => void;
  onError: (error: unknown) => void;
  trace: (line: string) => void;
};

export class ModelOperator {
  readonly #parts: OperatorParts;
  readonly #caches = new Map<string, { cache: Cache; accepts: (object: KubeObject) => boolean; busyUntil: number }>();
  readonly #queue: WorkQueue;
  readonly #reconciler: KindReconciler;
  readonly #unsubscribe: () => void;
  #dead = false;

  constructor(parts: OperatorParts) {
    this.#parts = parts;
    const { kind } = parts;
    this.#queue = new WorkQueue({ clock: parts.clock });
    const enqueue = (request: Request) => this.#queue.add(request);
    const options = { operatorNamespace: OPERATOR_NAMESPACE, agentImage: parts.agentImage };
    const find = (type: ResourceType) => [this.#caches.get(idOf(type))?.cache].filter((cache) => cache !== undefined);
    for (const { type, labels, namespaces } of [{ type: kind.type } as WatchedType, ...kind.children(options)]) {
      const own = type === kind.type;
      const cache = new Cache(type, { labels, namespaces, clock: parts.clock });
      const accepts = (object: KubeObject) =>
        (labels === undefined || hasLabels(object, labels)) &&
        (namespaces === undefined || namespaces.includes(object.metadata.namespace ?? ''));
      this.#caches.set(idOf(type), { cache, accepts, busyUntil: 0 });
      if (own) watchOwn(cache, enqueue);
      else watchChildren(cache, kind.type, kind.ownersOf, enqueue);
    }
    this.#unsubscribe = parts.api.onChange(({ type, before, after }) => this.#watch(type, before, after));
    for (const { cache, accepts } of this.#caches.values()) {
      cache.beginReplace()(parts.api.list(cache.type).filter(accepts), parts.api.revision);
    }
    const kube = this.#kube();
    this.#reconciler = kind.createReconciler({
      kube: operatorKube(kube, { caches: { find, synced: find }, mayWrite: () => true }),
      reader: cachedReader({ find, synced: find }, liveReader(kube)),
      podGet: (pod, _port, path) => this.#askPod(pod, path),
      options,
      events: { record: (_object, type, reason, note) => parts.trace(`event ${type} ${reason}: ${note}`) },
      wake: enqueue,
      now: () => new Date(parts.clock.now()),
      random: (size) => parts.random.bytes(size),
      clock: parts.clock,
    });
    this.#reconciler.start();
    for (let worker = 0; worker < WORKERS; worker++) void this.#work();
  }

  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#unsubscribe();
    this.#reconciler.stop();
    void this.#queue.shutDown();
  }

  async #work(): Promise<void> {
    const signal = new AbortController().signal;
    const log = { info: ({ change }: { change: string }) => this.#parts.trace(`plan: ${change}`), warn: () => {} };
    for (;;) {
      const request = await this.#queue.take();
      if (request === undefined || this.#dead) return;
      try {
        const result = await this.#reconciler.reconcile(request, { signal, log: log as unknown as Logger });
        this.#queue.forget(request);
        if ((result?.requeueAfterMs ?? 0) > 0) this.#queue.addAfter(request, result?.requeueAfterMs ?? 0);
      } catch (error) {
        this.#parts.trace(`reconcile ${request.name} failed: ${error instanceof Error ? error.message : error}`);
        this.#parts.onError(error);
        this.#queue.addRateLimited(request);
      }
      this.#queue.done(request);
    }
  }

  /** A watch delivers in order and late; now and then very late. */
  #watch(type: ResourceType, before: KubeObject | undefined, after: KubeObject | undefined): void {
    const entry = this.#caches.get(idOf(type));
    if (entry === undefined) return;
    const { clock, random } = this.#parts;
    const lag = random.chance(0.85) ? random.between(1, 80) : random.between(80, 2500);
    entry.busyUntil = Math.max(entry.busyUntil, clock.now() + lag);
    const [was, is] = [before !== undefined && entry.accepts(before), after !== undefined && entry.accepts(after)];
    if (!was && !is) return;
    clock.after(entry.busyUntil - clock.now(), () => {
      if (this.#dead) return;
      if (is) entry.cache.applyEvent(was ? 'MODIFIED' : 'ADDED', after as KubeObject);
      else entry.cache.applyEvent('DELETED', (after ?? before) as KubeObject);
    });
  }

  async #askPod(pod: KubeObject, path: string): Promise<string> {
    const { clock, random, api, askPod, faultChance } = this.#parts;
    await pause(clock, random.between(1, 60));
    if (this.#dead) return never();
    if (random.chance(faultChance())) throw new Error('connect ETIMEDOUT');
    const live = api.list(PODS, pod.metadata.namespace).find(({ metadata }) => metadata.uid === pod.metadata.uid);
    if (live === undefined) throw new Error('connect EHOSTUNREACH');
    return askPod(live, path);
  }

  #kube(): Kube {
    const { api } = this.#parts;
    const write = <T>(verb: string, type: ResourceType, name: string, send: () => unknown, subresource?: string) =>
      this.#call(() => send() as T, { verb, type, name, subresource });
    return {
      get: (type, key) => this.#call(() => api.get(type, key)),
      list: <T extends KubeObject>(
        type: ResourceType,
        options: { namespace?: string | undefined; labelSelector?: string | undefined } = {},
      ) =>
        this.#call(() =>
          api
            .list<T>(type, options.namespace)
            .filter((object) => hasLabels(object, parseSelector(options.labelSelector))),
        ),
      create: (type, object, options) =>
        options?.dryRun === true
          ? this.#call(() => api.rehearse(type, object))
          : write('create', type, object.metadata.name, () => api.create(type, object, 'operator')),
      apply: (type, object, { fieldManager }) =>
        write('apply', type, object.metadata.name, () => api.apply(type, object, fieldManager, 'operator')),
      mergePatch: (type, key, patch, options) =>
        write(
          'patch',
          type,
          key.name,
          () => api.patch(type, key, patch, 'operator', options?.subresource),
          options?.subresource,
        ),
      delete: (type, key, { uid }) => write('delete', type, key.name, () => api.delete(type, key, 'operator', uid)),
    } satisfies Partial<Kube> as unknown as Kube;
  }

  async #call<T>(
    send: () => T,
    write?: { verb: string; type: ResourceType; name: string; subresource: string | undefined },
  ): Promise<T> {
    const { clock, random, faultChance, trace } = this.#parts;
    await pause(clock, random.between(1, 40));
    if (this.#dead) return never();
    const fails = random.chance(faultChance());
    const afterwards = random.chance(0.5);
    if (write !== undefined && this.#parts.killsAt()) {
      if (afterwards) attempt(send);
      trace(`operator killed ${afterwards ? 'after' : 'before'} ${write.verb} ${write.type.kind} ${write.name}`);
      this.kill();
      this.#parts.onKilled();
      return never();
    }
    if (fails && !(write !== undefined && afterwards)) throw failure(random);
    if (write !== undefined) this.#parts.onWrite(write.verb, write.type, write.name, write.subresource);
    const answer = send();
    if (fails) {
      trace(`answer lost: ${write?.verb} ${write?.type.kind} ${write?.name}`);
      throw new ApiError('socket hang up', 0, 'NoAnswer');
    }
    await pause(clock, random.between(1, 40));
    return this.#dead ? never() : answer;
  }
}

function failure(random: Random): ApiError {
  return random.pick([
    new ApiError('etcdserver: request timed out', 500, 'InternalError'),
    new ApiError('too many requests', 429, 'TooManyRequests', { retryAfterSeconds: 1 }),
    new ApiError('connect ECONNREFUSED', 0, 'NoAnswer'),
  ]);
}

function attempt(send: () => unknown): void {
  try {
    send();
  } catch {
    // Whatever it was, nobody is left to be told.
  }
}

function parseSelector(selector: string | undefined): Record<string, string> {
  return Object.fromEntries(
    (selector ?? '')
      .split(',')
      .filter(Boolean)
      .map((pair) => pair.split('=') as [string, string]),
  );
}

function idOf(type: ResourceType): string {
  return `${type.group}/${type.plural}`;
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}
