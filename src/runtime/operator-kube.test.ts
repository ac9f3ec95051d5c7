import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedApi, sendJson, sendStatus, startScriptedApi } from '../../test/apiserver/scripted-api.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';
import { liveReader } from '../kube/reader.ts';
import { CONFIG_MAPS, PODS, SECRETS } from '../kube/resource-types.ts';
import { Cache } from './cache.ts';
import { type CacheSet, cachedReader } from './cached-reader.ts';
import { manualClock } from './manual-clock.ts';
import { NotLeadingError, operatorKube } from './operator-kube.ts';

const key = { namespace: 'default', name: 'a' };
const pod = (resourceVersion: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { ...key, uid: 'u', resourceVersion },
});

let api: ScriptedApi;
let cache: Cache;
let leading: boolean;
let written: string[];
let kube: Kube;
beforeAll(async () => {
  api = await startScriptedApi();
});
afterAll(() => api.close());
beforeEach(() => {
  api.requests.length = 0;
  cache = new Cache(PODS);
  leading = true;
  written = [];
  const caches: CacheSet = {
    find: (type) => (type === PODS ? [cache] : []),
    synced: (type) => (type === PODS ? [cache] : []),
  };
  kube = operatorKube(api.kube, {
    caches,
    mayWrite: () => leading,
    onWrite: (verb, type, code) => written.push(`${verb} ${type.plural} ${code}`),
  });
});

const writes: [string, () => Promise<unknown>][] = [
  ['create', () => kube.create(PODS, pod(''))],
  ['apply', () => kube.apply(PODS, pod(''), { fieldManager: 'm' })],
  ['patch', () => kube.mergePatch(PODS, key, {})],
  ['replace', () => kube.replace(PODS, pod(''))],
];

describe('writes', () => {
  test.each(writes)('%s puts its answer into the cache and is counted', async (verb, write) => {
    api.answer((_, response) => sendJson(response, pod('7')));
    await write();
    expect(cache.get(key)).toEqual(pod('7'));
    expect(written).toEqual([`${verb} pods 2xx`]);
  });

  test('a delete takes the object out of the cache at once', async () => {
    cache.applyEvent('ADDED', pod('5'));
    api.answer((_, response) => sendJson(response, { kind: 'Status', status: 'Success' }));
    await kube.delete(PODS, key, { uid: 'u' });
    expect(cache.get(key)).toBeUndefined();
  });

  test('a delete that takes its time shows in the cache', async () => {
    const metadata = {
      ...pod('8').metadata,
      deletionTimestamp: '2026-11-20T10:00:00Z',
      deletionGracePeriodSeconds: 30,
    };
    cache.applyEvent('ADDED', pod('5'));
    api.answer((_, response) => sendJson(response, { ...pod('8'), metadata }));
    await kube.delete(PODS, key, { uid: 'u' });
    expect(cache.get(key)?.metadata.deletionTimestamp).toBe('2026-11-20T10:00:00Z');
  });

  test('a failed write leaves the cache alone and is counted with its status', async () => {
    cache.applyEvent('ADDED', pod('5'));
    api.answer((_, response) => sendStatus(response, 409, 'Conflict', 'changed'));
    for (const [, write] of writes) await expect(write()).rejects.toThrow('changed');
    await expect(kube.delete(PODS, key, { uid: 'u' })).rejects.toThrow('changed');
    expect(cache.get(key)).toEqual(pod('5'));
    expect(written).toEqual(['create', 'apply', 'patch', 'replace', 'delete'].map((verb) => `${verb} pods 409`));
  });

  test('a write whose answer was lost shows in the cache all the same', async () => {
    cache.applyEvent('ADDED', pod('5'));
    const metadata = { ...pod('8').metadata, deletionTimestamp: '2026-11-20T10:00:00Z' };
    api.answer(({ method }, response) =>
      method === 'GET'
        ? sendJson(response, { ...pod('8'), metadata })
        : sendStatus(response, 504, 'Timeout', 'request did not complete'),
    );
    await expect(kube.delete(PODS, key, { uid: 'u' })).rejects.toThrow('request did not complete');
    expect(cache.get(key)?.metadata.deletionTimestamp).toBe('2026-11-20T10:00:00Z');
    api.answer((_, response) => sendStatus(response, 500, 'InternalError', 'etcd'));
    await expect(kube.delete(PODS, key, { uid: 'u' })).rejects.toThrow('etcd');
    expect(cache.get(key)?.metadata.deletionTimestamp).toBe('2026-11-20T10:00:00Z');
    api.answer(({ method }, response) =>
      method === 'GET'
        ? sendStatus(response, 404, 'NotFound', 'gone')
        : sendStatus(response, 503, 'ServiceUnavailable', 'later'),
    );
    await expect(kube.delete(PODS, key, { uid: 'u' })).rejects.toThrow('later');
    expect(cache.get(key)).toBeUndefined();
  });

  test('nothing is sent while not leading, reads and dry runs are', async () => {
    leading = false;
    api.answer((_, response) => sendJson(response, pod('7')));
    for (const [, write] of writes) await expect(write()).rejects.toThrow(NotLeadingError);
    await expect(kube.delete(PODS, key, { uid: 'u' })).rejects.toThrow('delete Pod default/a: not sent');
    expect(api.requests).toEqual([]);
    await kube.get(PODS, key);
    await kube.apply(PODS, pod(''), { fieldManager: 'm', dryRun: true });
    expect(api.requests.length).toBe(2);
    expect(cache.get(key)).toBeUndefined();
    expect(written).toEqual([]);
  });
});

