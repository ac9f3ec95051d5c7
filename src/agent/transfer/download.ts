/**
 * Downloads a file as a stream that survives cut connections: it goes on where it was, with a range request that holds only for the
 * same file. Where the server can't do that, or has another file meanwhile, the reader starts over.
 */
import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { formatBytes } from '../byte-size.ts';
import { describeUrl } from './download-url.ts';
import { HopelessError } from './hopeless-error.ts';
import { getFollowing } from './http-get.ts';
import { reportProgress } from './progress.ts';

export type RemoteFile = {
  url: URL;
  /** Of the resource, for messages: `spec.chain.genesisURL`. */
  field: string;
  /** Lower-case hex of the file as it is downloaded, and the field that says so. */
  sha256?: string | undefined;
  sha256Field: string;
  /** A longer file is refused. */
  maxBytes?: number;
};

export type DownloadSettings = {
  log: (line: string) => void;
  /** For proxies. */
  env: NodeJS.ProcessEnv;
  now: () => number;
  timing: DownloadTiming;
};

export type DownloadTiming = {
  /** Before the second try; doubles from try to try. */
  firstWaitMs: number;
  /** For the head of an answer. */
  answerMs: number;
  /** Without a byte. */
  idleMs: number;
};

export const DOWNLOAD_TIMING: DownloadTiming = { firstWaitMs: 1000, answerMs: 30_000, idleMs: 60_000 };

/** Tries in a row that bring less than ENOUGH_BYTES. */
const MAX_TRIES = 6;
const ENOUGH_BYTES = 1024 * 1024;
const MAX_WAIT_MS = 30_000;
const MAX_STARTS = 3;

/** What a reader gets at each start. */
export type Body = { chunks: AsyncIterable<Buffer>; totalBytes: number | undefined };

/**
 * Calls `read` with the file from its beginning, and again whenever the download has to start over: `read` puts away what it made of
 * the first bytes. What it does not read is read here, so that the end and the checksum are always checked before this resolves.
 * Throws one line that names the URL.
 */
export async function download<T>(
  file: RemoteFile,
  settings: DownloadSettings,
  read: (body: Body) => Promise<T>,
): Promise<T> {
  const { log } = settings;
  for (let start = 1; ; start += 1) {
    const transfer = new Transfer(file, settings);
    try {
      const totalBytes = await transfer.open();
      const size = totalBytes === undefined ? 'size unknown' : formatBytes(totalBytes);
      log(`downloading ${describeUrl(file.url)} (${size})`);
      const chunks = transfer.chunks();
      const result = await read({ chunks, totalBytes });
      for await (const _ of chunks);
      transfer.checkComplete();
      return result;
    } catch (error) {
      // What the reader says of a stream that broke is only what followed.
      const cause = transfer.failure ?? error;
      if (!(cause instanceof MustStartOver)) throw cause;
      if (start === MAX_STARTS) {
        throw new Error(`cannot download ${describeUrl(file.url)}: ${cause.message}, ${MAX_STARTS} times in all`);
      }
      log(`${cause.message}: starting over`);
    } finally {
      transfer.close();
    }
  }
}

class MustStartOver extends Error {}

/** One pass over the file, from its first byte. */
class Transfer {
  /** Why the stream ended before the file did. */
  failure: unknown;
  private readonly file: RemoteFile;
  private readonly settings: DownloadSettings;
  private readonly hash: Hash | undefined;
  private response: IncomingMessage | undefined;
  private position = 0;
  private totalBytes: number | undefined;
  private validator: string | undefined;
  private complete = false;
  private closed = false;

  constructor(file: RemoteFile, settings: DownloadSettings) {
    this.file = file;
    this.settings = settings;
    this.hash = file.sha256 === undefined ? undefined : createHash('sha256');
  }

  /** Resolves with the size of the file, if the server tells it. */
  async open(): Promise<number | undefined> {
    await this.tryUntilOpen(0);
    return this.totalBytes;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    const progress = reportProgress(this.settings.log, this.totalBytes, this.settings.now);
    let tries = 1;
    while (!this.complete) {
      const before = this.position;
      try {
        for await (const chunk of this.readResponse()) {
          this.position += chunk.length;
          this.checkSize(this.position);
          this.hash?.update(chunk);
          progress(this.position);
          yield chunk;
        }
        if (this.totalBytes !== undefined && this.position < this.totalBytes) throw new Error('the connection was cut');
        this.complete = true;
      } catch (error) {
        if (this.closed) return;
        tries = this.position - before >= ENOUGH_BYTES ? 2 : tries + 1;
        await this.orFail(async () => {
          await this.waitBeforeTry(tries, error);
          tries = await this.tryUntilOpen(tries);
        });
      }
    }
  }

  /** Throws unless the file was read to its end and is the one that was meant. */
  checkComplete(): void {
    if (!this.complete) throw new Error(`${describeUrl(this.file.url)} was not read to its end`);
    const found = this.hash?.digest('hex');
    if (found === this.file.sha256) return;
    throw new Error(
      `checksum of ${describeUrl(this.file.url)} is ${found}, but ${this.file.sha256Field} says ${this.file.sha256}: ` +
        'the file was changed, there or on the way, or the field belongs to another one',
    );
  }

  close(): void {
    this.closed = true;
    this.response?.destroy();
  }

