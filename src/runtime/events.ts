/**
 * Kubernetes events (events.k8s.io/v1) about our objects. They are written behind the reconciler's back: recording never waits and never
 * throws. The same event again within ten minutes becomes a series on the first one instead of another object, and an object that makes
 * too many different ones is cut short, so that a fault can't fill etcd. Needs the rights create and patch on events.
 *
 * A note is shown to everybody who may read events: never put a key or another secret into it.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { isNotFound } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';
import { EVENTS } from '../kube/resource-types.ts';
import { type Clock, microTime, pause, systemClock } from './clock.ts';

export type EventType = 'Normal' | 'Warning';

export type EventRecorder = {
  /**
   * `reason`: CamelCase, for machines. `note`: a sentence, for people; cut at 1 KiB. `action`: what was being done, CamelCase; default
   * `Reconcile`.
   */
  record(object: KubeObject, type: EventType, reason: string, note: string, action?: string): void;
};

/** The same event within this time continues its series. */
const SERIES_MS = 10 * 60_000;
/** The first repetition is written at once, further ones are counted and written at most this often. */
const SERIES_WRITE_MS = 6 * 60_000;
/** Events per object at once, and how often one more: a rollout of a large network passes, a fault in a loop does not. */
const BURST = 100;
const REFILL_MS = 30_000;
/** Events that wait to be written; more are dropped. */
const BACKLOG = 2000;
/**
 * So many are written at once while there is work, then one by one: the events of a fleet that is created wait for its pods, not the pods for
 * them.
 */
const WRITE_BURST = 25;
const WRITE_EVERY_MS = 200;
const NOTE_BYTES = 1024;
const FORGET_MS = 60 * 60_000;
/** A fleet that is created has thousands of events in a minute; it looks through all of them only so often. */
const FORGET_EVERY_MS = 60_000;

export type EventSinkOptions = {
  kube: Pick<Kube, 'create' | 'mergePatch'>;
  log: Logger;
  clock?: Clock;
  /** Whether resources wait to be reconciled; events then take their time. Default: always. */
  isBusy?: () => boolean;
  /** What became of an event. */
  onOutcome?: (outcome: 'created' | 'series' | 'dropped' | 'failed') => void;
};

type Series = { event: KubeObject; count: number; writtenCount: number; last: number; writtenAt: number };
type Bucket = { tokens: number; at: number };

export class EventSink {
  readonly #options: EventSinkOptions;
  readonly #clock: Clock;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, Bucket>();
  #line: (() => Promise<void>)[] = [];
  #writes: Bucket;
  #hurry = new AbortController();
  #writing: Promise<void> | undefined;
  #forgottenAt = Number.NEGATIVE_INFINITY;

  constructor(options: EventSinkOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#writes = { tokens: WRITE_BURST, at: this.#clock.now() };
  }

  /** `controller` as a qualified name, such as `nodewright.dev/tendermint-network`. */
  recorder(controller: string): EventRecorder {
    return {
      record: (object, type, reason, note, action = 'Reconcile') => {
        try {
          this.#record(controller, object, type, reason, note, action);
        } catch (error) {
          this.#fail(error);
        }
      },
    };
  }

  /** Writes what is waiting, series included; gives up after `limitMs`. */
  async flush(limitMs: number): Promise<void> {
    for (const series of this.#series.values()) this.#writeSeries(series);
    this.#hurry.abort();
    const done = new AbortController();
    await Promise.race([this.#writing, pause(this.#clock, limitMs, done.signal)]);
    done.abort();
    this.#hurry = new AbortController();
  }

  #record(controller: string, object: KubeObject, type: EventType, reason: string, note: string, action: string): void {
    const now = this.#clock.now();
    const { uid, namespace, name } = object.metadata;
    const key = [controller, uid ?? `${object.kind}/${namespace}/${name}`, type, reason, action, note].join('\n');
    const series = this.#series.get(key);
    if (series && now - series.last < SERIES_MS) {
      series.count++;
      series.last = now;
      if (series.writtenCount === 1 || now - series.writtenAt >= SERIES_WRITE_MS) this.#writeSeries(series);
      return;
    }
    this.#forgetOld(now);
    if (!this.#takeToken(uid ?? name, now)) {
      this.#options.onOutcome?.('dropped');
      return;
    }
    const event = describeEvent({ controller, object, type, reason, note, action, now });
    const fresh: Series = { event, count: 1, writtenCount: 1, last: now, writtenAt: now };
    this.#series.set(key, fresh);
    this.#enqueue(async () => {
      fresh.event = await this.#options.kube.create(EVENTS, event);
      this.#options.onOutcome?.('created');
    }, type === 'Warning');
  }

