import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isConflict } from '../../src/kube/api-error.ts';
import { connect } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { KubeObject, Lease } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, LEASES, SECRETS } from '../../src/kube/resource-types.ts';
import { type ManagerOptions, type RunningManager, startManager } from '../../src/runtime/manager.ts';
import { createMetrics } from '../../src/runtime/metrics.ts';
import { isOlder } from '../../src/runtime/resource-version.ts';
import { type ConfigMapObject, configMap } from './config-map.ts';
import { createConfigMap, createNamespace, installWidgets, useTestApi, WIDGETS } from './control-plane.ts';

const api = useTestApi();
const waiting = { timeout: 60_000, interval: 50 };
const LONG_LEASE = { leaseDurationMs: 60_000, renewDeadlineMs: 40_000, retryPeriodMs: 300 };
const SHORT_LEASE = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 300 };

let namespace: string;
let namespaces = 0;
let managers: RunningManager[];
let lines: { level: number; msg: string; controller?: string; err?: { message: string } }[];
const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });

beforeEach(async () => {
  namespace = `manager-${++namespaces}`;
  managers = [];
  lines = [];
  await createNamespace(api.kube, namespace);
});
afterEach(async () => {
  api.proxy.heal();
  await Promise.all(managers.map((manager) => manager.stop()));
});

async function start(options: Partial<ManagerOptions> & Pick<ManagerOptions, 'setUp'>): Promise<RunningManager> {
  const kube = options.kube ?? (await connect({ kubeconfig: api.plane.kubeconfigPath })).kube;
  const manager = await startManager({
    kube,
    namespaces: [namespace],
    leaderElection: false,
    healthAddress: '127.0.0.1:0',
    log,
    ...options,
  });
  managers.push(manager);
  return manager;
}

/** Writes into every ConfigMap named `task-…` who has seen it. */
function signing(identity: string): ManagerOptions['setUp'] {
  return ({ kube, reader }) => ({
    controllers: [
      {
        name: 'signing',
        type: CONFIG_MAPS,
        async reconcile(request) {
          const found = await reader.get<ConfigMapObject>(CONFIG_MAPS, request);
          if (!request.name.startsWith('task-') || !found || found.data?.signed) return undefined;
          await kube.mergePatch(CONFIG_MAPS, request, { data: { signed: identity } });
          return undefined;
        },
      },
    ],
  });
}

async function signer(name: string): Promise<string | undefined> {
  return (await api.kube.get<ConfigMapObject>(CONFIG_MAPS, { namespace, name }))?.data?.signed;
}

test('conflict storms: nothing is lost, and no conflict shows as an error', async () => {
  const metrics = createMetrics({ processMetrics: false });
  const writers = 8;
  const each = 25;
  const key = { namespace, name: 'counter' };
  await createConfigMap(api.kube, namespace, 'counter');
  const sum = ({ data = {} }: ConfigMapObject) =>
    Object.entries(data).reduce((total, [name, value]) => total + (name.startsWith('writer-') ? Number(value) : 0), 0);
  await start({
    metrics,
    setUp: ({ kube, reader }) => ({
      controllers: [
        {
          name: 'summing',
          type: CONFIG_MAPS,
          async reconcile(request) {
            const found = await reader.get<ConfigMapObject>(CONFIG_MAPS, request);
            if (request.name !== 'counter' || !found || found.data?.total === String(sum(found))) return undefined;
            await kube.replace(CONFIG_MAPS, { ...found, data: { ...found.data, total: String(sum(found)) } });
            return undefined;
          },
        },
      ],
    }),
  });
  async function write(writer: string): Promise<void> {
    for (let count = 1; count <= each; ) {
      const found = (await api.kube.get<ConfigMapObject>(CONFIG_MAPS, key)) as ConfigMapObject;
      try {
        await api.kube.replace(CONFIG_MAPS, { ...found, data: { ...found.data, [writer]: String(count) } });
        count++;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, index) => write(`writer-${index}`)));
  await vi.waitFor(async () => {
    const found = await api.kube.get<ConfigMapObject>(CONFIG_MAPS, key);
    expect(found?.data?.total).toBe(String(writers * each));
  }, waiting);
  const text = await metrics.registry.metrics();
  const conflicts = /reconcile_total\{controller="summing",result="conflict"\} (\d+)/.exec(text)?.[1];
  expect(Number(conflicts)).toBeGreaterThan(0);
  expect(text).toContain('controller_runtime_reconcile_errors_total{controller="summing"} 0\n');
  expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
});

