/**
 * Metrics of controllers and their queues, with controller-runtime's names and labels, so that dashboards and alerts made for Go
 * operators work. `controller_runtime_reconcile_total` has two results that Go does not know: `terminal_error` (also counted there
 * under `controller_runtime_terminal_reconcile_errors_total`) and `conflict`, a lost race that is no error.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { QueueObserver, WorkQueue } from './queue.ts';

type ReconcileOutcome = 'success' | 'requeue_after' | 'error' | 'terminal_error' | 'conflict' | 'aborted';

export type ControllerMetrics = {
  queueObserver(controller: string): QueueObserver;
  /** Reads the gauges of this queue at every scrape. */
  track(controller: string, queue: WorkQueue, workers: number): void;
  /** Call when a reconcile begins, and what it returns when it ended. */
  started(controller: string): (outcome: ReconcileOutcome) => void;
};

const OUTCOMES: ReconcileOutcome[] = ['success', 'requeue_after', 'error', 'terminal_error', 'conflict', 'aborted'];
const RECONCILE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const QUEUE_SECONDS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];

export function createControllerMetrics(registry: Registry): ControllerMetrics {
  const queues = new Map<string, WorkQueue>();
  const registers = [registry];
  const perController = { registers, labelNames: ['controller'] as const };
  const perQueue = { registers, labelNames: ['name', 'controller'] as const };

  const reconciles = new Counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciliations by controller and result',
    registers,
    labelNames: ['controller', 'result'] as const,
  });
  const errors = new Counter({
    name: 'controller_runtime_reconcile_errors_total',
    help: 'Reconciliations that failed, by controller',
    ...perController,
  });
  const terminalErrors = new Counter({
    name: 'controller_runtime_terminal_reconcile_errors_total',
    help: 'Reconciliations that failed and wait for a change, by controller',
    ...perController,
  });
  const seconds = new Histogram({
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Duration of a reconciliation, by controller',
    buckets: RECONCILE_SECONDS,
    ...perController,
  });
  const active = new Gauge({
    name: 'controller_runtime_active_workers',
    help: 'Reconciliations now running, by controller',
    ...perController,
  });
  const limit = new Gauge({
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Reconciliations that may run at a time, by controller',
    ...perController,
  });
  new Gauge({
    name: 'workqueue_depth',
    help: 'Keys in line',
    ...perQueue,
    collect() {
      for (const [name, queue] of queues) this.set({ name, controller: name }, queue.depth);
    },
  });
  const adds = new Counter({ name: 'workqueue_adds_total', help: 'Keys put into line', ...perQueue });
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys put into line by a retry', ...perQueue });
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a key stood in line',
    buckets: QUEUE_SECONDS,
    ...perQueue,
  });
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long a key was worked on',
    buckets: QUEUE_SECONDS,
    ...perQueue,
  });
  new Gauge({
    name: 'workqueue_unfinished_work_seconds',
    help: 'Sum of how long the keys now being worked on have taken; large values mean stuck workers',
    ...perQueue,
    collect() {
      for (const [name, queue] of queues) {
        const sum = queue.workingSince().reduce((total, ms) => total + ms, 0);
        this.set({ name, controller: name }, sum / 1000);
      }
    },
  });
  new Gauge({
    name: 'workqueue_longest_running_processor_seconds',
    help: 'How long the longest running worker has worked on its key',
    ...perQueue,
    collect() {
      for (const [name, queue] of queues) {
        this.set({ name, controller: name }, Math.max(0, ...queue.workingSince()) / 1000);
      }
    },
  });

  return {
    queueObserver(controller) {
      const labels = { name: controller, controller };
      adds.inc(labels, 0);
      retries.inc(labels, 0);
      return {
        added(retry) {
          adds.inc(labels);
          if (retry) retries.inc(labels);
        },
        taken: (waitedMs) => waited.observe(labels, waitedMs / 1000),
        finished: (workedMs) => worked.observe(labels, workedMs / 1000),
      };
    },
    track(controller, queue, workers) {
      queues.set(controller, queue);
      limit.set({ controller }, workers);
      active.set({ controller }, 0);
      errors.inc({ controller }, 0);
      terminalErrors.inc({ controller }, 0);
      for (const result of OUTCOMES) reconciles.inc({ controller, result }, 0);
    },
    started(controller) {
      const stopTimer = seconds.startTimer({ controller });
      active.inc({ controller });
      return (result) => {
        stopTimer();
        active.dec({ controller });
        reconciles.inc({ controller, result });
        if (result === 'error' || result === 'terminal_error') errors.inc({ controller });
        if (result === 'terminal_error') terminalErrors.inc({ controller });
      };
    },
  };
}
