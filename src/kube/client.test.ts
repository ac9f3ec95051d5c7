import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedApi, sendJson, sendStatus, startScriptedApi } from '../../test/apiserver/scripted-api.ts';
import { ApiError } from './api-error.ts';
import type { KubeObject } from './objects.ts';
import { CONFIG_MAPS, DEPLOYMENTS, NODES, PODS, SECRETS } from './resource-types.ts';

const key = { namespace: 'default', name: 'a' };
const secret: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata: key };

let api: ScriptedApi;
beforeAll(async () => {
  api = await startScriptedApi({ timeoutMs: 300 });
});
afterAll(() => api.close());
beforeEach(() => {
  api.requests.length = 0;
});

describe('requests', () => {
  test.each([
    ['get', () => api.kube.get(DEPLOYMENTS, key), 'GET /apis/apps/v1/namespaces/default/deployments/a'],
    ['get cluster-scoped', () => api.kube.get(NODES, { name: 'n' }), 'GET /api/v1/nodes/n'],
    [
      'create',
      () => api.kube.create(SECRETS, secret, { fieldManager: 'm' }),
      'POST /api/v1/namespaces/default/secrets?fieldManager=m',
    ],
    [
      'apply',
      () => api.kube.apply(SECRETS, secret, { fieldManager: 'm', dryRun: true }),
      'PATCH /api/v1/namespaces/default/secrets/a?fieldManager=m&dryRun=All&force=true',
    ],
    [
      'apply status',
      () => api.kube.apply(PODS, { ...secret, kind: 'Pod' }, { fieldManager: 'm', subresource: 'status' }),
      'PATCH /api/v1/namespaces/default/pods/a/status?fieldManager=m&force=true',
    ],
    ['merge patch', () => api.kube.mergePatch(PODS, key, {}), 'PATCH /api/v1/namespaces/default/pods/a'],
    ['replace', () => api.kube.replace(SECRETS, secret), 'PUT /api/v1/namespaces/default/secrets/a'],
    ['delete', () => api.kube.delete(SECRETS, key, { uid: 'u' }), 'DELETE /api/v1/namespaces/default/secrets/a'],
    [
      'pod proxy',
      () => api.kube.proxyToPod(key, 26657, '/status?a=b', AbortSignal.timeout(1000)),
      'GET /api/v1/namespaces/default/pods/a:26657/proxy/status?a=b',
    ],
  ])('%s', async (_, call, line) => {
    api.answer((_, response) => sendJson(response, { kind: 'Status' }));
    await call();
    const { method, path, query } = api.requests[0] as (typeof api.requests)[number];
    expect(`${method} ${path}${query.size > 0 ? `?${query}` : ''}`).toBe(line);
  });

  test('content types, user agent and bodies', async () => {
    api.answer((_, response) => sendJson(response, {}));
    await api.kube.apply(SECRETS, secret, { fieldManager: 'm' });
    await api.kube.mergePatch(SECRETS, key, { data: null });
    await api.kube.delete(SECRETS, key, { uid: 'u' }, { propagationPolicy: 'Orphan' }).catch(() => {});
    const [apply, patch, remove] = api.requests;
    expect(apply?.headers).toMatchObject({
      'content-type': 'application/apply-patch+yaml',
      'user-agent': expect.stringMatching(/^nodewright\//),
    });
    expect([patch?.headers['content-type'], patch?.body]).toEqual(['application/merge-patch+json', '{"data":null}']);
    expect(JSON.parse(remove?.body ?? '')).toMatchObject({ preconditions: { uid: 'u' }, propagationPolicy: 'Orphan' });
  });

  test('a list follows pages and fills in what its items lack', async () => {
    api.answer(({ query }, response) =>
      sendJson(
        response,
        query.get('continue') === 'more'
          ? { metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'b' } }] }
          : { metadata: { resourceVersion: '7', continue: 'more' }, items: [{ metadata: { name: 'a' } }] },
      ),
    );
    expect(await api.kube.list(CONFIG_MAPS, { namespace: 'default', labelSelector: 'x=y' })).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } },
    ]);
    expect(api.requests.map(({ query }) => query.toString())).toEqual([
      'labelSelector=x%3Dy&limit=500',
      'labelSelector=x%3Dy&limit=500&continue=more',
    ]);
  });
});

