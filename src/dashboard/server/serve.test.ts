/** The server as a browser meets it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { HttpServer } from '../../runtime/health.ts';
import { type Delta, idOf } from '../wire.ts';
import { pageFilesIn } from './page-files.ts';
import { sampleFleet, sampleView } from './sample-fleet.ts';
import { serveDashboard } from './serve.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'nodewright-dashboard-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `${TOKEN}\n`);
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
const files = pageFilesIn(pathToFileURL(`${folder}/`));

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
});

async function serve(options: { tokenFile?: string } = {}) {
  const fleet = sampleFleet([sampleView('hub', [10])]);
  const onError = (error: unknown) => {
    throw error;
  };
  server = await serveDashboard({ address: '127.0.0.1:0', fleet, files, onError, ...options });
  const { url } = server;
  return { fleet, url, get: (path: string, headers = {}) => fetch(`${url}${path}`, { headers }) };
}

const query = (name: string) => new URLSearchParams(sampleView(name) as never).toString();

describe('an address', () => {
  test.each(['0.0.0.0:0', ':0'])('%s is refused without a token', async (address) => {
    const fleet = sampleFleet([]);
    await expect(serveDashboard({ address, fleet, files, onError: () => {} })).rejects.toThrow(
      '--dashboard-token-file',
    );
  });

  test('is refused with a token that can be guessed', async () => {
    const short = join(folder, 'short');
    writeFileSync(short, 'secret');
    await expect(serve({ tokenFile: short })).rejects.toThrow('found 6 characters, at least 16 are needed');
  });
});

test('the page comes with headers that let it load from here alone', async () => {
  const { get } = await serve();
  const page = await get('/');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';");
  expect(page.headers.get('x-frame-options')).toBe('DENY');
  for (const path of ['/token', '/../token', '/assets/../token', '/nothing.js'])
    expect((await get(path)).status).toBe(404);
});

test('a name that was made to point here is refused', async () => {
  const { url } = await serve();
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.write('GET /api/plan HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'),
    );
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1.1 403 /);
});

test('there is no way to write', async () => {
  const { url } = await serve();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
    expect((await fetch(`${url}/api/plan?${query('hub')}`, { method })).status).toBe(404);
});

test('plan and events of a resource, or that there is none', async () => {
  const { get } = await serve();
  expect(await (await get(`/api/plan?${query('hub')}`)).json()).toMatchObject({ changes: [{ why: 'image v1 → v2' }] });
  expect(await (await get(`/api/events?${query('hub')}`)).json()).toEqual([]);
  const none = await get(`/api/plan?${query('nothing')}`);
  expect([none.status, await none.json()]).toEqual([404, { error: 'there is no TendermintNetwork chains/nothing' }]);
});

test('with a token nothing but the page comes without it', async () => {
  const { get, url } = await serve({ tokenFile });
  expect((await get('/')).status).toBe(200);
  for (const path of ['/api/stream', '/api/access', `/api/plan?${query('hub')}`, `/api/events?${query('hub')}`])
    expect((await get(path)).status).toBe(401);
  expect((await get('/api/access', { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  const login = (token: string, headers = {}) =>
    fetch(`${url}/api/login`, { method: 'POST', body: JSON.stringify({ token }), headers });
  expect((await login('wrong')).status).toBe(401);
  expect((await login(TOKEN, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  const cookie = (await login(TOKEN)).headers.get('set-cookie')?.split(';')[0] ?? '';
  expect((await get('/api/access', { cookie })).status).toBe(200);
  const out = await fetch(`${url}/api/logout`, { method: 'POST' });
  expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
});

test('the stream tells everything, and then what changes', async () => {
  const { get, fleet } = await serve();
  const answer = await get('/api/stream');
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const heard: Delta[] = [];
  void hear(answer, (delta) => heard.push(delta));
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(Object.values(heard[0]?.add ?? {}).map(idOf)).toEqual(fleet.shown.map(idOf));
  fleet.shown = [sampleView('hub', [11])];
  await vi.waitFor(() => expect(heard).toHaveLength(2), 5000);
  expect(heard[1]?.nodes).toEqual({ 1: { 0: { height: 11 } } });
});

/** Reads the events of a stream until it ends. */
async function hear(answer: Response, onDelta: (delta: Delta) => void): Promise<void> {
  let text = '';
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = (await reader?.read().catch(() => ({ value: undefined, done: true }))) ?? { done: true };
    if (done) return;
    text += value;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) if (event.startsWith('data: ')) onDelta(JSON.parse(event.slice(6)) as Delta);
  }
}
