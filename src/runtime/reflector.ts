/**
 * Keeps a cache equal to what the API server has: a list, then watches that continue from there for as long as the operator runs. Built
 * to outlive cut connections, restarts of the API server, throttling, expired versions and connections that die without a word.
 */
import type { Logger } from 'pino';
import { ApiError, isGone, isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';
import { equalitySelector } from '../kube/reader.ts';
import type { Cache } from './cache.ts';
import { type Clock, pause, systemClock } from './clock.ts';

const PAGE_SIZE = 500;
/**
 * The API server sends a bookmark about every minute, so two are missed before a connection counts as dead. It sends none for a type
 * that has not changed since the server started; such a watch is merely opened anew, from where it stood.
 */
const IDLE_TIMEOUT_MS = 150_000;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;
/** How often to look whether the API of an absent CRD is there now. */
const ABSENT_API_RETRY_MS = 30_000;
/** The same for an API that we can't do without: somebody is about to install it. */
const MISSING_API_RETRY_MS = 5_000;
/** A watch that lived so long was healthy, also when nothing happened. */
const HEALTHY_WATCH_MS = 5_000;
/** After so many refusals of a watch in a row, whatever the reason, its resourceVersion is doubted and a list is made. */
const REFUSALS_BEFORE_RELIST = 5;

export type ReflectorObserver = {
  listed(): void;
  watched(): void;
  failed(error: unknown): void;
};

export type ReflectorOptions<T extends KubeObject> = {
  kube: Pick<Kube, 'listPage' | 'watch'>;
  cache: Cache<T>;
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  /** The API may be absent (404): the cache then counts as synced, is marked (`absentIn`), and fills when the API appears. */
  optional?: boolean;
  log: Logger;
  clock?: Clock;
  /** In [0, 1). */
  random?: () => number;
  idleTimeoutMs?: number;
  observer?: ReflectorObserver;
};

export class Reflector<T extends KubeObject = KubeObject> {
  /** Resolves after the first complete list, or when an optional API is found absent. Never rejects. */
  readonly synced: Promise<void>;
  readonly #options: ReflectorOptions<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stop = new AbortController();
  #markSynced: () => void = () => {};
  #running: Promise<void> | undefined;
  #resourceVersion: string | undefined;
  #failures = 0;
  #refusals = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.synced = new Promise((resolve) => {
      this.#markSynced = resolve;
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when nothing more will be delivered. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      let delayMs: number;
      try {
        if (this.#resourceVersion === undefined) await this.#list();
        delayMs = (await this.#watch()) ? 0 : this.#backoff();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        delayMs = this.#recover(error);
      }
      if (delayMs > 0) await pause(this.#clock, delayMs, this.#stop.signal);
    }
  }

  async #list(): Promise<void> {
    const replace = this.#options.cache.beginReplace(this.#options.namespace);
    const { items, resourceVersion } = await this.#listAll(PAGE_SIZE).catch((error) => {
      // The snapshot that the pages are cut from has expired: everything in one piece instead.
      if (isGone(error)) return this.#listAll(undefined);
      throw error;
    });
    if (this.#stop.signal.aborted) return;
    replace(items, resourceVersion);
    this.#options.cache.absentIn.delete(this.#options.namespace);
    this.#resourceVersion = resourceVersion;
    this.#refusals = 0;
    this.#options.observer?.listed();
    this.#markSynced();
  }

  async #listAll(limit: number | undefined): Promise<{ items: T[]; resourceVersion: string }> {
    const { kube, cache, namespace } = this.#options;
    const items: T[] = [];
    let continueToken: string | undefined;
    for (;;) {
      const page = await kube.listPage<T>(cache.type, {
        namespace,
        labelSelector: cache.labels && equalitySelector(cache.labels),
        ...(limit === undefined ? {} : { limit }),
        ...(continueToken === undefined ? {} : { continueToken }),
        signal: this.#stop.signal,
      });
      for (const item of page.items) items.push(item);
      continueToken = page.continueToken;
      if (continueToken === undefined) return { items, resourceVersion: page.resourceVersion };
    }
  }

  /** One watch until it ends. True when it was healthy, so that the next one may follow at once. */
  async #watch(): Promise<boolean> {
    const { kube, cache, namespace } = this.#options;
    const attempt = new AbortController();
    const abort = () => attempt.abort();
    this.#stop.signal.addEventListener('abort', abort, { once: true });
    if (this.#stop.signal.aborted) abort();
    const idleMs = this.#options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
    let cancelIdle = this.#clock.after(idleMs, abort);
    const begun = this.#clock.now();
    let delivered = false;
    try {
      const events = kube.watch<T>(cache.type, {
        namespace,
        labelSelector: cache.labels && equalitySelector(cache.labels),
        resourceVersion: this.#resourceVersion as string,
        timeoutSeconds: Math.round(300 + 300 * this.#random()),
        signal: attempt.signal,
        isKnown: (version) => cache.holds(version),
      });
      this.#options.observer?.watched();
      for await (const event of events) {
        if (this.#stop.signal.aborted) return true;
        cancelIdle();
        cancelIdle = this.#clock.after(idleMs, abort);
        delivered = true;
        this.#failures = 0;
        this.#refusals = 0;
        if (event.type === 'BOOKMARK') cache.markReached(event.object.metadata.resourceVersion, namespace);
        else this.#deliver(event.type, event.object);
        this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
      }
    } finally {
      cancelIdle();
      this.#stop.signal.removeEventListener('abort', abort);
    }
    const healthy = delivered || this.#clock.now() - begun >= HEALTHY_WATCH_MS;
    if (healthy) this.#failures = 0;
    return healthy;
  }

  #deliver(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    try {
      this.#options.cache.applyEvent(type, object);
    } catch (error) {
      // A fault of ours, and repeating the event would repeat it: count it and go on.
      this.#options.observer?.failed(error);
      this.#options.log.error({ err: error, ...this.#subject() }, 'handling of a watch event failed');
    }
  }

  /** Decides how to go on after a failed list or watch: returns the pause in milliseconds. */
  #recover(error: unknown): number {
    const { cache, namespace, log, optional, observer } = this.#options;
    const subject = this.#subject();
    if (isGone(error)) {
      log.debug(subject, 'the watched resourceVersion has expired, listing again');
      this.#resourceVersion = undefined;
      return this.#failures++ === 0 ? 0 : this.#backoff();
    }
    if (isNotFound(error)) {
      this.#empty();
      if (optional) {
        cache.absentIn.add(namespace);
        this.#markSynced();
      }
      log[optional ? 'debug' : 'warn'](subject, 'the API is not installed, looking again later');
      return optional ? this.#jitter(ABSENT_API_RETRY_MS) : Math.min(this.#backoff(), MISSING_API_RETRY_MS);
    }
    observer?.failed(error);
    if (error instanceof ApiError && error.status > 0 && ++this.#refusals >= REFUSALS_BEFORE_RELIST) {
      this.#resourceVersion = undefined;
      this.#refusals = 0;
    }
    const retryAfterMs = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const delayMs = Math.max(this.#backoff(), retryAfterMs);
    log.warn({ err: error, delayMs: Math.round(delayMs), ...subject }, 'list or watch failed, trying again');
    return delayMs;
  }

  #empty(): void {
    this.#resourceVersion = undefined;
    this.#options.cache.beginReplace(this.#options.namespace)([], '0');
  }

  #backoff(): number {
    const delayMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS);
    this.#failures++;
    return this.#jitter(delayMs);
  }

  /** Between half of `ms` and `ms`. */
  #jitter(ms: number): number {
    return ms * (0.5 + 0.5 * this.#random());
  }

  #subject(): { resource: string; namespace: string | undefined } {
    return { resource: this.#options.cache.type.plural, namespace: this.#options.namespace };
  }
}
