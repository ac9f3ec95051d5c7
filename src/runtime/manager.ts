/**
 * Puts an operator together. The health server comes first, so that a probe finds something to talk to; then the caches, which a standby
 * keeps warm too; then leadership; and only then the controllers, which find everything they missed in their queues. On the way down the
 * controllers end first and the lease is given back last, so that a successor never meets our writes.
 */
import type { Logger } from 'pino';
import type { Kube } from '../kube/kube.ts';
import { liveReader, type Reader } from '../kube/reader.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import { cachedReader } from './cached-reader.ts';
import { pause, systemClock } from './clock.ts';
import { Controller, type Reconcile, type Request } from './controller.ts';
import { type EventRecorder, EventSink } from './events.ts';
import { type HttpServer, healthRoutes, serveHttp } from './health.ts';
import { LeaderElector, type LeaderOptions } from './leader.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { operatorKube } from './operator-kube.ts';
import { type ChildType, type WatchedType, watchChildren, watchOwn } from './sources.ts';
import { createWatches, type Watches } from './watches.ts';

export type ControllerSpec = {
  /** In logs, metrics and events, such as `tendermint-network`. */
  name: string;
  /** The resource it reconciles. */
  type: ResourceType;
  children?: ChildType[];
  reconcile: Reconcile;
  /** Default 4. */
  workers?: number;
};

/** Something that runs only while leading, such as the poller. */
type LeaderTask = { start(): void; stop(): void | Promise<void> };

/** What the manager gives to those who write controllers. */
export type Runtime = {
  /** Reads from the caches. */
  reader: Reader;
  /** Writes go out only while leading and show in the caches at once. */
  kube: Kube;
  /** Whether this process leads; for what is written elsewhere than to the API server. */
  mayWrite(): boolean;
  log: Logger;
  metrics: Metrics;
  /** For `events.k8s.io`; `controller` without the domain. */
  recorder(controller: string): EventRecorder;
  /** Has a controller look at an object again; unknown names are ignored. */
  enqueue(controller: string, request: Request): void;
};

export type ManagerOptions = {
  kube: Kube;
  /** Watch only these namespaces. Default: all. */
  namespaces?: readonly string[];
  /** False: no election, this process leads at once (a single developer's machine, tests). */
  leaderElection: Omit<LeaderOptions, 'kube' | 'log'> | false;
  /** Such as `:8080`; false: no server. */
  healthAddress: string | false;
  log: Logger;
  metrics?: Metrics;
  /** Types that reconcilers read from caches without being called for them. */
  alsoWatch?: WatchedType[];
  /** Called once, before anything is started. */
  setUp(runtime: Runtime): { controllers: ControllerSpec[]; leaderTasks?: LeaderTask[] };
  /** How long running reconciles may take after a stop. Default 20 s; Kubernetes kills after 30. */
  drainMs?: number;
};

export type RunningManager = {
  /** Of the health server. */
  url: string | undefined;
  isLeader(): boolean;
  /** Who leads as far as is known: a pod, or a machine. */
  leader(): string | undefined;
  /** What is not listed yet, in words; empty when ready. */
  missing(): string[];
  /** Reads from the caches alone: what is in none of them is not there. For who only shows what there is. */
  cached: Reader;
  /** All caches are filled. */
  synced: Promise<void>;
  /** The controllers run. */
  leading: Promise<void>;
  /** Why the manager ended: undefined after `stop`, else what went wrong (the process should exit with a failure). */
  ended: Promise<string | undefined>;
  /** Ends everything in order; resolves when nothing runs any more. */
  stop(): Promise<void>;
};

const NOWHERE: Reader = { get: async () => undefined, list: async () => [] };

const DRAIN_MS = 20_000;
/** A person who mends what was wrong does not want to wait for a quarter of an hour. */
const MAX_RETRY_DELAY_MS = 60_000;
const FLUSH_EVENTS_MS = 2_000;

