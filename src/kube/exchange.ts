/** A request and its whole answer, on the pool's own interface: a stream and a signal for each would cost more than the rest of a write. */
import type { Dispatcher } from 'undici';

export type Answer = { status: number; headers: AnswerHeaders; text: string };

export type AnswerHeaders = Record<string, string | string[] | undefined>;

type Limits = {
  /** For all of it, from now. */
  timeoutMs: number;
  /** Larger answers fail. Default: no limit. */
  maxBytes?: number | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Called in the very moment before the bytes of the request are written; what it throws fails the request unsent. A check before the call
   * would be older by the wait for a connection, a TLS handshake or a stop of the process.
   */
  beforeSending?: (() => void) | undefined;
};

/** Rejects with an Error that says what is wrong but not with which request; with the signal's reason when that aborts. */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { timeoutMs, maxBytes = Number.POSITIVE_INFINITY, signal, beforeSending }: Limits,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let running: Dispatcher.DispatchController | undefined;
    let hasEnded = false;
    const end = () => {
      hasEnded = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    const fail = (error: Error) => {
      if (hasEnded) return;
      end();
      reject(error);
      running?.abort(error);
    };
    const giveUp = () => fail(signal?.reason);
    const timer = setTimeout(
      () => fail(new Error(`no answer within ${Math.round(timeoutMs / 100) / 10} s`)),
      timeoutMs,
    );
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) return giveUp();

    const answer: Answer = { status: 0, headers: {}, text: '' };
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        if (hasEnded) throw new Error('given up while it waited for a connection');
        beforeSending?.();
        running = controller;
      },
      onResponseStart(_controller, status, headers) {
        // What comes before the answer, such as 103 Early Hints, is followed by the answer.
        Object.assign(answer, { status, headers });
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length;
        if (bytes > maxBytes) fail(new Error(`the answer is larger than ${maxBytes} bytes`));
        else chunks.push(chunk);
      },
      onResponseEnd() {
        if (hasEnded) return;
        end();
        answer.text = Buffer.concat(chunks).toString('utf8');
        resolve(answer);
      },
      onResponseError: (_controller, error) => fail(error),
    };
    try {
      dispatcher.dispatch(request, handler);
    } catch (error) {
      fail(error as Error);
    }
  });
}
