import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ScriptedApi,
  type SeenRequest,
  sendJson,
  sendStatus,
  startScriptedApi,
} from '../../test/apiserver/scripted-api.ts';
import type { KubeObject } from '../kube/objects.ts';
import { PODS } from '../kube/resource-types.ts';
import { Cache } from './cache.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

const log = pino({ level: 'silent' });

let api: ScriptedApi;
let reflector: Reflector;
let cache: Cache;
beforeEach(async () => {
  api = await startScriptedApi();
  cache = new Cache(PODS, { labels: { app: 'x' } });
});
afterEach(async () => {
  await reflector.stop();
  await api.close();
});

function start(options: Partial<ReflectorOptions<KubeObject>> = {}): void {
  reflector = new Reflector({ kube: api.kube, cache, log, random: () => 0, ...options });
  reflector.start();
}

/** Lists answer with `names`; the watches answer one after the other as given, and the last one for all that follow. */
function script(lists: string[][], watches: ((response: ServerResponse, request: SeenRequest) => void)[]): void {
  let listed = 0;
  let watched = 0;
  api.answer((request, response) => {
    if (request.query.has('watch')) {
      watches[Math.min(watched++, watches.length - 1)]?.(response, request);
    } else {
      const names = lists[Math.min(listed++, lists.length - 1)] ?? [];
      const resourceVersion = String(100 * listed);
      sendJson(response, { metadata: { resourceVersion }, items: names.map((name) => pod(name, resourceVersion)) });
    }
  });
}

function pod(name: string, resourceVersion: string) {
  return { metadata: { namespace: 'default', name, uid: name, resourceVersion } };
}

function event(type: string, name: string, version: number): string {
  return `${JSON.stringify({ type, object: { apiVersion: 'v1', kind: 'Pod', ...pod(name, String(version)) } })}\n`;
}

const names = () => cache.list().map((object) => object.metadata.name);
const watchedFrom = () =>
  api.requests.filter(({ query }) => query.has('watch')).map(({ query }) => query.get('resourceVersion'));
const listCount = () => api.requests.filter(({ query }) => !query.has('watch')).length;
const stayOpen = (response: ServerResponse) => {
  response.writeHead(200).flushHeaders();
};

test('lists, then watches from there with bookmarks and a server time limit', async () => {
  script(
    [['a', 'b']],
    [(response) => response.writeHead(200).write(event('ADDED', 'c', 101) + event('DELETED', 'a', 102))],
  );
  start();
  await reflector.synced;
  await vi.waitFor(() => expect(names()).toEqual(['b', 'c']));
  const [list, watch] = api.requests;
  expect(list?.query.toString()).toBe('labelSelector=app%3Dx&limit=500');
  expect(Object.fromEntries(watch?.query ?? [])).toEqual({
    labelSelector: 'app=x',
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: '100',
    timeoutSeconds: '300',
  });
});

describe('goes on from where it stood after', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['a clean end', (response) => response.end()],
    ['a reset connection', (response) => response.socket?.resetAndDestroy()],
    ['half an event', (response) => response.end('{"type":"ADD')],
    ['garbage', (response) => response.end('<html>\n')],
    [
      'an ERROR event',
      (response) => response.end(`${JSON.stringify({ type: 'ERROR', object: { code: 500, message: 'no leader' } })}\n`),
    ],
  ])('%s', async (_, end) => {
    script(
      [['a']],
      [
        (response) => response.writeHead(200).write(event('BOOKMARK', '', 150), () => end(response)),
        (response) => response.writeHead(200).write(event('ADDED', 'b', 151)),
      ],
    );
    start();
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']));
    expect(watchedFrom()).toEqual(['100', '150']);
    expect(listCount()).toBe(1);
  });

  test.each([[429], [500], [503], [403]])('a watch refused with %i', async (status) => {
    script(
      [['a']],
      [
        (response) => sendStatus(response, status, 'x', 'no'),
        (response) => response.writeHead(200).write(event('ADDED', 'b', 101)),
      ],
    );
    start();
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']));
    expect(watchedFrom()).toEqual(['100', '100']);
  });

  test('a connection that has gone silent', async () => {
    script([['a']], [stayOpen, (response) => response.writeHead(200).write(event('ADDED', 'b', 101))]);
    start({ idleTimeoutMs: 50 });
    await vi.waitFor(() => expect(names()).toEqual(['a', 'b']));
    expect(listCount()).toBe(1);
  });
});

describe('an expired version is listed anew, and what was missed is delivered', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['as an answer', (response) => sendStatus(response, 410, 'Expired', 'too old')],
    [
      'in the stream',
      (response) =>
        response.writeHead(200).end(`${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })}\n`),
    ],
  ])('410 %s', async (_, expire) => {
    const gone: string[] = [];
    cache.onChange((before, after) => {
      if (before && !after) gone.push(before.metadata.name);
    });
    script(
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      [expire, stayOpen],
    );
    start();
    await vi.waitFor(() => expect(names()).toEqual(['b', 'c']));
    expect(gone).toEqual(['a']);
    await vi.waitFor(() => expect(watchedFrom()).toEqual(['100', '200']));
  });

  test('a server that says so for ever is not asked in a tight loop', async () => {
    script([['a']], [(response) => sendStatus(response, 410, 'Expired', 'too old')]);
    start();
    await reflector.synced;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(listCount()).toBeLessThan(6);
  });
});