describe('failures', () => {
  test('a missing object is undefined, or no error when it is to be deleted', async () => {
    api.answer((_, response) => sendStatus(response, 404, 'NotFound', 'secrets "a" not found'));
    expect(await api.kube.get(SECRETS, key)).toBeUndefined();
    expect(await api.kube.delete(SECRETS, key, { uid: 'u' })).toBeUndefined();
    expect(await api.kube.discover('snapshot.storage.k8s.io/v1')).toBeUndefined();
    await expect(api.kube.mergePatch(SECRETS, key, {})).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
  });

  test('a Status becomes an ApiError that names what was tried', async () => {
    api.answer((_, response) => sendStatus(response, 409, 'AlreadyExists', 'secrets "a" already exists'));
    await expect(api.kube.create(SECRETS, secret)).rejects.toThrow(
      new ApiError('create Secret default/a: secrets "a" already exists', 409, 'AlreadyExists'),
    );
  });

  test('an answer that is no Status is quoted', async () => {
    api.answer((_, response) => {
      response.writeHead(502).end('<html>bad gateway</html>');
    });
    await expect(api.kube.get(SECRETS, key)).rejects.toThrow(
      'get Secret default/a: HTTP 502: <html>bad gateway</html>',
    );
  });

  test('a server that does not answer in time', async () => {
    api.answer(() => {});
    await expect(api.kube.get(SECRETS, key)).rejects.toMatchObject({
      status: 0,
      reason: 'Unreachable',
      message: expect.stringMatching(/^get Secret default\/a: http:.*no answer within 0.3 s/),
    });
  });

  test('an answer that begins but does not end', async () => {
    api.answer((_, response) => {
      response.writeHead(200).write('{"kind":');
    });
    await expect(api.kube.get(SECRETS, key)).rejects.toMatchObject({ status: 0, reason: 'Unreachable' });
  });

  test.each([
    ['a read after 429', 429, () => api.kube.get(SECRETS, key), 2],
    ['a write after 429', 429, () => api.kube.create(SECRETS, secret), 2],
    ['a read after 503 with Retry-After', 503, () => api.kube.get(SECRETS, key), 2],
    ['no write after 503', 503, () => api.kube.create(SECRETS, secret).catch(() => {}), 1],
    ['no poll of a pod', 503, () => api.kube.proxyToPod(key, 80, '/', AbortSignal.timeout(1000)), 1],
  ])('repeats %s', async (_, status, call, count) => {
    api.answer((_, response) => {
      if (api.requests.length > 1) sendJson(response, secret);
      else sendStatus(response, status, 'x', 'later', { 'retry-after': '0' });
    });
    await call();
    expect(api.requests.length).toBe(count);
  });

  test('a write that may be repeated only after a while is not', async () => {
    api.answer((_, response) => sendStatus(response, 429, 'TooManyRequests', 'later', { 'retry-after': '5' }));
    await expect(api.kube.create(SECRETS, secret)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 5 });
    expect(api.requests.length).toBe(1);
  });

  test('a guarded write is given up in the moment before it is sent, at every try', async () => {
    let asked = 0;
    const guarded = api.kube.guarded?.(() => ++asked < 2);
    api.answer((_, response) => sendStatus(response, 429, 'TooManyRequests', 'later', { 'retry-after': '0' }));
    await expect(guarded?.create(SECRETS, secret)).rejects.toMatchObject({
      status: 0,
      reason: 'NotSent',
      message: 'create Secret default/a: not sent, this process may not write any more',
    });
    expect([asked, api.requests.length]).toEqual([2, 1]);
    await guarded?.get(SECRETS, key).catch(() => {});
    expect(asked).toBe(2);
  });

  test('a read is repeated once after a dropped connection, a write is not', async () => {
    api.answer((_, response) => {
      if (api.requests.length > 1) sendJson(response, secret);
      else response.socket?.resetAndDestroy();
    });
    expect(await api.kube.get(SECRETS, key)).toEqual(secret);
    api.requests.length = 0;
    await expect(api.kube.create(SECRETS, secret)).rejects.toMatchObject({ status: 0 });
    expect(api.requests.length).toBe(1);
  });
});

describe('the answer to a delete', () => {
  const now = '2026-11-20T10:00:00Z';
  test.each([
    ['a Status: gone', { kind: 'Status', status: 'Success' }, false],
    ['an object without a deletion time: gone', { ...secret }, false],
    [
      'no grace period and no finalizer: gone',
      { ...secret, metadata: { ...key, deletionTimestamp: now, deletionGracePeriodSeconds: 0 } },
      false,
    ],
    [
      'a grace period: terminating',
      { ...secret, metadata: { ...key, deletionTimestamp: now, deletionGracePeriodSeconds: 30 } },
      true,
    ],
    [
      'a finalizer: terminating',
      { ...secret, metadata: { ...key, deletionTimestamp: now, finalizers: ['x/y'] } },
      true,
    ],
  ])('%s', async (_, answer, terminating) => {
    api.answer((_, response) => sendJson(response, answer));
    expect(await api.kube.delete(SECRETS, key, { uid: 'u' })).toEqual(terminating ? answer : undefined);
  });
});

describe('watch', () => {
  const options = { resourceVersion: '5', timeoutSeconds: 60 };
  const collect = async (signal: AbortSignal) => {
    const types: string[] = [];
    for await (const event of api.kube.watch(PODS, { ...options, signal })) types.push(event.type);
    return types;
  };
  const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

  test('ends when the server ends it', async () => {
    api.answer((_, response) => {
      response.writeHead(200).end(line('ADDED', secret) + line('BOOKMARK', secret));
    });
    expect(await collect(new AbortController().signal)).toEqual(['ADDED', 'BOOKMARK']);
    expect(api.requests[0]?.query.toString()).toBe(
      'watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=60',
    );
  });

  test('an ERROR event is thrown', async () => {
    api.answer((_, response) => {
      response.writeHead(200).end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }));
    });
    await expect(collect(new AbortController().signal)).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  });

  test('a cut connection is thrown', async () => {
    api.answer((_, response) => {
      response.writeHead(200).write(line('ADDED', secret), () => response.socket?.resetAndDestroy());
    });
    await expect(collect(new AbortController().signal)).rejects.toMatchObject({ status: 0, reason: 'Unreachable' });
  });

  test('a refusal carries Retry-After', async () => {
    api.answer((_, response) => sendStatus(response, 429, 'TooManyRequests', 'later', { 'retry-after': '7' }));
    await expect(collect(new AbortController().signal)).rejects.toMatchObject({ status: 429, retryAfterSeconds: 7 });
  });

  test('an abort ends it without an error', async () => {
    const stop = new AbortController();
    api.answer((_, response) => {
      response.writeHead(200).write(line('ADDED', secret));
    });
    const seen: string[] = [];
    for await (const event of api.kube.watch(PODS, { ...options, signal: stop.signal })) {
      seen.push(event.type);
      stop.abort();
    }
    expect(seen).toEqual(['ADDED']);
  });
});
