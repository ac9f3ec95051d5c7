/** Waiting for something in the cluster while showing what is missing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../kube/api-error.ts';
import type { Screen } from './demo-screen.ts';

/** What was waited for did not come in time; the message says what was missing last. */
export class TimeIsUpError extends Error {}

export type Sight<T> = { done: T } | { missing: string; details?: string };

export type Waiting = {
  screen: Screen;
  /** Milliseconds since 1970. */
  deadline: number;
  /** Between two looks. */
  pauseMs?: number;
};

/**
 * Looks until it is done, at least once. A look that fails because the API server is out of reach or overloaded counts as one at which
 * everything is missing; any other failure is thrown.
 */
export async function waitUntil<T>(look: () => Promise<Sight<T>>, waiting: Waiting): Promise<T> {
  for (;;) {
    const sight = await look().catch(tolerate);
    if ('done' in sight) return sight.done;
    waiting.screen.show(`waiting for ${sight.missing}`, sight.details);
    if (Date.now() >= waiting.deadline) {
      waiting.screen.settle();
      throw new TimeIsUpError(`still waiting for ${sight.missing}`);
    }
    await sleep(waiting.pauseMs ?? 1000);
  }
}

function tolerate(error: unknown): { missing: string; details?: string } {
  if (error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500))
    return { missing: `the API server (${error.message})` };
  throw error;
}
