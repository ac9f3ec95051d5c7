import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from '../kube/api-error.ts';
import { Controller, type Reconcile, TerminalError } from './controller.ts';
import { createControllerMetrics } from './controller-metrics.ts';

const request = { namespace: 'default', name: 'a' };
let controller: Controller;
let registry: Registry;
let lines: { level: number; msg: string; [field: string]: unknown }[];

afterEach(() => controller.stop());

function start(reconcile: Reconcile, workers = 1): Controller {
  registry = new Registry();
  lines = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  controller = new Controller({ name: 'test', reconcile, workers, log, metrics: createControllerMetrics(registry) });
  controller.start();
  return controller;
}

async function outcomes(): Promise<Record<string, number>> {
  const metric = await registry.getSingleMetric('controller_runtime_reconcile_total')?.get();
  return Object.fromEntries(
    (metric?.values ?? []).filter(({ value }) => value > 0).map(({ labels, value }) => [labels.result, value]),
  );
}

test('a throw is retried until it succeeds, and then forgotten', async () => {
  let runs = 0;
  const { queue } = start(async () => {
    if (++runs < 4) throw new Error('not yet');
  });
  queue.add(request);
  await vi.waitFor(async () => expect(await outcomes()).toEqual({ error: 3, success: 1 }));
  expect(queue.retries(request)).toBe(0);
  expect(lines.filter(({ level }) => level === 50).length).toBe(3);
  expect(lines[0]).toMatchObject({ ...request, controller: 'test', reconcileID: expect.any(String) });
});

test('a synchronous throw is retried too', async () => {
  let runs = 0;
  const { queue } = start((() => {
    if (++runs < 2) throw new TypeError('undefined is not a function');
    return Promise.resolve(undefined);
  }) as Reconcile);
  queue.add(request);
  await vi.waitFor(async () => expect(await outcomes()).toEqual({ error: 1, success: 1 }));
});

test('a TerminalError waits for the next change', async () => {
  let runs = 0;
  const { queue } = start(async () => {
    runs++;
    throw new TerminalError('name a chain id');
  });
  queue.add(request);
  await vi.waitFor(async () => expect(await outcomes()).toEqual({ terminal_error: 1 }));
  expect(queue.retries(request)).toBe(0);
  queue.add(request);
  await vi.waitFor(() => expect(runs).toBe(2));
});

test('a conflict is retried without an error in log or metrics', async () => {
  let runs = 0;
  const { queue } = start(async () => {
    if (++runs < 3) throw new ApiError('replace Lease: changed meanwhile', 409, 'Conflict');
  });
  queue.add(request);
  await vi.waitFor(async () => expect(await outcomes()).toEqual({ conflict: 2, success: 1 }));
  expect(lines.filter(({ level }) => level > 20)).toEqual([]);
  const errors = await registry.getSingleMetric('controller_runtime_reconcile_errors_total')?.get();
  expect(errors?.values.map(({ value }) => value)).toEqual([0]);
});

test('requeueAfterMs runs again later', async () => {
  let runs = 0;
  const { queue } = start(async () => (++runs === 1 ? { requeueAfterMs: 20 } : undefined));
  queue.add(request);
  await vi.waitFor(async () => expect(await outcomes()).toEqual({ requeue_after: 1, success: 1 }));
});

test('one object runs once at a time, different ones side by side', async () => {
  const running = new Map<string, () => void>();
  let most = 0;
  const { queue } = start(async ({ name }) => {
    expect(running.has(name)).toBe(false);
    await new Promise<void>((resolve) => {
      running.set(name, resolve);
      most = Math.max(most, running.size);
    });
    running.delete(name);
  }, 2);
  for (const name of ['a', 'b', 'c']) queue.add({ namespace: 'default', name });
  queue.add(request);
  await vi.waitFor(() => expect(running.size).toBe(2));
  queue.add(request);
  while (most < 2 || running.size > 0) {
    for (const finish of running.values()) finish();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(most).toBe(2);
});

test('stop aborts the signal, waits for the running ones, and starts no other', async () => {
  const started: string[] = [];
  const ended: string[] = [];
  const { queue } = start(async ({ name }, { signal }) => {
    started.push(name);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    ended.push(name);
    throw new Error('aborted');
  });
  queue.add(request);
  queue.add({ namespace: 'default', name: 'b' });
  await vi.waitFor(() => expect(started).toEqual(['a']));
  await controller.stop();
  expect([started, ended]).toEqual([['a'], ['a']]);
  expect(await outcomes()).toEqual({ aborted: 1 });
});

test('metrics have the names of controller-runtime', async () => {
  const { queue } = start(async () => undefined, 3);
  queue.add(request);
  await vi.waitFor(async () => expect(await outcomes()).toEqual({ success: 1 }));
  const text = await registry.metrics();
  for (const line of [
    'controller_runtime_reconcile_total{controller="test",result="success"} 1',
    'controller_runtime_reconcile_errors_total{controller="test"} 0',
    'controller_runtime_reconcile_time_seconds_count{controller="test"} 1',
    'controller_runtime_active_workers{controller="test"} 0',
    'controller_runtime_max_concurrent_reconciles{controller="test"} 3',
    'workqueue_depth{name="test",controller="test"} 0',
    'workqueue_adds_total{name="test",controller="test"} 1',
    'workqueue_queue_duration_seconds_count{name="test",controller="test"} 1',
    'workqueue_work_duration_seconds_count{name="test",controller="test"} 1',
    'workqueue_retries_total{name="test",controller="test"} 0',
    'workqueue_unfinished_work_seconds{name="test",controller="test"} 0',
    'workqueue_longest_running_processor_seconds{name="test",controller="test"} 0',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});
