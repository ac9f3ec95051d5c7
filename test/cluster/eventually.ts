import { vi } from 'vitest';

/** Limits are written for a machine that has nothing else to do; here the chains of several files share two cores. */
const PATIENCE = 2;

/** Repeats a check until it does not throw, and returns its result. After the time limit it throws what the check threw last. */
export function eventually<T>(seconds: number, check: () => Promise<T> | T): Promise<T> {
  return vi.waitFor(check, { timeout: seconds * 1000 * PATIENCE, interval: 250 });
}
