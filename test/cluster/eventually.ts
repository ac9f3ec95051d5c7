import { vi } from 'vitest';

/** Repeats a check until it does not throw, and returns its result. After the time limit it throws what the check threw last. */
export function eventually<T>(seconds: number, check: () => Promise<T> | T): Promise<T> {
  return vi.waitFor(check, { timeout: seconds * 1000, interval: 250 });
}
