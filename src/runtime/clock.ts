/** Time as the runtime uses it: injected, so that tests own it. */
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
};

/** setTimeout fires at once for anything longer than this (24.8 days). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const cancel = clock.after(ms, finish);
    signal?.addEventListener('abort', finish, { once: true });
    function finish() {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    }
  });
}

/** RFC 3339 with microseconds, as the API server wants a MicroTime. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
