import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { CONFIG_MAPS } from '../../src/kube/resource-types.ts';
import { Cache } from '../../src/runtime/cache.ts';
import { Reflector } from '../../src/runtime/reflector.ts';
import { createConfigMap, createNamespace, deleteConfigMap, useTestApi } from './control-plane.ts';

const api = useTestApi();
const namespace = 'watch';
const waiting = { timeout: 60_000, interval: 50 };

let cache: Cache;
let reflector: Reflector;
let counts: { lists: number; watches: number; failures: unknown[] };
let seen: string[];

beforeAll(() => createNamespace(api.kube, namespace));
beforeEach(async () => {
  for (const { metadata } of await api.kube.list(CONFIG_MAPS, { namespace }))
    await deleteConfigMap(api.kube, namespace, metadata.name);
  for (const name of ['kept', 'doomed']) await createConfigMap(api.kube, namespace, name);
  cache = new Cache(CONFIG_MAPS, { namespaces: [namespace] });
  counts = { lists: 0, watches: 0, failures: [] };
  await start();
  seen = [];
  cache.onChange((before, after) => {
    seen.push(`${before ? (after ? '~' : '-') : '+'}${(after ?? before)?.metadata.name}`);
  });
});
afterEach(async () => {
  await reflector.stop();
  api.proxy.heal();
});

async function start(options: { idleTimeoutMs?: number } = {}): Promise<void> {
  reflector = new Reflector({
    kube: api.proxied,
    cache,
    namespace,
    log: pino({ level: 'silent' }),
    observer: {
      listed: () => counts.lists++,
      watched: () => counts.watches++,
      failed: (error) => counts.failures.push(error),
    },
    ...options,
  });
  reflector.start();
  await reflector.synced;
}

/** The watch is known to be open: a change has come through it. */
async function expectDelivery(name: string): Promise<void> {
  await createConfigMap(api.kube, namespace, name);
  await vi.waitFor(() => expect(cache.get({ namespace, name })).toBeDefined(), waiting);
}

async function addAndDelete(): Promise<void> {
  await createConfigMap(api.kube, namespace, 'added');
  await deleteConfigMap(api.kube, namespace, 'doomed');
}

async function expectBothDelivered(): Promise<void> {
  await vi.waitFor(() => expect(seen).toEqual(expect.arrayContaining(['+added', '-doomed'])), waiting);
  expect(
    cache
      .list()
      .map(({ metadata }) => metadata.name)
      .sort(),
  ).toEqual(['added', 'canary', 'kept']);
  expect(seen).toEqual(expect.not.arrayContaining(['-kept']));
}

test('a cut connection: the watch goes on from where it stood, without a new list', async () => {
  await expectDelivery('canary');
  api.proxy.sever();
  await addAndDelete();
  await expectBothDelivered();
  expect(counts.lists).toBe(1);
});

test('an outage of the network: what happened meanwhile is delivered', async () => {
  await expectDelivery('canary');
  api.proxy.block();
  await addAndDelete();
  await vi.waitFor(() => expect(counts.failures.length).toBeGreaterThan(2), waiting);
  api.proxy.heal();
  await expectBothDelivered();
});

test('a connection that dies without a word is noticed', async () => {
  await reflector.stop();
  await start({ idleTimeoutMs: 2000 });
  await expectDelivery('canary');
  api.proxy.freeze();
  await addAndDelete();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(seen).not.toContain('+added');
  await vi.waitFor(() => expect(counts.watches).toBeGreaterThan(2), waiting);
  api.proxy.heal();
  await expectBothDelivered();
});

test('an API server that is killed and restarted: an add and a delete of the meantime are delivered', async () => {
  await expectDelivery('canary');
  api.proxy.block();
  await addAndDelete();
  await api.plane.killApiServer();
  api.proxy.heal();
  await vi.waitFor(() => expect(counts.failures.length).toBeGreaterThan(2), waiting);
  expect(seen).not.toContain('+added');
  await api.plane.startApiServer();
  await expectBothDelivered();
});

test('an expired resourceVersion: a new list delivers what was missed', async () => {
  await expectDelivery('canary');
  api.proxy.block();
  await addAndDelete();
  const late = new AbortController();
  const expired = api.kube.watch(CONFIG_MAPS, {
    namespace,
    resourceVersion: '1',
    timeoutSeconds: 5,
    signal: late.signal,
  });
  await expect(expired[Symbol.asyncIterator]().next()).rejects.toMatchObject({ status: 410 });
  // The version the reflector stands at is made one that the server has never kept.
  const refuseOnce = vi
    .spyOn(api.proxied, 'watch')
    .mockImplementationOnce((type, options) => api.kube.watch(type, { ...options, resourceVersion: '1' }));
  api.proxy.heal();
  await expectBothDelivered();
  expect(refuseOnce).toHaveBeenCalled();
  expect(counts.lists).toBe(2);
  refuseOnce.mockRestore();
});
