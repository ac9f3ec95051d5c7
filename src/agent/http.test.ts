import { Agent, get } from 'node:http';
import { expect, test } from 'vitest';
import { serve } from './http.ts';

test('a client that is answered while the server ends is told to close its connection', async () => {
  const stop = new AbortController();
  const answer = () => {
    stop.abort();
    return { status: 200, type: 'text/plain', body: 'well' } as const;
  };
  const agent = new Agent({ keepAlive: true });
  let connection: Promise<string | undefined> | undefined;
  await serve({ host: '127.0.0.1', port: 0 }, answer, stop.signal, (port) => {
    connection = new Promise((resolve) => {
      get({ port, agent }, (response) => response.resume().on('end', () => resolve(response.headers.connection)));
    });
  });
  expect(await connection).toBe('close');
  agent.destroy();
});
