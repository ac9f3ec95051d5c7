/**
 * One HTTP request to the API server: time limit, retries where repeating is harmless, and failures as ApiError with a sentence that
 * names what was tried.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { ApiError } from './api-error.ts';
import type { ClusterAccess } from './credentials.ts';
import { type AnswerHeaders, exchange } from './exchange.ts';

type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  contentType?: string;
  /** For the whole request with its answer; of a stream only until the headers are there. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Asked right before the request is sent, at every try. False: it fails with reason NotSent. */
  maySend?: (() => boolean) | undefined;
  /** What is tried, for errors: `get Pod default/a`. */
  what: string;
};

type HttpAnswer = { status: number; text: string };

const MAX_ATTEMPTS = 5;
const MAX_RETRY_AFTER_SECONDS = 30;
/**
 * A write is not repeated later than this after it was asked for: leadership was checked then, and between the moment a leader stops
 * writing and the end of its lease there are five seconds.
 */
const LATEST_REPEATED_WRITE_MS = 4_000;

/** Called for every request that was sent, the repeated ones too; `code` is the HTTP status, or `<error>` when there was no answer. */
export type OnAnswer = (method: string, host: string, code: string) => void;

export type Http = {
  /** The answer with whatever status. `maxBytes` (default: no limit) guards against endless bodies of foreign servers. */
  exchange(options: HttpRequest & { maxBytes?: number; retry?: boolean }): Promise<HttpAnswer>;
  /** The JSON of a 2xx answer; any other status is thrown as ApiError. */
  json<T>(options: HttpRequest): Promise<T>;
  /** The body of a 2xx answer as it comes, for as long as it comes; not retried. Ends when `signal` aborts, by throwing. */
  stream(options: HttpRequest & { signal: AbortSignal }): Promise<AsyncIterable<Uint8Array>>;
};

