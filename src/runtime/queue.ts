/**
 * The work queue of a controller, with the semantics of client-go's: a key stands in it at most once, is never given to two workers at a
 * time, and one that is added while it is worked on is given out again afterwards. So events may come as often as they like, and a
 * reconciler need not guard against itself.
 */
import { type Clock, systemClock } from './clock.ts';

export type Request = { namespace: string; name: string };

export type QueueObserver = {
  /** A key was put into line; `retry`: by addRateLimited. */
  added(retry: boolean): void;
  /** A worker took a key that stood in line for so long. */
  taken(waitedMs: number): void;
  /** A worker is through with a key. */
  finished(workedMs: number): void;
};

export type QueueOptions = {
  /** Delay of the first retry; doubles with each. Default 5 ms. */
  baseDelayMs?: number;
  /** Longest delay of a retry. Default 1000 s, as in client-go. */
  maxDelayMs?: number;
  clock?: Clock;
  observer?: QueueObserver;
};

type Delayed = { at: number; cancel: () => void };

export class WorkQueue {
  readonly #base: number;
  readonly #max: number;
  readonly #clock: Clock;
  readonly #observer: QueueObserver | undefined;
  readonly #requests = new Map<string, Request>();
  /** In line or to be put there when its worker is done; the value is since when. */
  readonly #dirty = new Map<string, number>();
  /** Being worked on, since when. */
  readonly #processing = new Map<string, number>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  #line: string[] = [];
  #head = 0;
  #waiting: ((key: string | undefined) => void)[] = [];
  #idleWaiters: (() => void)[] = [];
  #closed = false;

  constructor(options: QueueOptions = {}) {
    this.#base = options.baseDelayMs ?? 5;
    this.#max = options.maxDelayMs ?? 1_000_000;
    this.#clock = options.clock ?? systemClock;
    this.#observer = options.observer;
  }

  /** Keys in line, not counting delayed ones and those being worked on. */
  get depth(): number {
    return this.#line.length - this.#head;
  }

  add(request: Request): void {
    this.#add(request, false);
  }

  /** Adds later; of several delays for one key the earliest wins. An `add` meanwhile does not cancel it. */
  addAfter(request: Request, ms: number): void {
    this.#addAfter(request, ms, false);
  }

  /** Adds after a delay that doubles with every call until `forget`. */
  addRateLimited(request: Request): void {
    const key = keyOf(request);
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#addAfter(request, Math.min(this.#base * 2 ** failures, this.#max), true);
  }

  /** The next retry of this key starts with the base delay again. */
  forget(request: Request): void {
    this.#failures.delete(keyOf(request));
  }

  /** Retries since the last `forget`. */
  retries(request: Request): number {
    return this.#failures.get(keyOf(request)) ?? 0;
  }

  /** The next key, as soon as there is one; undefined after shutdown. Call `done` when through with it. */
  async take(): Promise<Request | undefined> {
    if (this.#closed) return undefined;
    const key =
      this.depth > 0 ? this.#shift() : await new Promise<string | undefined>((resolve) => this.#waiting.push(resolve));
    return key === undefined ? undefined : this.#requests.get(key);
  }

  done(request: Request): void {
    const key = keyOf(request);
    const since = this.#processing.get(key);
    if (since === undefined) return;
    this.#processing.delete(key);
    this.#observer?.finished(this.#clock.now() - since);
    if (this.#dirty.has(key) && !this.#closed) this.#enqueue(key);
    else if (!this.#delayed.has(key)) this.#requests.delete(key);
    if (this.#processing.size === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** Milliseconds that each key now being worked on has taken so far. */
  workingSince(): number[] {
    const now = this.#clock.now();
    return [...this.#processing.values()].map((since) => now - since);
  }

  /** Gives out nothing more; what stands in line is dropped, a restart sees it again. Resolves when every taken key is done. */
  async shutDown(): Promise<void> {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#line = [];
    this.#head = 0;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    if (this.#processing.size > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #add(request: Request, retry: boolean): void {
    if (this.#closed) return;
    const key = keyOf(request);
    if (this.#dirty.has(key)) return;
    this.#requests.set(key, request);
    this.#dirty.set(key, this.#clock.now());
    this.#observer?.added(retry);
    if (!this.#processing.has(key)) this.#enqueue(key);
  }

  #addAfter(request: Request, ms: number, retry: boolean): void {
    if (this.#closed) return;
    if (ms <= 0) {
      this.#add(request, retry);
      return;
    }
    const key = keyOf(request);
    const at = this.#clock.now() + ms;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.at <= at) return;
    earlier?.cancel();
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key);
      const rest = at - this.#clock.now();
      // A timer can end early (a delay above the longest timer); a millisecond is rounding.
      if (rest > 1) this.#addAfter(request, rest, retry);
      else this.#add(request, retry);
    });
    this.#requests.set(key, request);
    this.#delayed.set(key, { at, cancel });
  }

  #enqueue(key: string): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) {
      this.#line.push(key);
    } else {
      this.#start(key);
      waiter(key);
    }
  }

  #shift(): string {
    const key = this.#line[this.#head] as string;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#line.length) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
    this.#start(key);
    return key;
  }

  #start(key: string): void {
    const now = this.#clock.now();
    this.#observer?.taken(now - (this.#dirty.get(key) ?? now));
    this.#dirty.delete(key);
    this.#processing.set(key, now);
  }
}

/** A slash is in neither part, so the key is unambiguous; the namespace is empty for cluster-scoped objects. */
function keyOf(request: Request): string {
  return `${request.namespace}/${request.name}`;
}
