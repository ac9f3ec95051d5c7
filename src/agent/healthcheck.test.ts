import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runHealthcheck } from './healthcheck.ts';
import { type ScriptedRpc, startScriptedRpc } from './scripted-rpc.ts';

let rpc: ScriptedRpc;
let stop: AbortController;
let running: Promise<void>;
let base: string;
let lines: string[];

beforeEach(async () => {
  rpc = await startScriptedRpc();
  stop = new AbortController();
  lines = [];
  base = await new Promise<string>((resolve) => {
    const listen = { host: '127.0.0.1', port: 0 };
    const onListening = (port: number) => resolve(`http://127.0.0.1:${port}`);
    const options = {
      rpc: rpc.url,
      listen,
      home: '/',
      timeoutMs: 100,
      log: (line: string) => void lines.push(line),
      onListening,
    };
    running = runHealthcheck(options, stop.signal);
  });
});
afterEach(async () => {
  stop.abort();
  await running;
  await rpc.close();
});

async function ask(path: string, method = 'GET'): Promise<{ status: number; body: unknown }> {
  const response = await fetch(base + path, { method, headers: { connection: 'close' } });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

describe('healthcheck', () => {
  it('says 200 in sync, 422 catching up, 503 without a usable answer, as the Cosmos Operator does', async () => {
    expect(await ask('/')).toEqual({ status: 200, body: { address: rpc.url, in_sync: true } });
    rpc.set({ catchingUp: true });
    const reason = 'the node is catching up with the chain';
    expect(await ask('/any/path')).toEqual({ status: 422, body: { address: rpc.url, in_sync: false, reason } });
    rpc.set({ raw: '404 page not found' });
    const error = '/status: found text that is not JSON, need a JSON document';
    expect(await ask('/')).toEqual({ status: 503, body: { address: rpc.url, in_sync: false, error, reason: error } });
    rpc.set({ silent: true });
    expect(await ask('/')).toMatchObject({ status: 503, body: { error: 'no answer within 0.1 s' } });
    await rpc.close();
    expect(await ask('/')).toMatchObject({ status: 503, body: { error: expect.stringContaining('ECONNREFUSED') } });
  });

  it('logs only what changed', async () => {
    await ask('/');
    await ask('/');
    rpc.set({ catchingUp: true });
    await ask('/');
    await ask('/');
    expect(lines).toEqual(['the node is in sync', 'the node is catching up with the chain']);
  });

  it('looks at the databases of a data directory', async () => {
    expect(await ask('/databases?dir=%2Fnope')).toEqual({ status: 200, body: { dir: '/nope', databases: [] } });
    expect(await ask('/databases')).toMatchObject({ status: 400 });
  });

  it('measures the disk of its home or of another directory', async () => {
    const home = await ask('/disk');
    expect(home).toMatchObject({ status: 200, body: { dir: '/' } });
    const { all_bytes, free_bytes } = home.body as { all_bytes: number; free_bytes: number };
    expect(all_bytes).toBeGreaterThan(free_bytes);
    expect(await ask('/disk?dir=%2Ftmp')).toMatchObject({ status: 200, body: { dir: '/tmp' } });
    const error = 'no such file or directory';
    expect(await ask('/disk?dir=%2Fnope')).toEqual({ status: 500, body: { dir: '/nope', error } });
  });

  it('takes the form that nodes of Sei answer in, and lives through any other', async () => {
    rpc.set({ raw: '{"sync_info":{"latest_block_height":"5","latest_block_time":"","catching_up":false}}' });
    expect(await ask('/')).toEqual({ status: 200, body: { address: rpc.url, in_sync: true } });
    for (const raw of ['', 'null', '[]', '7', '{"result":null}', '{"result":{"sync_info":[]}}', '{"error":"x"}']) {
      rpc.set({ raw });
      expect(await ask('/')).toMatchObject({ status: 503, body: { in_sync: false, error: expect.any(String) } });
    }
  });

  it('insists on a directory when it has no home, as the Cosmos Operator does', async () => {
    const inner = new AbortController();
    const listen = { host: '127.0.0.1', port: 0 };
    let started: Promise<void> = Promise.resolve();
    base = await new Promise<string>((resolve) => {
      const onListening = (port: number) => resolve(`http://127.0.0.1:${port}`);
      started = runHealthcheck({ rpc: rpc.url, listen, timeoutMs: 100, log: () => {}, onListening }, inner.signal);
    });
    const error = 'query param dir must be specified';
    expect(await ask('/disk')).toEqual({ status: 400, body: { error } });
    expect(await ask('/disk?dir=')).toEqual({ status: 400, body: { error } });
    expect(await ask('/disk?dir=/')).toMatchObject({ status: 200, body: { dir: '/', all_bytes: expect.any(Number) } });
    // A file system without blocks.
    expect(await ask('/disk?dir=/proc')).toEqual({ status: 200, body: { dir: '/proc' } });
    inner.abort();
    await started;
  });

  it('answers only GET and HEAD', async () => {
    expect((await ask('/', 'POST')).status).toBe(405);
    expect(await ask('/', 'HEAD')).toEqual({ status: 200, body: '' });
  });

  it('fails when its port is taken', async () => {
    const listen = { host: '127.0.0.1', port: Number(new URL(base).port) };
    const second = runHealthcheck({ rpc: rpc.url, listen, home: '/', timeoutMs: 100, log: () => {} }, stop.signal);
    await expect(second).rejects.toThrow('EADDRINUSE');
  });
});
