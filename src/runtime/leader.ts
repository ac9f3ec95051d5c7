/**
 * Leader election by a Lease, compatible with client-go's: a candidate takes a lease that nobody holds or that has not changed for its
 * duration *by the candidate's own clock*, so clocks need not agree. The holder renews it, always against the resourceVersion it saw.
 *
 * `isLeader` is a question of time, not of messages: it turns false `renewDeadline` after the start of the last successful renewal, well
 * before anybody else may take the lease, even if this process was stopped in between and no timer of it ran. A write that was sent
 * before that and arrives late can't be stopped by this; what must not happen twice is guarded by the objects themselves.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { isAlreadyExists, isConflict, isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { Lease } from '../kube/objects.ts';
import { LEASES } from '../kube/resource-types.ts';
import { type Clock, microTime, pause, systemClock } from './clock.ts';

export type LeaderOptions = {
  kube: Pick<Kube, 'get' | 'create' | 'replace'>;
  namespace: string;
  name: string;
  /** Default: host name and a random UUID. */
  identity?: string;
  /** Defaults of client-go: 15 s, 10 s, 2 s. */
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  log: Logger;
  clock?: Clock;
  /** Milliseconds from any start; does not jump. */
  monotonic?: () => number;
  random?: () => number;
};

/** A moment by both clocks. */
type Mark = { wall: number; monotonic: number };

export class LeaderElector {
  readonly identity: string;
  /** Resolves when this process leads for the first time. */
  readonly acquired: Promise<void>;
  /** Resolves with the reason when leadership was lost, or can no longer be proved; never after `stop`. */
  readonly lost: Promise<string>;
  readonly #options: LeaderOptions;
  readonly #clock: Clock;
  readonly #monotonic: () => number;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  readonly #stop = new AbortController();
  #markAcquired: () => void = () => {};
  #markLost: (reason: string) => void = () => {};
  #running: Promise<void> | undefined;
  /** The lease as last seen, and when it was first seen so. */
  #observed: { lease: Lease; at: number } | undefined;
  /** When the last successful renewal was begun. */
  #renewed: Mark | undefined;

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.identity = options.identity ?? `${hostname()}_${randomUUID()}`;
    this.#clock = options.clock ?? systemClock;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
    this.acquired = new Promise((resolve) => {
      this.#markAcquired = resolve;
    });
    this.lost = new Promise((resolve) => {
      this.#markLost = resolve;
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Whether nobody else can be leading now. */
  isLeader(): boolean {
    if (this.#renewed === undefined) return false;
    // A machine that slept shows only on the wall clock, a wall clock set back only on the other one.
    const elapsed = Math.max(this.#monotonic() - this.#renewed.monotonic, this.#clock.now() - this.#renewed.wall);
    return elapsed < this.#renewDeadlineMs;
  }

  /** Who holds the lease as far as we know. */
  holder(): string | undefined {
    return this.#observed?.lease.spec?.holderIdentity || undefined;
  }

  /**
   * Ends the election. `release`: give the lease back, so that a standby need not wait for its end; only when nothing of ours writes any
   * more.
   */
  async stop({ release }: { release: boolean }): Promise<void> {
    this.#stop.abort();
    await this.#running;
    const lease = this.isLeader() ? this.#observed?.lease : undefined;
    this.#renewed = undefined;
    if (!release || !lease) return;
    const now = microTime(this.#clock.now());
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now };
    try {
      await this.#options.kube.replace(LEASES, { ...lease, spec });
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the lease could not be given back; a standby waits until it ends');
    }
  }

  async #run(): Promise<void> {
    const { log, namespace, name } = this.#options;
    const signal = this.#stop.signal;
    while (!signal.aborted) {
      const leading = this.#renewed !== undefined;
      if (leading && !this.isLeader()) {
        this.#renewed = undefined;
        const reason = `lease ${namespace}/${name} could not be renewed within ${this.#renewDeadlineMs / 1000} s`;
        log.error({ identity: this.identity }, reason);
        this.#markLost(reason);
        return;
      }
      const begun = { wall: this.#clock.now(), monotonic: this.#monotonic() };
      let held = false;
      try {
        held = await this.#tryToHold(begun);
      } catch (error) {
        log.warn({ err: error, leading }, 'the lease could not be read or written, trying again');
      }
      if (held) {
        this.#renewed = begun;
        if (!leading) {
          log.info({ identity: this.identity, lease: `${namespace}/${name}` }, 'leading');
          this.#markAcquired();
        }
      } else if (leading && this.holder() !== this.identity) {
        this.#renewed = undefined;
        const reason = `lease ${namespace}/${name} is held by ${this.holder() ?? 'nobody'} now`;
        log.error({ identity: this.identity }, reason);
        this.#markLost(reason);
        return;
      }
      const jitter = 1 + 0.2 * (this.#options.random ?? Math.random)();
      await pause(this.#clock, this.#retryPeriodMs * (leading || held ? 1 : jitter), signal);
    }
  }

  /** One try to take or renew the lease. Whatever hangs is given up in time for another one. */
  async #tryToHold(begun: Mark): Promise<boolean> {
    const tries = this.#takeOrRenew(begun);
    const timeout = new AbortController();
    try {
      return await Promise.race([
        tries,
        pause(this.#clock, this.#renewDeadlineMs / 2, timeout.signal).then(() => {
          throw new Error(`no answer within ${this.#renewDeadlineMs / 2000} s`);
        }),
      ]);
    } finally {
      timeout.abort();
      tries.catch(() => {}); // too late to matter
    }
  }

  async #takeOrRenew(begun: Mark): Promise<boolean> {
    const { kube, namespace, name } = this.#options;
    if (this.#renewed !== undefined && this.#observed) {
      // The usual case in one request: we hold it and nobody touched it.
      try {
        this.#observe(await kube.replace<Lease>(LEASES, this.#claim(this.#observed.lease, begun)));
        return true;
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
    const lease = await kube.get<Lease>(LEASES, { namespace, name });
    try {
      if (lease === undefined) {
        this.#observe(await kube.create<Lease>(LEASES, this.#claim(undefined, begun)));
        return true;
      }
      this.#observe(lease);
      if (this.#isHeldByOther(lease)) return false;
      this.#observe(await kube.replace<Lease>(LEASES, this.#claim(lease, begun)));
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error)) return false; // somebody was faster
      throw error;
    }
  }

  #isHeldByOther(lease: Lease): boolean {
    const holder = lease.spec?.holderIdentity;
    if (!holder || holder === this.identity) return false;
    const durationMs = (lease.spec?.leaseDurationSeconds ?? this.#leaseDurationMs / 1000) * 1000;
    return this.#monotonic() - (this.#observed?.at ?? 0) < durationMs;
  }

  #observe(lease: Lease): void {
    if (this.#observed?.lease.metadata.resourceVersion !== lease.metadata.resourceVersion) {
      this.#observed = { lease, at: this.#monotonic() };
    }
  }

  #claim(lease: Lease | undefined, begun: Mark): Lease {
    const { namespace, name } = this.#options;
    const now = microTime(begun.wall);
    const mine = lease?.spec?.holderIdentity === this.identity;
    const transitions = lease?.spec?.leaseTransitions ?? 0;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: lease?.metadata ?? { namespace, name },
      spec: {
        ...lease?.spec,
        holderIdentity: this.identity,
        leaseDurationSeconds: Math.ceil(this.#leaseDurationMs / 1000),
        acquireTime: (mine && lease?.spec?.acquireTime) || now,
        renewTime: now,
        leaseTransitions: lease === undefined || mine ? transitions : transitions + 1,
      },
    };
  }
}
