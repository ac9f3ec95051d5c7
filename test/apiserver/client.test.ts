import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/kube/client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, EVENTS, SECRETS } from '../../src/kube/resource-types.ts';
import { EventSink } from '../../src/runtime/events.ts';
import { type ConfigMapObject, configMap } from './config-map.ts';
import { createNamespace, installWidgets, useTestApi, WIDGETS, type Widget } from './control-plane.ts';

const api = useTestApi();
const namespace = 'client';
const fieldManager = 'nodewright-test';
beforeAll(() => createNamespace(api.kube, namespace));

test('create, read, list, patch, replace and delete', async () => {
  const { kube } = api;
  const key = { namespace, name: 'round-trip' };
  expect(await kube.get(CONFIG_MAPS, key)).toBeUndefined();
  const created = await kube.create<ConfigMapObject>(CONFIG_MAPS, configMap(namespace, key.name, { a: '1' }));
  expect(await kube.get(CONFIG_MAPS, key)).toEqual(created);
  await expect(kube.create(CONFIG_MAPS, configMap(namespace, key.name))).rejects.toMatchObject({
    status: 409,
    reason: 'AlreadyExists',
  });

  const patched = await kube.mergePatch<ConfigMapObject>(CONFIG_MAPS, key, {
    data: { a: null, b: '2' },
    metadata: { labels: { app: 'x' } },
  });
  expect(patched.data).toEqual({ b: '2' });
  const stale = { metadata: { resourceVersion: created.metadata.resourceVersion }, data: { c: '3' } };
  await expect(kube.mergePatch(CONFIG_MAPS, key, stale)).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
  const replaced = await kube.replace<ConfigMapObject>(CONFIG_MAPS, { ...patched, data: { d: '4' } });
  expect(replaced.data).toEqual({ d: '4' });
  await expect(kube.replace(CONFIG_MAPS, patched)).rejects.toMatchObject({ status: 409, reason: 'Conflict' });

  const listed = await kube.list<ConfigMapObject>(CONFIG_MAPS, { namespace, labelSelector: 'app=x' });
  expect(listed).toEqual([replaced]);
  expect(await kube.list(CONFIG_MAPS, { namespace, fieldSelector: 'metadata.name=nothing' })).toEqual([]);

  const uid = created.metadata.uid ?? '';
  await expect(kube.delete(CONFIG_MAPS, key, { uid: 'somebody-else' })).rejects.toMatchObject({
    status: 409,
    reason: 'Conflict',
  });
  await kube.delete(CONFIG_MAPS, key, { uid }, { dryRun: true });
  expect(await kube.get(CONFIG_MAPS, key)).toBeDefined();
  expect(await kube.delete(CONFIG_MAPS, key, { uid })).toBeUndefined();
  expect(await kube.get(CONFIG_MAPS, key)).toBeUndefined();
  expect(await kube.delete(CONFIG_MAPS, key, { uid })).toBeUndefined();
});

test('an object with a finalizer is handed back while it terminates', async () => {
  const { kube } = api;
  const key = { namespace, name: 'finalized' };
  const object = configMap(namespace, key.name);
  object.metadata.finalizers = ['test.nodewright.dev/hold'];
  const { metadata } = await kube.create(CONFIG_MAPS, object);
  const terminating = await kube.delete(CONFIG_MAPS, key, { uid: metadata.uid ?? '' });
  expect(terminating?.metadata).toMatchObject({ name: 'finalized', deletionTimestamp: expect.any(String) });
  await kube.mergePatch(CONFIG_MAPS, key, { metadata: { finalizers: null } });
  expect(await kube.get(CONFIG_MAPS, key)).toBeUndefined();
});

test('pages are put together', async () => {
  const { kube } = api;
  await createNamespace(kube, 'pages');
  await Promise.all(
    Array.from({ length: 25 }, (_, index) => kube.create(CONFIG_MAPS, configMap('pages', `c-${index}`))),
  );
  const first = await kube.listPage(CONFIG_MAPS, { namespace: 'pages', limit: 10 });
  expect([first.items.length, first.items[0]?.kind]).toEqual([10, 'ConfigMap']);
  const rest = await kube.listPage(CONFIG_MAPS, { namespace: 'pages', continueToken: first.continueToken ?? '' });
  expect(rest.items.length).toBe(15);
  expect((await kube.list(CONFIG_MAPS, { namespace: 'pages' })).length).toBe(25);
});

