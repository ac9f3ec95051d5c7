/** What a package's place may answer, over real connections: a sentence for the status, and never half a file. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findHost } from '../../runtime/find-host.ts';
import { download } from './download.ts';

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sai.zip`;
}

test('a file comes whole', async () => {
  const url = await serve((_request, response) => response.end('the file'));
  expect(Buffer.from(await download(url)).toString()).toBe('the file');
});

test.each<[string, RequestListener, string]>([
  ['404', (_request, response) => response.writeHead(404).end('not here'), 'answered with status 404'],
  ['503', (_request, response) => response.writeHead(503).end(), 'answered with status 503'],
  [
    'a file that is cut off',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setTimeout(() => response.destroy(), 50);
    },
    '',
  ],
])('%s is told', async (_what, answer, words) => {
  const url = await serve(answer);
  await expect(download(url)).rejects.toThrow(`${url}: ${words}`);
});

test('a connection that breaks is told', async () => {
  const url = await serve((request) => request.socket.resetAndDestroy());
  await expect(download(url)).rejects.toThrow(`${url}: no connection`);
});

// The name is reserved for what does not exist.
test('a host that does not resolve is told', async () => {
  await expect(download('http://nowhere.invalid/sai.zip')).rejects.toThrow(
    'http://nowhere.invalid/sai.zip: the name of the host does not resolve',
  );
});

test('an address is found for a name that has one', async () => {
  expect(await findHost('localhost')).toBe(true);
});