  private async orFail(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  private async *readResponse(): AsyncGenerator<Buffer> {
    const response = this.response as IncomingMessage;
    const { idleMs } = this.settings.timing;
    const iterator = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    let waiting = false;
    const tooLate = () => {
      // A slow reader is no fault of the server's.
      if (waiting) response.destroy(new Error(`no byte for ${idleMs / 1000} s`));
      else timer.refresh();
    };
    const timer = setTimeout(tooLate, idleMs);
    try {
      for (;;) {
        waiting = true;
        timer.refresh();
        const { value, done } = await iterator.next();
        waiting = false;
        if (done) return;
        yield value;
      }
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? new Error('the connection was cut') : error;
    } finally {
      clearTimeout(timer);
      response.destroy();
    }
  }

  /** `tries` have been made, or are being made now; returns the number of the one that succeeded. */
  private async tryUntilOpen(tries: number): Promise<number> {
    for (let number = Math.max(1, tries); ; number += 1) {
      try {
        await this.openOnce();
        return number;
      } catch (error) {
        if (error instanceof MustStartOver) throw error;
        await this.waitBeforeTry(number + 1, error);
      }
    }
  }

  private async waitBeforeTry(number: number, error: unknown): Promise<void> {
    const url = describeUrl(this.file.url);
    const reason = error instanceof Error ? error.message : String(error);
    const at = this.position === 0 ? '' : ` at ${formatBytes(this.position)}`;
    const size = this.position === 0 || this.totalBytes === undefined ? '' : ` of ${formatBytes(this.totalBytes)}`;
    if (error instanceof HopelessError) throw new Error(`cannot download ${url}: ${reason}; check ${this.file.field}`);
    if (number > MAX_TRIES) {
      throw new Error(
        `cannot download ${url}: ${reason}${at}${size}; gave up after ${MAX_TRIES} tries: check ${this.file.field}, the server and the network`,
      );
    }
    const own = Math.min(this.settings.timing.firstWaitMs * 2 ** (number - 2), MAX_WAIT_MS);
    const asked = error instanceof BusyServer ? Math.min(error.retryAfterMs, MAX_WAIT_MS) : 0;
    const waitMs = Math.max(own, asked);
    this.settings.log(`${url}: ${reason}${at}${size}; try ${number} of ${MAX_TRIES} in ${waitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }

  private async openOnce(): Promise<void> {
    const { timing, env } = this.settings;
    const ranged = this.position > 0;
    const headers: Record<string, string> = {};
    if (ranged) {
      // Without either, nobody could tell whether the rest is that of the same file.
      if (this.validator === undefined && this.hash === undefined) {
        throw new MustStartOver(`${describeUrl(this.file.url)}: the server can't continue a download that was cut`);
      }
      headers.range = `bytes=${this.position}-`;
      if (this.validator !== undefined) headers['if-range'] = this.validator;
    }
    const response = await getFollowing(this.file.url, { headers, timeoutMs: timing.answerMs, env });
    this.response = response;
    try {
      if (ranged) this.checkContinues(response);
      else this.readHead(response);
    } catch (error) {
      response.destroy();
      throw error;
    }
  }

  private readHead(response: IncomingMessage): void {
    if (response.statusCode !== 200) throw describeStatus(response);
    const { etag, 'last-modified': lastModified, 'content-length': length } = response.headers;
    this.totalBytes = length === undefined ? undefined : Number(length);
    this.validator = etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;
    this.checkSize(this.totalBytes ?? 0);
  }

  private checkContinues(response: IncomingMessage): void {
    const { statusCode, headers } = response;
    const url = describeUrl(this.file.url);
    if (statusCode === 200) {
      const current = [headers.etag, headers['last-modified']];
      const changed = this.validator !== undefined && !current.includes(this.validator);
      throw new MustStartOver(
        changed
          ? `${url}: the file changed during the download`
          : `${url}: the server can't continue a download that was cut`,
      );
    }
    if (statusCode === 416) throw new MustStartOver(`${url}: the file changed during the download`);
    if (statusCode !== 206) throw describeStatus(response);
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
    if (Number(from) !== this.position) {
      throw new MustStartOver(`${url}: the server sent another part of the file than was asked for`);
    }
    if (total !== '*' && this.totalBytes !== undefined && Number(total) !== this.totalBytes) {
      throw new MustStartOver(`${url}: the file changed during the download`);
    }
  }

  private checkSize(bytes: number): void {
    const { maxBytes } = this.file;
    if (maxBytes === undefined || bytes <= maxBytes) return;
    throw new HopelessError(`it is larger than the ${formatBytes(maxBytes)} that such a file may have`);
  }
}

class BusyServer extends Error {
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

const ADVICE: Record<number, string> = {
  401: ': it needs credentials',
  403: ': it needs credentials, or the URL is no longer valid',
  404: ': there is no such file',
  410: ': the file is no longer there',
};

function describeStatus({ statusCode = 0, statusMessage, headers }: IncomingMessage): Error {
  const said = `the server answered ${statusCode} ${statusMessage ?? ''}`.trim();
  if (statusCode >= 500 || [408, 425, 429].includes(statusCode)) {
    const seconds = Number(headers['retry-after']);
    return new BusyServer(said, Number.isFinite(seconds) ? seconds * 1000 : 0);
  }
  return new HopelessError(`${said}${ADVICE[statusCode] ?? ''}`);
}
