import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pod } from '../kube/objects.ts';
import { podGetDirect } from './pod-http.ts';

let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    switch (request.url) {
      case '/status?a=1':
        return response.end('{"result":"é"}');
      case '/error':
        response.statusCode = 500;
        return response.end('{"error":{}}');
      case '/endless':
        return pipeline(Readable.from(endless()), response, () => {});
      case '/cut':
        response.write('{"res');
        return setImmediate(() => response.destroy());
      default:
        return undefined;
    }
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function pod(podIP?: string): Pod {
  const status = podIP === undefined ? {} : { podIP };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'b' }, status };
}

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(1024 * 1024);
}

const soon = () => AbortSignal.timeout(10_000);

test.each([
  ['127.0.0.1', '/status?a=1', '{"result":"é"}'],
  ['::1', '/status?a=1', '{"result":"é"}'],
  ['127.0.0.1', '/error', '{"error":{}}'],
])('%s answers %s', async (ip, path, body) => {
  expect(await podGetDirect(pod(ip), port, path, soon())).toBe(body);
});

test.each([
  ['/hangs', 'no answer in time', AbortSignal.timeout(200)],
  ['/endless', 'the answer is larger than 16777216 bytes', soon()],
  ['/cut', 'no connection (ECONNRESET)', soon()],
])('%s fails: %s', async (path, message, signal) => {
  await expect(podGetDirect(pod('127.0.0.1'), port, path, signal)).rejects.toThrow(message);
});

test('nobody listens', async () => {
  const closed = createTcpServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port: free } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  await expect(podGetDirect(pod('127.0.0.1'), free, '/', soon())).rejects.toThrow('no connection (ECONNREFUSED)');
});

test('somebody listens who speaks otherwise', async () => {
  const other = createTcpServer((socket) => socket.end('what?\r\n\r\n'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port: taken } = other.address() as AddressInfo;
  await expect(podGetDirect(pod('127.0.0.1'), taken, '/', soon())).rejects.toThrow('an answer that is not HTTP');
  other.close();
});

test('a pod without an address is not called', async () => {
  await expect(podGetDirect(pod(), port, '/', soon())).rejects.toThrow('Pod a has no IP yet');
});

test('no connection is kept', async () => {
  const before = connections;
  for (let call = 0; call < 3; call++) await podGetDirect(pod('127.0.0.1'), port, '/error', soon());
  expect(connections - before).toBe(3);
});