test('a write is in the cache when the next reconcile looks', async () => {
  let outdated = 0;
  let rounds = 0;
  await createConfigMap(api.kube, namespace, 'counter', { count: '0' });
  let written = 0;
  await start({
    setUp: ({ kube, reader }) => ({
      controllers: [
        {
          name: 'counting',
          type: CONFIG_MAPS,
          async reconcile(request) {
            const found = await reader.get<ConfigMapObject>(CONFIG_MAPS, request);
            if (request.name !== 'counter' || !found || rounds === 200) return undefined;
            if (Number(found.data?.count) !== written) outdated++;
            rounds++;
            written++;
            await kube.mergePatch(CONFIG_MAPS, request, { data: { count: String(written) } });
            return { requeueAfterMs: 1 };
          },
        },
      ],
    }),
  });
  await vi.waitFor(() => expect(rounds).toBe(200), waiting);
  expect(outdated).toBe(0);
});

test('an API that is installed while the operator runs is picked up', async () => {
  const seen: string[] = [];
  const manager = await start({
    setUp: () => ({
      controllers: [{ name: 'widgets', type: WIDGETS, reconcile: async ({ name }) => void seen.push(name) }],
    }),
  });
  const readiness = async () => (await fetch(`${manager.url}/readyz`)).status;
  await vi.waitFor(
    () => expect(lines.some(({ msg }) => msg.startsWith('the API is not installed'))).toBe(true),
    waiting,
  );
  expect(await readiness()).toBe(503);
  await installWidgets(api.kube);
  const widget = {
    apiVersion: 'test.nodewright.dev/v1',
    kind: 'Widget',
    metadata: { namespace, name: 'w' },
    spec: { size: 1 },
  };
  await api.kube.create<KubeObject>(WIDGETS, widget);
  await vi.waitFor(() => expect(seen).toContain('w'), waiting);
  expect(await readiness()).toBe(200);
});

describe('two managers', () => {
  const startTwo = async (kubes: [Kube, Kube], lease: typeof SHORT_LEASE) => {
    const leaderElection = { namespace, name: 'operator', ...lease };
    const one = await start({
      kube: kubes[0],
      leaderElection: { ...leaderElection, identity: 'one' },
      setUp: signing('one'),
    });
    await one.leading;
    const two = await start({
      kube: kubes[1],
      leaderElection: { ...leaderElection, identity: 'two' },
      setUp: signing('two'),
    });
    await two.synced;
    return { one, two };
  };

  test('only the leader writes, and the standby takes over at once when the leader stops', async () => {
    const { one, two } = await startTwo([api.kube, api.kube], LONG_LEASE);
    for (let task = 0; task < 20; task++) await createConfigMap(api.kube, namespace, `task-${task}`);
    await vi.waitFor(async () => {
      for (let task = 0; task < 20; task++) expect(await signer(`task-${task}`)).toBe('one');
    }, waiting);
    expect([one.isLeader(), two.isLeader()]).toEqual([true, false]);
    const stopped = Date.now();
    await one.stop();
    expect(await one.ended).toBeUndefined();
    await createConfigMap(api.kube, namespace, 'task-after');
    await vi.waitFor(async () => expect(await signer('task-after')).toBe('two'), waiting);
    expect(Date.now() - stopped).toBeLessThan(LONG_LEASE.leaseDurationMs);
  });

  test('a leader that is cut off ends by itself, before the standby leads', async () => {
    const { one, two } = await startTwo([api.proxied, api.kube], SHORT_LEASE);
    let bothLed = false;
    const watching = setInterval(() => {
      if (one.isLeader() && two.isLeader()) bothLed = true;
    }, 1);
    api.proxy.freeze();
    expect(await one.ended).toContain('could not be renewed');
    await two.leading;
    clearInterval(watching);
    expect(bothLed).toBe(false);
    await createConfigMap(api.kube, namespace, 'task-after');
    await vi.waitFor(async () => expect(await signer('task-after')).toBe('two'), waiting);
  });
});

