/** Server-sent events to one browser. One that does not keep up is cut off: it comes back by itself, and is told everything anew. */
import type { ServerResponse } from 'node:http';
import type { Feed } from './feed.ts';

export type StreamOptions = {
  /** Bytes that may wait for a browser, besides the first event, which may be large. Default 1 MiB. */
  maxWaiting?: number;
  /** How often a comment is sent, so that nobody in between takes the stream for dead, milliseconds. Default 15 s. */
  heartbeatMs?: number;
  /** Asked at each heartbeat whether the browser may still look. */
  mayGoOn(): Promise<boolean>;
  /** Called once. */
  onEnd(): void;
};

/** The browser waits so long before it comes back. */
const RETRY_MS = 2000;

/** Writes the feed until the browser goes. */
export function streamFeed(response: ServerResponse, feed: Feed, options: StreamOptions): void {
  const { maxWaiting = 1024 * 1024, heartbeatMs = 15_000 } = options;
  let allowance: number | undefined;
  response.write(`retry: ${RETRY_MS}\n\n`);
  response.on('drain', () => {
    allowance = maxWaiting;
  });
  const stop = feed.listen((delta) => {
    response.write(formatEvent(delta));
    allowance ??= maxWaiting + response.writableLength;
    if (response.writableLength > allowance) response.destroy();
  });
  const heartbeat = setInterval(async () => {
    if (await options.mayGoOn().catch(() => false)) response.write(': still here\n\n');
    else response.end();
  }, heartbeatMs);
  response.once('close', () => {
    clearInterval(heartbeat);
    stop();
    options.onEnd();
  });
}

/** JSON has no line breaks, so that one line of data is enough. */
function formatEvent(data: string): string {
  return `data: ${data}\n\n`;
}
