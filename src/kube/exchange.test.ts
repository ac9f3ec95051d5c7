import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { exchange } from './exchange.ts';

let server: Server;
let dispatcher: Agent;
let listener: RequestListener;
const paths: (string | undefined)[] = [];
beforeEach(async () => {
  paths.length = 0;
  server = createServer((request, response) => {
    paths.push(request.url);
    listener(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  dispatcher = new Agent({ connections: 1 });
});
afterEach(async () => {
  await dispatcher.destroy();
  server.closeAllConnections();
  server.close();
});

function get(path: string, limits: Partial<Parameters<typeof exchange>[2]> = {}) {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return exchange(dispatcher, { origin, path, method: 'GET' }, { timeoutMs: 10_000, ...limits });
}

test('status, headers and the text of all chunks', async () => {
  listener = (_, response) => {
    response.writeHead(418, { 'retry-after': '3' });
    const bytes = Buffer.from('Grüße');
    response.write(bytes.subarray(0, 3), () => response.end(bytes.subarray(3)));
  };
  expect(await get('/')).toMatchObject({ status: 418, headers: { 'retry-after': '3' }, text: 'Grüße' });
});

test('an answer that is too large, and the next one on the same pool', async () => {
  listener = (request, response) => response.end(request.url === '/large' ? 'x'.repeat(1001) : 'small');
  await expect(get('/large', { maxBytes: 1000 })).rejects.toThrow('the answer is larger than 1000 bytes');
  expect((await get('/small', { maxBytes: 1000 })).text).toBe('small');
});

test('an abort: before, while it waits for a connection, and under way', async () => {
  const reason = new Error('enough');
  await expect(get('/before', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  listener = () => {};
  const underWay = new AbortController();
  const waiting = new AbortController();
  const first = get('/under-way', { signal: underWay.signal });
  const second = get('/waiting', { signal: waiting.signal });
  await vi.waitFor(() => expect(paths).toEqual(['/under-way']));
  waiting.abort(reason);
  await expect(second).rejects.toBe(reason);
  underWay.abort(reason);
  await expect(first).rejects.toBe(reason);
  listener = (_, response) => response.end('fine');
  expect((await get('/after')).text).toBe('fine');
  // What was given up while it waited was not sent when its turn came.
  expect(paths).toEqual(['/under-way', '/after']);
});

test('what is thrown before sending is the failure, and nothing is sent', async () => {
  const refusal = new Error('not now');
  const beforeSending = () => {
    throw refusal;
  };
  await expect(get('/refused', { beforeSending })).rejects.toBe(refusal);
  listener = (_, response) => response.end();
  await get('/sent', { beforeSending: () => {} });
  expect(paths).toEqual(['/sent']);
});

test('a server that is gone', async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  await expect(
    exchange(dispatcher, { origin: 'http://127.0.0.1:1', path: '/', method: 'GET' }, { timeoutMs: 10_000 }),
  ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