describe('a process that is frozen while it leads', () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  function spawnOperator(identity: string): ChildProcess {
    const script = fileURLToPath(new URL('lone-operator.ts', import.meta.url));
    const args = ['--import', 'tsx', script, api.plane.kubeconfigPath, namespace, identity];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    children.push(child);
    return child;
  }

  async function versionsBy(identity: string): Promise<string[]> {
    const all = await api.kube.list(CONFIG_MAPS, { namespace });
    return all
      .filter(({ metadata }) => metadata.name.startsWith(`${identity}-`))
      .map(({ metadata }) => metadata.resourceVersion ?? '')
      .sort((a, b) => (isOlder(a, b) ? -1 : 1));
  }

  test('writes nothing more once another one may lead, and ends with a failure when it goes on', async () => {
    const leaseOf = async () => api.kube.get<Lease>(LEASES, { namespace, name: 'lone-operator' });
    const frozen = spawnOperator('frozen');
    await vi.waitFor(async () => expect((await versionsBy('frozen')).length).toBeGreaterThan(10), waiting);
    const heir = spawnOperator('heir');
    frozen.kill('SIGSTOP');
    await vi.waitFor(async () => expect((await leaseOf())?.spec?.holderIdentity).toBe('heir'), waiting);
    await vi.waitFor(async () => expect((await versionsBy('heir')).length).toBeGreaterThan(10), waiting);
    const exited = once(frozen, 'exit');
    frozen.kill('SIGCONT');
    expect((await exited)[0]).toBe(1);
    const count = (await versionsBy('heir')).length;
    await vi.waitFor(async () => expect((await versionsBy('heir')).length).toBeGreaterThan(count + 10), waiting);
    // Its writes follow one upon the other. One may have been on its way when the process stopped, with all checks behind it: no
    // process can call that back, only the API server could refuse it.
    const first = (await versionsBy('heir'))[0];
    const late = (await versionsBy('frozen')).filter((version) => isOlder(first, version));
    expect(late.length).toBeLessThanOrEqual(1);

    const ended = once(heir, 'exit');
    heir.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    expect((await leaseOf())?.spec?.holderIdentity).toBe('');
  }, 300_000);
});

test('stop lets running reconciles end, and refuses the writes of those that do not', async () => {
  const events: string[] = [];
  await api.kube.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 's' } });
  let release: () => void = () => {};
  let refused: Promise<unknown> = Promise.resolve();
  const manager = await start({
    drainMs: 200,
    setUp: ({ kube }) => ({
      controllers: [
        {
          name: 'slow',
          type: SECRETS,
          async reconcile(_, { signal }) {
            events.push('started');
            signal.addEventListener('abort', () => events.push('told'));
            await new Promise<void>((resolve) => {
              release = resolve;
            });
            refused = kube.create(CONFIG_MAPS, configMap(namespace, 'too-late')).catch((error) => error);
            await refused;
            return undefined;
          },
        },
      ],
    }),
  });
  await vi.waitFor(() => expect(events).toEqual(['started']), waiting);
  await manager.stop();
  expect(events).toEqual(['started', 'told']);
  release();
  await vi.waitFor(async () => expect(String(await refused)).toContain('not sent'), waiting);
  expect(await api.kube.get(CONFIG_MAPS, { namespace, name: 'too-late' })).toBeUndefined();
});
