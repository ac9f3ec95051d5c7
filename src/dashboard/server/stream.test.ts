/** A stream over real connections: who does not read, and who may look no more. */
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { type StreamOptions, streamFeed } from './stream.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(options: Partial<StreamOptions> = {}) {
  const listeners = new Set<(delta: string) => void>();
  const feed = {
    listen(listener: (delta: string) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const onEnd = vi.fn();
  server = createServer((_request, response) => {
    streamFeed(response, feed, { mayGoOn: async () => true, onEnd, ...options });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<IncomingMessage>((resolve) => {
    request({ port, host: '127.0.0.1' }, resolve).end();
  });
  const tell = (delta: string) => {
    for (const listener of listeners) listener(delta);
  };
  return { answer, listeners, onEnd, tell };
}

test('each delta is one event', async () => {
  const { answer, tell } = await serve();
  let text = '';
  answer.on('data', (data) => {
    text += data;
  });
  tell('{"a":1}');
  await vi.waitFor(() => expect(text).toBe('retry: 2000\n\ndata: {"a":1}\n\n'));
});

test('a browser that does not read is cut off, and nothing is kept for it', async () => {
  const { answer, tell, onEnd, listeners } = await serve({ maxWaiting: 1024 * 1024 });
  answer.pause();
  answer.on('error', () => {});
  const large = 'x'.repeat(256 * 1024);
  // What the kernel holds for both sides comes on top.
  await vi.waitFor(
    () => {
      tell(large);
      expect(onEnd).toHaveBeenCalledTimes(1);
    },
    { timeout: 10_000, interval: 1 },
  );
  expect(listeners.size).toBe(0);
});

test('a first event that is large may take its time', async () => {
  const { answer, tell, onEnd } = await serve({ maxWaiting: 1024 });
  answer.pause();
  const large = 'x'.repeat(16 * 1024 * 1024);
  tell(large);
  tell('y');
  let length = 0;
  answer.on('data', (data: Buffer) => {
    length += data.length;
  });
  answer.resume();
  await vi.waitFor(() => expect(length).toBeGreaterThan(large.length));
  expect(onEnd).not.toHaveBeenCalled();
});

test('a comment keeps the line open; who may look no more is sent away', async () => {
  let may = true;
  const { answer, onEnd } = await serve({ heartbeatMs: 20, mayGoOn: async () => may });
  let text = '';
  answer.on('data', (data) => {
    text += data;
  });
  await vi.waitFor(() => expect(text).toContain(': still here\n\n'));
  may = false;
  await vi.waitFor(() => expect(onEnd).toHaveBeenCalledTimes(1));
  expect(answer.complete).toBe(true);
});
