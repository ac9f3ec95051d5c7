/**
 * Runs a reconciler with the contract of controller-runtime. A request is a namespace and a name and says nothing about what happened.
 * The reconciler looks, acts and returns: nothing more to do, or a time to look again. A throw means a retry after a growing delay, a
 * TerminalError that only a change helps. One object is never reconciled twice at a time.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { isAlreadyExists, isConflict } from '../kube/api-error.ts';
import type { ControllerMetrics } from './controller-metrics.ts';
import { NotLeadingError } from './operator-kube.ts';
import { type Request, WorkQueue } from './queue.ts';

export type { Request } from './queue.ts';

/** `requeueAfterMs`: look again after that time even if nothing changed. */
type Result = { requeueAfterMs?: number } | undefined;

/** Trying again is useless until somebody changes something; the message says what. */
export class TerminalError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'TerminalError';
  }
}

type ReconcileContext = {
  /** Aborted when the operator shuts down; what takes long should end then. */
  signal: AbortSignal;
  /** Carries controller, namespace, name and an id of this run. */
  log: Logger;
};

export type Reconcile = (request: Request, context: ReconcileContext) => Promise<Result>;

export type ControllerOptions = {
  /** In logs and metrics, such as `tendermint-network`. */
  name: string;
  reconcile: Reconcile;
  /** Reconciles at a time, of different objects. Default 4. */
  workers?: number;
  /** Longest delay of a retry. Default 1000 s. */
  maxRetryDelayMs?: number;
  log: Logger;
  metrics?: ControllerMetrics | undefined;
};

export class Controller {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #reconcile: Reconcile;
  readonly #workers: number;
  readonly #log: Logger;
  readonly #metrics: ControllerMetrics | undefined;
  readonly #stop = new AbortController();
  #running: Promise<void>[] = [];

  constructor(options: ControllerOptions) {
    this.name = options.name;
    this.#reconcile = options.reconcile;
    this.#workers = options.workers ?? 4;
    this.#log = options.log.child({ controller: options.name });
    this.#metrics = options.metrics;
    this.queue = new WorkQueue({
      ...(options.maxRetryDelayMs === undefined ? {} : { maxDelayMs: options.maxRetryDelayMs }),
      ...(options.metrics === undefined ? {} : { observer: options.metrics.queueObserver(options.name) }),
    });
    this.#metrics?.track(options.name, this.queue, this.#workers);
  }

  /** Requests may be added before; they are worked on from now on. */
  start(): void {
    if (this.#running.length > 0) return;
    this.#running = Array.from({ length: this.#workers }, () => this.#work());
  }

  /** Takes no new request, aborts the signal of the running ones, and resolves when they have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.queue.shutDown();
    await Promise.all(this.#running);
  }

  async #work(): Promise<void> {
    for (;;) {
      const request = await this.queue.take();
      if (request === undefined) return;
      await this.#handle(request);
      this.queue.done(request);
    }
  }

  async #handle(request: Request): Promise<void> {
    const log = this.#log.child({ ...request, reconcileID: randomUUID() });
    const finished = this.#metrics?.started(this.name);
    try {
      const result = await this.#reconcile(request, { signal: this.#stop.signal, log });
      if (result?.requeueAfterMs !== undefined && result.requeueAfterMs > 0) {
        this.queue.forget(request);
        this.queue.addAfter(request, result.requeueAfterMs);
        finished?.('requeue_after');
      } else {
        this.queue.forget(request);
        finished?.('success');
      }
    } catch (error) {
      if (error instanceof TerminalError) {
        this.queue.forget(request);
        log.error({ err: error }, 'reconcile failed; waiting for a change');
        finished?.('terminal_error');
      } else if (isConflict(error) || isAlreadyExists(error)) {
        // Somebody else wrote first, or our view was a little old. Normal; the next run sees what is there.
        this.queue.addRateLimited(request);
        log.debug({ err: error }, 'lost a race, trying again');
        finished?.('conflict');
      } else if (error instanceof NotLeadingError) {
        // The process ends as soon as the lease is known to be lost; until then there is nothing to tell.
        this.queue.addRateLimited(request);
        log.debug({ err: error }, 'not the leader any more');
        finished?.('aborted');
      } else if (this.#stop.signal.aborted) {
        log.debug({ err: error }, 'reconcile ended by the shutdown');
        finished?.('aborted');
      } else {
        this.queue.addRateLimited(request);
        log.error({ err: error, retries: this.queue.retries(request) }, 'reconcile failed, trying again');
        finished?.('error');
      }
    }
  }
}