test('a version that is refused again and again is doubted', async () => {
  script(
    [['a'], ['b']],
    [
      (response) => sendStatus(response, 400, 'BadRequest', 'from the future'),
      ...Array(4).fill((response: ServerResponse) => sendStatus(response, 400, 'BadRequest', 'no')),
      stayOpen,
    ],
  );
  start({ clock: { now: () => Date.now(), after: (ms, callback) => fastTimer(ms, callback) } });
  await vi.waitFor(() => expect(names()).toEqual(['b']));
});

test('Retry-After is honoured', async () => {
  const pauses: number[] = [];
  script(
    [['a']],
    [(response) => sendStatus(response, 429, 'TooManyRequests', 'later', { 'retry-after': '9' }), stayOpen],
  );
  start({
    clock: {
      now: () => Date.now(),
      after(ms, callback) {
        pauses.push(ms);
        return fastTimer(ms, callback);
      },
    },
  });
  await vi.waitFor(() => expect(watchedFrom().length).toBe(2));
  expect(pauses).toContain(9000);
});

test('a list in pages, and in one piece when its snapshot expires on the way', async () => {
  api.answer(({ query }, response) => {
    if (query.has('watch')) stayOpen(response);
    else if (query.has('continue')) sendStatus(response, 410, 'Expired', 'continue token too old');
    else if (query.has('limit'))
      sendJson(response, { metadata: { resourceVersion: '1', continue: 'next' }, items: [pod('a', '1')] });
    else sendJson(response, { metadata: { resourceVersion: '2' }, items: [pod('a', '1'), pod('b', '2')] });
  });
  start();
  await reflector.synced;
  expect(names()).toEqual(['a', 'b']);
});

describe('an API that is not installed', () => {
  const absent = (response: ServerResponse) =>
    sendStatus(response, 404, 'NotFound', 'the server could not find the requested resource');

  test('counts as empty when it is optional, and is picked up when it appears', async () => {
    let installed = false;
    api.answer(({ query }, response) => {
      if (!installed) absent(response);
      else if (query.has('watch')) stayOpen(response);
      else sendJson(response, { metadata: { resourceVersion: '1' }, items: [pod('a', '1')] });
    });
    start({ optional: true, clock: { now: () => Date.now(), after: fastTimer } });
    await reflector.synced;
    expect([names(), [...cache.absentIn]]).toEqual([[], [undefined]]);
    installed = true;
    await vi.waitFor(() => expect(names()).toEqual(['a']));
    expect(cache.absentIn.size).toBe(0);
  });

  test('is waited for when it is not', async () => {
    let synced = false;
    api.answer((_, response) => absent(response));
    start();
    void reflector.synced.then(() => {
      synced = true;
    });
    await vi.waitFor(() => expect(api.requests.length).toBeGreaterThan(1));
    expect(synced).toBe(false);
  });
});

test('a throwing handler is counted, and later events are delivered', async () => {
  const failures: unknown[] = [];
  cache.onChange((_, after) => {
    if (after?.metadata.name === 'bad') throw new Error('handler');
  });
  script([[]], [(response) => response.writeHead(200).write(event('ADDED', 'bad', 101) + event('ADDED', 'good', 102))]);
  start({ observer: { listed() {}, watched() {}, failed: (error) => failures.push(error) } });
  await vi.waitFor(() => expect(names()).toEqual(['bad', 'good']));
  expect(failures).toEqual([new Error('handler')]);
});

test('the answer to a write of ours is not delivered again, and the next watch begins behind it', async () => {
  const seen: (string | undefined)[] = [];
  cache.onChange((_, after) => seen.push(after?.metadata.resourceVersion));
  const answer = { apiVersion: 'v1', kind: 'Pod', metadata: { ...pod('a', '101').metadata, labels: { app: 'x' } } };
  script(
    [[]],
    [
      (response) => {
        cache.recordWrite(answer);
        response.writeHead(200).end(event('ADDED', 'a', 101));
      },
      (response) => response.writeHead(200).write(event('MODIFIED', 'a', 102)),
    ],
  );
  start();
  await vi.waitFor(() => expect(seen).toContain('102'));
  expect(seen).toEqual(['101', '102']);
  expect(watchedFrom()).toEqual(['100', '101']);
});

test('stop ends an open watch, and nothing is delivered afterwards', async () => {
  let watch: ServerResponse | undefined;
  script(
    [['a']],
    [
      (response) => {
        stayOpen(response);
        watch = response;
      },
    ],
  );
  start();
  await vi.waitFor(() => expect(watch).toBeDefined());
  await reflector.stop();
  watch?.write(event('ADDED', 'b', 101));
  expect(names()).toEqual(['a']);
});

/** Long pauses pass in no time; the idle watchdog of the reflector stays asleep. */
function fastTimer(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms >= 150_000 ? ms : 1);
  return () => clearTimeout(timer);
}