test('leadership that ends while a write waits to be sent keeps it from being sent', async () => {
  let asked = 0;
  const losing = operatorKube(api.kube, {
    caches: { find: () => [cache], synced: () => [cache] },
    mayWrite: () => ++asked === 1,
  });
  await expect(losing.create(PODS, pod(''))).rejects.toThrow(NotLeadingError);
  expect([asked, api.requests.length]).toEqual([2, 0]);
});

describe('a cached reader', () => {
  const complete = new Cache(PODS);
  complete.applyEvent('ADDED', pod('5'));
  const filtered = new Cache(SECRETS, { labels: { app: 'x' } });
  filtered.applyEvent('ADDED', { ...pod('5'), kind: 'Secret' });
  const limited = new Cache(CONFIG_MAPS, { namespaces: ['default'] });
  let synced = true;
  const caches: CacheSet = {
    find: () => [],
    synced: (type) => (synced ? [complete, filtered, limited].filter((one) => one.type === type) : []),
  };
  const other = { namespace: 'other', name: 'b' };

  test.each<[string, (reader: ReturnType<typeof cachedReader>) => Promise<unknown>, boolean]>([
    ['a hit', (reader) => reader.get(PODS, key), false],
    ['a miss of a complete cache', (reader) => reader.get(PODS, other), false],
    ['a list of a complete cache', (reader) => reader.list(PODS, { labels: { any: 'thing' } }), false],
    ['a hit of a filtered cache', (reader) => reader.get(SECRETS, key), false],
    ['a miss of a filtered cache', (reader) => reader.get(SECRETS, other), true],
    ['a list that asks for the filter', (reader) => reader.list(SECRETS, { labels: { app: 'x', b: 'c' } }), false],
    ['a list that does not', (reader) => reader.list(SECRETS, { labels: { b: 'c' } }), true],
    ['an unwatched namespace', (reader) => reader.get(CONFIG_MAPS, other), true],
    ['a list of all watched namespaces', (reader) => reader.list(CONFIG_MAPS, {}), false],
    ['a list of an unwatched namespace', (reader) => reader.list(CONFIG_MAPS, { namespace: 'other' }), true],
  ])('%s', async (_, read, live) => {
    api.answer((_, response) => sendJson(response, { metadata: { resourceVersion: '1' }, items: [] }));
    await read(cachedReader(caches, liveReader(api.kube)));
    expect(api.requests.length).toBe(live ? 1 : 0);
  });

  test('finds no API where there is none, and asks again now and then, not for each that wants to know', async () => {
    const clock = manualClock();
    let installed = false;
    api.answer((_, response) =>
      installed
        ? sendJson(response, { metadata: { resourceVersion: '1' }, items: [pod('9')] })
        : sendStatus(response, 404, 'NotFound', 'the server could not find the requested resource'),
    );
    const absent = new Cache(PODS, { namespaces: ['default', 'other'] });
    const reader = cachedReader({ find: () => [], synced: () => [absent] }, liveReader(api.kube), clock);
    const list = () => reader.list(PODS, { namespace: 'default' }).catch((error) => error.status);
    absent.absentIn.add('default').add('other');
    expect([await list(), await list(), api.requests.length]).toEqual([404, 404, 1]);
    await clock.advance(10_000);
    expect([await list(), api.requests.length]).toEqual([404, 2]);
    installed = true;
    await clock.advance(10_000);
    absent.absentIn.delete('other');
    expect(await list()).toMatchObject([pod('9')]);
    absent.absentIn.delete('default');
    expect([await list(), api.requests.length]).toEqual([[], 3]);
  });

  test('reads live until the first list is there', async () => {
    synced = false;
    api.answer((_, response) => sendJson(response, pod('9')));
    expect(await cachedReader(caches, liveReader(api.kube)).get(PODS, key)).toEqual(pod('9'));
    synced = true;
  });
});
