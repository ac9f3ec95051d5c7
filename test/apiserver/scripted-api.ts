/** An HTTP server on loopback that answers as a test tells it to, and a client for it: for answers that a real API server can't be made to give. */
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { type Connection, connect } from '../../src/kube/client.ts';
import { writeKubeconfig } from './kubeconfig.ts';

export type SeenRequest = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
};
type Answer = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

export type ScriptedApi = Connection & {
  requests: SeenRequest[];
  /** Replaces the answer to all requests from now on. */
  answer(with_: Answer): void;
  close(): Promise<void>;
};

export async function startScriptedApi(
  options: Pick<NonNullable<Parameters<typeof connect>[0]>, 'timeoutMs' | 'onAnswer'> = {},
): Promise<ScriptedApi> {
  const requests: SeenRequest[] = [];
  let answer: Answer = (_, response) => sendStatus(response, 500, 'InternalError', 'nothing scripted');
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const request = {
      method: incoming.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    requests.push(request);
    await answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kubeconfig = await writeKubeconfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const connection = await connect({ kubeconfig, ...options });
  return {
    ...connection,
    requests,
    answer(with_) {
      answer = with_;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await rm(dirname(kubeconfig), { recursive: true });
    },
  };
}

export function sendJson(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A failure as the API server words it. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, code, headers);
}
