/** Looks at something from outside all the time, while something is done to it. */
import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 200;
/** Who does not answer within this counts as away. */
export const LOOK_MS = 4000;

/** `at`: milliseconds since the observer started. */
export type Sample<T> = T & { at: number };

export type Observer<T> = {
  /** What was seen so far. */
  samples: readonly Sample<T>[];
  /** Returns all that was seen. */
  stop(): Promise<readonly Sample<T>[]>;
};

/** Starts to look, five times a second as far as the looks are short. One that throws is left out. */
export function observe<T>(look: () => Promise<T>): Observer<T> {
  const start = Date.now();
  const samples: Sample<T>[] = [];
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      const at = Date.now() - start;
      const seen = await look().catch(() => undefined);
      if (seen !== undefined) samples.push({ ...seen, at });
      await sleep(Math.max(0, at + INTERVAL_MS - (Date.now() - start)));
    }
  })();
  return {
    samples,
    async stop() {
      stopped = true;
      await loop;
      return samples;
    },
  };
}