export function createHttp(access: ClusterAccess, userAgent: string, onAnswer: OnAnswer = () => {}): Http {
  const { host, origin, pathname } = new URL(access.server);
  const base = pathname === '/' ? '' : pathname;

  /** What is sent, with headers that prove who we are. */
  function requestOf(
    options: HttpRequest,
    headers: Record<string, string>,
  ): Dispatcher.RequestOptions & { origin: string } {
    return {
      origin,
      path: `${base}${options.path}${queryString(options.query)}`,
      method: options.method,
      headersTimeout: options.timeoutMs,
      bodyTimeout: 0, // the callers' own limits apply: a deadline for answers, a watchdog for watches
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': userAgent,
        ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    };
  }

  /** Sends with credentials, and once more with new ones after a 401. */
  async function send<T extends { status: number; body?: Dispatcher.ResponseData['body'] }>(
    options: HttpRequest,
    sendBy: (dispatcher: Dispatcher, request: ReturnType<typeof requestOf>) => Promise<T>,
    renewCredentials = false,
  ): Promise<T> {
    const { headers, dispatcher } = await access.credentials(renewCredentials);
    const answer = await sendBy(dispatcher, requestOf(options, headers)).catch((error) => {
      if (!(error instanceof ApiError)) onAnswer(options.method, host, '<error>');
      throw error;
    });
    onAnswer(options.method, host, String(answer.status));
    if (answer.status !== 401 || renewCredentials) return answer;
    await answer.body?.dump();
    return send(options, sendBy, true);
  }

  async function attempt(options: HttpRequest & { maxBytes?: number }): Promise<HttpAnswer & { retryAfter?: number }> {
    const { timeoutMs, maxBytes, signal, maySend } = options;
    const deadline = performance.now() + timeoutMs;
    const beforeSending = maySend === undefined ? undefined : () => refuseUnless(options);
    try {
      const { status, headers, text } = await send(options, (dispatcher, request) =>
        exchange(dispatcher, request, { timeoutMs: deadline - performance.now(), maxBytes, signal, beforeSending }),
      );
      const retryAfter = retryAfterSeconds(headers);
      return { status, text, ...(retryAfter === undefined ? {} : { retryAfter }) };
    } catch (error) {
      throw unreachable(options, access.server, error);
    }
  }

  async function exchangeWithRetries(
    options: HttpRequest & { maxBytes?: number; retry?: boolean },
  ): Promise<HttpAnswer & { retryAfter?: number }> {
    const begun = Date.now();
    for (let tries = 1; ; tries++) {
      const last = options.retry === false || tries >= MAX_ATTEMPTS || options.signal?.aborted === true;
      let delaySeconds: number;
      try {
        const answer = await attempt(options);
        // 429: not processed, so a write may be repeated too. 5xx with Retry-After: a write may have happened.
        const repeatable =
          answer.status === 429 ||
          (options.method === 'GET' && answer.status >= 500 && answer.retryAfter !== undefined);
        if (last || !repeatable) return answer;
        delaySeconds = Math.min(answer.retryAfter ?? 1, MAX_RETRY_AFTER_SECONDS);
        const late = Date.now() - begun + delaySeconds * 1000 > LATEST_REPEATED_WRITE_MS;
        if (options.method !== 'GET' && late) return answer;
      } catch (error) {
        // A kept-alive connection that the server closed meanwhile: once more on a new one, where nothing can happen twice.
        if (last || tries > 1 || options.method !== 'GET' || !isDroppedConnection(error)) throw error;
        delaySeconds = 0;
      }
      await sleep(delaySeconds * 1000, undefined, options.signal ? { signal: options.signal } : {});
    }
  }

  return {
    exchange: exchangeWithRetries,
    async json<T>(options: HttpRequest): Promise<T> {
      const answer = await exchangeWithRetries(options);
      if (answer.status < 200 || answer.status > 299) throw errorFromAnswer(options.what, answer);
      try {
        return JSON.parse(answer.text) as T;
      } catch (error) {
        throw new ApiError(`${options.what}: the answer is not JSON`, answer.status, 'InvalidAnswer', { cause: error });
      }
    },
    async stream(options) {
      const { status, headers, body } = await send(options, async (dispatcher, request) => {
        const opened = await dispatcher.request({ ...request, signal: options.signal });
        return { status: opened.statusCode, headers: opened.headers, body: opened.body };
      }).catch((error) => {
        throw unreachable(options, access.server, error);
      });
      if (status >= 200 && status <= 299) return body;
      const text = await readUpTo(body, 1 << 20).catch(() => '');
      const retryAfter = retryAfterSeconds(headers);
      throw errorFromAnswer(options.what, { status, text, ...(retryAfter === undefined ? {} : { retryAfter }) });
    },
  };
}

/** The ApiError for a `metav1.Status`, in an answer or in a watch. */
export function errorFromStatus(what: string, status: unknown, httpStatus: number, retryAfter?: number): ApiError {
  const { message, reason, details, code } = (status ?? {}) as {
    message?: string;
    reason?: string;
    details?: { retryAfterSeconds?: number };
    code?: number;
  };
  const retryAfterSeconds = retryAfter ?? details?.retryAfterSeconds;
  return new ApiError(
    `${what}: ${message || `HTTP ${httpStatus}`}`,
    typeof code === 'number' ? code : httpStatus,
    reason ?? 'Unknown',
    { details, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  );
}

function errorFromAnswer(what: string, answer: HttpAnswer & { retryAfter?: number }): ApiError {
  let status: unknown;
  try {
    status = JSON.parse(answer.text);
  } catch {
    // Proxies and load balancers answer with text or HTML.
    const excerpt = answer.text.trim().slice(0, 200);
    status = { message: excerpt ? `HTTP ${answer.status}: ${excerpt}` : undefined };
  }
  return errorFromStatus(what, status, answer.status, answer.retryAfter);
}

function unreachable(options: HttpRequest, server: string, cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  const reason = options.signal?.aborted ? 'Aborted' : 'Unreachable';
  return new ApiError(`${options.what}: ${server}: ${describe(cause)}`, 0, reason, { cause });
}

function refuseUnless({ what, maySend }: HttpRequest): void {
  if (maySend?.() === false) throw new ApiError(`${what}: not sent, this process may not write any more`, 0, 'NotSent');
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

function isDroppedConnection(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}

async function readUpTo(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds or an HTTP date; undefined when absent or unreadable. */
function retryAfterSeconds(headers: AnswerHeaders): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

function queryString(query: HttpRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