/** Throws when the health server's address can't be had. Everything else is tried again until it works. */
export async function startManager(options: ManagerOptions): Promise<RunningManager> {
  const { log } = options;
  const metrics = options.metrics ?? createMetrics();
  const elector = options.leaderElection
    ? new LeaderElector({ ...options.leaderElection, kube: options.kube, log })
    : undefined;
  let writing = true;
  const isLeader = () => elector?.isLeader() ?? true;
  const mayWrite = () => writing && isLeader();

  // The types to watch are known only after set-up, which wants the caches: they are looked up when first used.
  let watches: Watches | undefined;
  const caches = {
    find: (type: ResourceType) => watches?.find(type) ?? [],
    synced: (type: ResourceType) => watches?.synced(type) ?? [],
  };
  const kube = operatorKube(options.kube, { caches, mayWrite, onWrite: metrics.countWrite });
  const controllers = new Map<string, Controller>();
  const isBusy = () => [...controllers.values()].some(({ queue }) => queue.depth > 0);
  const events = new EventSink({ kube, log, isBusy, onOutcome: metrics.countEvent });
  const { controllers: specs, leaderTasks = [] } = options.setUp({
    reader: cachedReader(caches, liveReader(options.kube)),
    kube,
    mayWrite,
    log,
    metrics,
    recorder: (controller) => events.recorder(`nodewright.dev/${controller}`),
    enqueue: (controller, request) => controllers.get(controller)?.queue.add(request),
  });

  watches = createWatches({
    kube: options.kube,
    types: [...specs.flatMap(({ type, children = [] }) => [{ type }, ...children]), ...(options.alsoWatch ?? [])],
    namespaces: options.namespaces,
    log,
    metrics,
  });
  for (const spec of specs) controllers.set(spec.name, connectController(spec, watches, log, metrics));

  const missing = () => watches?.missing() ?? [];
  const server = await serveHealth(options, metrics, missing);
  const stopping = new AbortController();
  let end: (reason: string | undefined) => void = () => {};
  const ended = new Promise<string | undefined>((resolve) => {
    end = resolve;
  });

  watches.start();
  elector?.start();
  const synced = watches.ready().then(() => {
    log.info('caches are filled');
  });
  if (options.leaderElection) metrics.setLeading(options.leaderElection.name, false);
  const leading = Promise.all([synced, elector?.acquired]).then(() => {
    if (stopping.signal.aborted) return;
    if (options.leaderElection) metrics.setLeading(options.leaderElection.name, true);
    for (const task of leaderTasks) task.start();
    for (const controller of controllers.values()) controller.start();
    log.info({ controllers: [...controllers.keys()] }, 'controllers are running');
  });

  let stopped: Promise<void> | undefined;
  function stop(reason?: string): Promise<void> {
    stopped ??= shutDown(reason);
    return stopped;
  }
  async function shutDown(reason: string | undefined): Promise<void> {
    stopping.abort();
    if (options.leaderElection) metrics.setLeading(options.leaderElection.name, false);
    await Promise.all(leaderTasks.map((task) => task.stop()));
    const drained = await within(
      options.drainMs ?? DRAIN_MS,
      [...controllers.values()].map((one) => one.stop()),
    );
    if (!drained) log.warn('reconciles still run after the time limit; their further writes are refused');
    await events.flush(FLUSH_EVENTS_MS);
    writing = false;
    await watches?.stop();
    await elector?.stop({ release: drained });
    await server?.close();
    end(reason);
  }
  void elector?.lost.then((reason) => stop(reason));

  // An identity is the host name and something random.
  const leader = () => elector?.holder()?.split('_')[0];
  const cached = cachedReader(caches, NOWHERE);
  return { url: server?.url, isLeader, leader, missing, cached, synced, leading, ended, stop: () => stop() };
}

function connectController(spec: ControllerSpec, watches: Watches, log: Logger, metrics: Metrics): Controller {
  const controller = new Controller({
    name: spec.name,
    reconcile: spec.reconcile,
    log,
    metrics: metrics.controllers,
    maxRetryDelayMs: MAX_RETRY_DELAY_MS,
    ...(spec.workers === undefined ? {} : { workers: spec.workers }),
  });
  const enqueue = (request: Request) => controller.queue.add(request);
  watchOwn(watches.cacheOf({ type: spec.type }), enqueue);
  for (const child of spec.children ?? []) watchChildren(watches.cacheOf(child), spec.type, child.map, enqueue);
  return controller;
}

async function serveHealth(
  options: ManagerOptions,
  metrics: Metrics,
  notReady: () => string[],
): Promise<HttpServer | undefined> {
  if (options.healthAddress === false) return undefined;
  return serveHttp(healthRoutes({ registry: metrics.registry, notReady }), options.healthAddress);
}

/** Whether all have ended before the time is over. */
async function within(ms: number, promises: Promise<unknown>[]): Promise<boolean> {
  const done = new AbortController();
  const ended = await Promise.race([
    Promise.all(promises).then(() => true),
    pause(systemClock, ms, done.signal).then(() => false),
  ]);
  done.abort();
  return ended;
}

/**
 * Waits until SIGTERM or SIGINT, or until the manager ends by itself. Returns the exit code: 0 after a signal, 1 when leadership was
 * lost. A second signal ends the process at once.
 */
export async function runUntilSignal(manager: RunningManager, log: Logger): Promise<number> {
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'stopping');
    process.once('SIGTERM', () => process.exit(1));
    process.once('SIGINT', () => process.exit(1));
    void manager.stop();
  };
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  const reason = await manager.ended;
  if (reason !== undefined) log.fatal({ reason }, 'the operator ends');
  return reason === undefined ? 0 : 1;
}