  #writeSeries(series: Series): void {
    if (series.count === series.writtenCount) return;
    series.writtenCount = series.count;
    series.writtenAt = this.#clock.now();
    const patch = { series: { count: series.count, lastObservedTime: microTime(series.last) } };
    this.#enqueue(async () => {
      const { namespace = 'default', name } = series.event.metadata;
      try {
        await this.#options.kube.mergePatch(EVENTS, { namespace, name }, patch);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // Events live for an hour; the series goes on in a new one.
        series.event = await this.#options.kube.create(EVENTS, {
          ...series.event,
          ...patch,
          metadata: { namespace, name: `${name.slice(0, name.lastIndexOf('.'))}.${randomBytes(8).toString('hex')}` },
        });
      }
      this.#options.onOutcome?.('series');
    });
  }

  /** @param isUrgent goes before all that waits */
  #enqueue(write: () => Promise<void>, isUrgent = false): void {
    if (this.#line.length >= BACKLOG) {
      this.#options.onOutcome?.('dropped');
      return;
    }
    if (isUrgent) this.#line.unshift(write);
    else this.#line.push(write);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (let write = this.#line.shift(); write !== undefined; write = this.#line.shift()) {
      const waitMs = this.#options.isBusy?.() === false ? 0 : this.#takeTurn();
      if (waitMs > 0) await pause(this.#clock, waitMs, this.#hurry.signal);
      await write().catch((error) => this.#fail(error));
    }
  }

  /** Returns how long the write has to wait. */
  #takeTurn(): number {
    const now = this.#clock.now();
    const { tokens, at } = this.#writes;
    const filled = Math.min(WRITE_BURST, tokens + (now - at) / WRITE_EVERY_MS);
    this.#writes = { tokens: filled - 1, at: now };
    return Math.max(0, 1 - filled) * WRITE_EVERY_MS;
  }

  #fail(error: unknown): void {
    this.#options.onOutcome?.('failed');
    this.#options.log.debug({ err: error }, 'an event could not be written');
  }

  #takeToken(id: string, now: number): boolean {
    const bucket = this.#buckets.get(id) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MS);
    this.#buckets.set(id, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }

  #forgetOld(now: number): void {
    if (now - this.#forgottenAt < FORGET_EVERY_MS) return;
    this.#forgottenAt = now;
    for (const [key, { last }] of this.#series) if (now - last >= SERIES_MS) this.#series.delete(key);
    for (const [id, { at }] of this.#buckets) if (now - at >= FORGET_MS) this.#buckets.delete(id);
  }
}

function describeEvent(input: {
  controller: string;
  object: KubeObject;
  type: EventType;
  reason: string;
  note: string;
  action: string;
  now: number;
}): KubeObject {
  const { apiVersion, kind, metadata } = input.object;
  const { name, namespace, uid } = metadata;
  const event = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      // Events about cluster-scoped objects live in `default`.
      namespace: namespace ?? 'default',
      name: `${name.slice(0, 230)}.${randomBytes(8).toString('hex')}`,
    },
    eventTime: microTime(input.now),
    type: input.type,
    reason: input.reason,
    action: input.action,
    note: cut(input.note),
    regarding: { apiVersion, kind, name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}) },
    reportingController: input.controller,
    reportingInstance: hostname().slice(0, 128),
  };
  return event;
}

/** The API server refuses notes of more than 1,024 bytes. */
function cut(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= NOTE_BYTES) return note;
  const kept = bytes
    .subarray(0, NOTE_BYTES - 3)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  return `${kept}…`;
}