describe('server-side apply', () => {
  const secret = (data: Record<string, string>): KubeObject & { data: Record<string, string> } => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: 'applied', labels: { app: 'x' } },
    data,
  });

  test('creates, changes nothing when nothing differs, prunes what is left out, and wins by force', async () => {
    const { kube } = api;
    const apply = (data: Record<string, string>, options = {}) =>
      kube.apply<KubeObject & { data?: Record<string, string> }>(SECRETS, secret(data), { fieldManager, ...options });
    const created = await apply({ a: 'MQ==', b: 'Mg==' });
    const again = await apply({ a: 'MQ==', b: 'Mg==' });
    expect(again.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    const tried = await apply({ a: 'Mw==' }, { dryRun: true });
    expect(tried.data).toEqual({ a: 'Mw==' });
    expect((await kube.get<typeof created>(SECRETS, { namespace, name: 'applied' }))?.data).toEqual(created.data);
    await kube.mergePatch(
      SECRETS,
      { namespace, name: 'applied' },
      { data: { a: 'NA==', c: 'NQ==' } },
      { fieldManager: 'kubectl' },
    );
    const won = await apply({ a: 'MQ==' });
    expect(won.data).toEqual({ a: 'MQ==', c: 'NQ==' });
  });
});

test('custom resources: discovery, defaults, rules and the status subresource', async () => {
  const { kube } = api;
  expect(await kube.discover('test.nodewright.dev/v1')).toBeUndefined();
  await installWidgets(kube);
  expect(await kube.discover('test.nodewright.dev/v1')).toEqual([WIDGETS]);
  const metadata = { namespace, name: 'w' };
  const widget: Widget = { apiVersion: 'test.nodewright.dev/v1', kind: 'Widget', metadata, spec: { size: 1 } };
  const created = await kube.create<Widget>(WIDGETS, widget);
  expect(created).toMatchObject({ spec: { size: 1, colour: 'red' }, metadata: { generation: 1 } });
  await expect(kube.mergePatch(WIDGETS, metadata, { spec: { size: 2 } })).rejects.toThrow(
    /patch Widget client\/w: .*size cannot be changed/,
  );
  const { apiVersion, kind } = widget;
  const status = { apiVersion, kind, metadata, status: { phase: 'Applied' } };
  const applied = await kube.apply<Widget>(WIDGETS, status, { fieldManager, subresource: 'status' });
  expect(applied).toMatchObject({ status: { phase: 'Applied' }, metadata: { generation: 1 } });
  const patched = await kube.mergePatch<Widget>(
    WIDGETS,
    metadata,
    { status: { phase: 'Patched' }, spec: { colour: 'blue' } },
    { subresource: 'status' },
  );
  expect(patched).toMatchObject({ status: { phase: 'Patched' }, spec: { colour: 'red' } });
  const replaced = await kube.replace<Widget>(
    WIDGETS,
    { ...patched, status: { phase: 'Replaced' } },
    { subresource: 'status' },
  );
  expect(replaced.status).toEqual({ phase: 'Replaced' });
});

test('core types are discovered, and the server tells its version', async () => {
  const core = await api.kube.discover('v1');
  expect(core?.find(({ kind }) => kind === 'ConfigMap')).toEqual(CONFIG_MAPS);
  expect((await api.kube.serverVersion()).gitVersion).toMatch(/^v1\.\d+/);
});

test('the pod proxy answers with the status of the API server when there is no pod', async () => {
  const answer = await api.kube.proxyToPod({ namespace, name: 'nobody' }, 26657, '/status', AbortSignal.timeout(5000));
  expect([answer.status, JSON.parse(answer.body).reason]).toEqual([404, 'NotFound']);
});

test('a large object passes, in an answer and in a watch', async () => {
  const { kube } = api;
  const data = { big: 'ä€😀'.repeat(100_000) };
  const { metadata } = await kube.create(CONFIG_MAPS, configMap(namespace, 'before-big'));
  await kube.create(CONFIG_MAPS, configMap(namespace, 'big', data));
  const stop = new AbortController();
  const options = {
    namespace,
    resourceVersion: metadata.resourceVersion ?? '',
    timeoutSeconds: 30,
    signal: stop.signal,
  };
  for await (const event of kube.watch<ConfigMapObject>(CONFIG_MAPS, options)) {
    if (event.type === 'BOOKMARK') continue;
    expect(event.object.data).toEqual(data);
    stop.abort();
  }
  expect((await kube.get<ConfigMapObject>(CONFIG_MAPS, { namespace, name: 'big' }))?.data).toEqual(data);
});

test('the API server accepts our events, their series and long notes', async () => {
  const { kube } = api;
  const outcomes: string[] = [];
  const sink = new EventSink({ kube, log: pino({ level: 'silent' }), onOutcome: (outcome) => outcomes.push(outcome) });
  const recorder = sink.recorder('nodewright.dev/test');
  const object = await kube.create(CONFIG_MAPS, configMap(namespace, 'eventful'));
  for (let count = 0; count < 3; count++) recorder.record(object, 'Warning', 'Tested', 'ä'.repeat(2000));
  await sink.flush(5000);
  expect(outcomes).toEqual(['created', 'series', 'series']);
  const events = await kube.list<KubeObject & { series?: { count: number } }>(EVENTS, { namespace });
  expect(events.map(({ series }) => series?.count)).toEqual([3]);
});

test('a namespace of the context, or default', async () => {
  expect(await connect({ kubeconfig: api.plane.kubeconfigPath })).toMatchObject({
    namespace: 'default',
    server: api.plane.apiServerUrl,
  });
});
