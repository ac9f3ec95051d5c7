/** For tests: an HTTP server with files on it that behaves as badly as it is told. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ServedFile = {
  content: Buffer | string;
  etag?: string | undefined;
  lastModified?: string;
  /** False: ranges are ignored, as by a server that has none. */
  ranges?: boolean;
  /** Sends no content-length. */
  chunked?: boolean;
  /** After how many bytes the connection is cut, answer by answer; later ones are whole. */
  cuts?: number[];
  /** Statuses of the first answers. */
  statuses?: number[];
  headers?: Record<string, string>;
  /** Changes the file before it is served again. */
  onRequest?: (count: number) => Partial<ServedFile>;
  /** Sends this much and then nothing more. */
  stallAfter?: number;
};

export type ScriptedFiles = {
  url: string;
  /** By path. */
  files: Map<string, ServedFile>;
  /** In the order in which they came. */
  requests: { path: string; headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
};

export async function startScriptedFiles(files: Record<string, ServedFile> = {}): Promise<ScriptedFiles> {
  const served = new Map(Object.entries(files));
  const requests: ScriptedFiles['requests'] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://server').pathname;
    requests.push({ path, headers: request.headers });
    const file = served.get(path);
    if (file === undefined) return void response.writeHead(404).end('no such file');
    const count = requests.filter((earlier) => earlier.path === path).length;
    Object.assign(file, file.onRequest?.(count));
    sendFile(request, response, file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: addressOf(server), files: served, requests, close: () => closeServer(server) };
}

export function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: ServedFile): void {
  const content = Buffer.from(file.content);
  const status = file.statuses?.shift();
  if (status !== undefined) return void response.writeHead(status, file.headers).end('not now');
  if (file.etag !== undefined) response.setHeader('etag', file.etag);
  if (file.lastModified !== undefined) response.setHeader('last-modified', file.lastModified);
  const from = file.ranges === false ? 0 : rangeStart(request, file);
  if (from > content.length) return void response.writeHead(416).end();
  if (from > 0) response.setHeader('content-range', `bytes ${from}-${content.length - 1}/${content.length}`);
  for (const [name, value] of Object.entries(file.headers ?? {})) response.setHeader(name, value);
  const body = content.subarray(from);
  if (!file.chunked) response.setHeader('content-length', body.length);
  response.writeHead(from > 0 ? 206 : 200);
  const cut = file.cuts?.shift();
  if (file.stallAfter !== undefined) return void response.write(body.subarray(0, file.stallAfter));
  if (cut === undefined) return void response.end(body);
  // The head has to be on its way before the connection goes.
  response.write(body.subarray(0, cut), () => response.destroy());
}

function rangeStart({ headers }: IncomingMessage, { etag, lastModified }: ServedFile): number {
  const condition = headers['if-range'];
  if (condition !== undefined && condition !== etag && condition !== lastModified) return 0;
  return Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
}
