/** The little HTTP that the agent needs, on node:http: fetch and a web framework would take more memory than all the rest. */
import { type Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ListenAddress } from './option-values.ts';

const maxBodyBytes = 1024 * 1024;

export type GetOptions = {
  /** For the whole exchange. */
  timeoutMs: number;
  /** Keeps connections; for plain HTTP only. */
  agent?: Agent;
};

/** The body of a GET, whatever its status: CometBFT sends JSON-RPC errors with status 500. Throws with a reason fit for a log. */
export async function getText(url: string, options: GetOptions): Promise<string> {
  // Loaded only where it is needed: TLS takes more memory than a health check does without it.
  const start = url.startsWith('https:') ? (await import('node:https')).get : get;
  const settings = options.agent === undefined || start !== get ? {} : { agent: options.agent };
  let timer: NodeJS.Timeout | undefined;
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = start(url, settings, resolve).on('error', reject);
      const tooLate = () => request.destroy(new Error(`no answer within ${options.timeoutMs / 1000} s`));
      timer = setTimeout(tooLate, options.timeoutMs);
    });
    return await readBody(response);
  } catch (error) {
    throw new Error(describeConnectionError(error));
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error(`the answer is longer than ${maxBodyBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** A host with several addresses fails with an AggregateError, whose own message is empty. */
function describeConnectionError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeConnectionError(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

export type Answer = { status: number; type: 'application/json' | 'text/plain'; body: string };

/** Serves GET and HEAD until the signal is aborted. Rejects when it can't listen. `onListening` gets the port, useful for port 0. */
export async function serve(
  address: ListenAddress,
  answer: (url: URL) => Promise<Answer> | Answer,
  signal: AbortSignal,
  onListening: (port: number) => void = () => {},
): Promise<void> {
  const server = createServer((request, response) => void respond(request, response, answer, signal));
  server.requestTimeout = 10_000;
  const closed = new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.on('close', resolve);
  });
  signal.addEventListener('abort', () => {
    server.close();
    server.closeIdleConnections();
  });
  server.listen(address.port, address.host, () => {
    const bound = server.address();
    onListening(typeof bound === 'object' && bound !== null ? bound.port : address.port);
  });
  if (signal.aborted) server.close();
  await closed;
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (url: URL) => Promise<Answer> | Answer,
  ending: AbortSignal,
): Promise<void> {
  let result: Answer;
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      result = { status: 405, type: 'text/plain', body: 'Only GET is answered here.\n' };
    } else {
      const url = new URL(request.url ?? '/', 'http://agent');
      result = await answer(url);
    }
  } catch (error) {
    result = { status: 500, type: 'text/plain', body: `${error instanceof Error ? error.message : error}\n` };
  }
  // A server does not end while somebody keeps a connection and asks on it again and again.
  if (ending.aborted) response.setHeader('connection', 'close');
  response.writeHead(result.status, { 'content-type': `${result.type}; charset=utf-8` });
  response.end(request.method === 'HEAD' ? undefined : result.body);
}
