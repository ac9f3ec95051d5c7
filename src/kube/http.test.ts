import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttp, type Http } from './http.ts';

let server: Server;
let dispatcher: Agent;
let http: Http;
/** Tokens that the server saw, and what was counted of its answers. */
const tokens: (string | undefined)[] = [];
const codes: string[] = [];
beforeEach(async () => {
  tokens.length = 0;
  codes.length = 0;
  server = createServer(({ headers }, response) => {
    tokens.push(headers.authorization);
    if (headers.authorization === 'Bearer fresh') response.end('{"fine":true}');
    else response.writeHead(401).end('{"message":"who are you?"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // One connection: an answer that is left unread would hold it.
  dispatcher = new Agent({ connections: 1 });
});
afterEach(async () => {
  await dispatcher.destroy();
  server.close();
});

function connectWith(renewed: string): void {
  const access = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    namespace: 'default',
    context: undefined,
    credentials: async (renew = false) => ({
      headers: { authorization: `Bearer ${renew ? renewed : 'stale'}` },
      dispatcher,
    }),
  };
  http = createHttp(access, 'test', (_method, _host, code) => codes.push(code));
}

const request = { method: 'GET', path: '/', timeoutMs: 10_000, what: 'get it' } as const;

test('credentials that are refused are renewed once', async () => {
  connectWith('fresh');
  expect(await http.json(request)).toEqual({ fine: true });
  let text = '';
  for await (const chunk of await http.stream({ ...request, signal: new AbortController().signal }))
    text += Buffer.from(chunk).toString();
  expect(text).toBe('{"fine":true}');
  expect(tokens).toEqual(['Bearer stale', 'Bearer fresh', 'Bearer stale', 'Bearer fresh']);
  expect(codes).toEqual(['401', '200', '401', '200']);
});

test('new credentials that are refused, too, are a failure', async () => {
  connectWith('wrong');
  const failure = { status: 401, message: 'get it: who are you?' };
  await expect(http.json(request)).rejects.toMatchObject(failure);
  await expect(http.stream({ ...request, signal: new AbortController().signal })).rejects.toMatchObject(failure);
  expect(tokens).toHaveLength(4);
});
