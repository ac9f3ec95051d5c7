/** One GET of a file, with redirects and proxies, on node:http. The body is left to the caller. */
import { type IncomingMessage, type RequestOptions, request as startHttp } from 'node:http';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { basicAuthorization, describeUrl } from './download-url.ts';
import { HopelessError } from './hopeless-error.ts';
import { connectThrough, findProxy, proxyHeaders } from './proxy.ts';

const MAX_REDIRECTS = 10;

/** How long to try one address of a host before the next. Node's quarter of a second is too short for far hosts. */
const ADDRESS_TIMEOUT_MS = 5000;

export type GetSettings = {
  headers: Record<string, string>;
  /** For the answer's head, once for each redirect. */
  timeoutMs: number;
  env: NodeJS.ProcessEnv;
};

/** Follows redirects and resolves with the first other answer, whatever its status. */
export async function getFollowing(start: URL, settings: GetSettings): Promise<IncomingMessage> {
  setDefaultAutoSelectFamilyAttemptTimeout(ADDRESS_TIMEOUT_MS);
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await getOnce(url, settings, url.host === start.host ? basicAuthorization(start) : undefined);
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0)) return response;
    response.destroy();
    url = readLocation(response.headers.location, url);
  }
  throw new HopelessError(`more than ${MAX_REDIRECTS} redirects, the last to ${describeUrl(url)}`);
}

function readLocation(location: string | undefined, base: URL): URL {
  if (location === undefined || !URL.canParse(location, base.href)) {
    throw new HopelessError(`${describeUrl(base)} redirects without saying where to`);
  }
  const url = new URL(location, base);
  if (!['http:', 'https:'].includes(url.protocol)) {
    throw new HopelessError(`${describeUrl(base)} redirects to ${url.protocol}//, need http or https`);
  }
  return url;
}

async function getOnce(
  url: URL,
  { headers, timeoutMs, env }: GetSettings,
  authorization: string | undefined,
): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:';
  const proxy = findProxy(url, env);
  const options: RequestOptions = {
    agent: false,
    headers: {
      // Otherwise a checksum and a range might be of something else than the file.
      'accept-encoding': 'identity',
      accept: '*/*',
      'user-agent': `nodewright-agent/${process.env.NODEWRIGHT_VERSION ?? 'development'}`,
      ...(authorization === undefined ? {} : { authorization }),
      ...headers,
    },
  };
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  bare.hash = '';
  if (!isTls && proxy !== undefined) {
    const request = proxy.protocol === 'https:' ? (await import('node:https')).request : startHttp;
    const headersForProxy = { ...options.headers, host: url.host, ...proxyHeaders(proxy) };
    return sendRequest(() => request(proxy, { ...options, headers: headersForProxy, path: bare.href }), timeoutMs);
  }
  if (!isTls) return sendRequest(() => startHttp(bare, options), timeoutMs);
  const [{ request }, tls] = await Promise.all([import('node:https'), import('node:tls')]);
  if (proxy === undefined) return sendRequest(() => request(bare, options), timeoutMs);
  const socket = await connectThrough(proxy, url, timeoutMs);
  const createConnection = () => tls.connect({ socket, servername: url.hostname });
  // Node takes the connection only where it is not asked for an agent.
  return sendRequest(() => request(bare, { headers: options.headers, createConnection }), timeoutMs);
}

function sendRequest(start: () => ReturnType<typeof startHttp>, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = start();
    const tooLate = () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    const timer = setTimeout(tooLate, timeoutMs);
    request.once('response', (response) => {
      clearTimeout(timer);
      resolve(response);
    });
    // Stays: a connection that breaks later tells the response and this.
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(describeConnectionError(error));
    });
    request.end();
  });
}

const CERTIFICATE_ERROR = /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/;

/** A host with several addresses fails with an AggregateError, whose own message is empty. */
function describeConnectionError(error: Error): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return describeConnectionError(error.errors[0]);
  }
  if (CERTIFICATE_ERROR.test((error as NodeJS.ErrnoException).code ?? '')) {
    return new HopelessError(`the server's certificate is not trusted: ${error.message}`);
  }
  return error;
}
