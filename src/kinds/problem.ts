/** What is wrong with a spec or with what it refers to, in words for the person who can mend it. */
import { FormatError } from '../formats/format-error.ts';
import type { Reason } from '../reconcile/reasons.ts';

export type Problem = {
  /** CamelCase, stable: it becomes the reason of a condition and of an event. */
  reason: Reason;
  message: string;
  /** The node that cannot run because of it; absent when it concerns the whole resource. */
  node?: string;
};

/** `work()`, or its FormatError as a problem. Any other error is a fault of ours and goes on. */
export function orProblem<T>(work: () => T, toProblem: (message: string) => Problem): T | Problem {
  try {
    return work();
  } catch (error) {
    if (error instanceof FormatError) return toProblem(error.message);
    throw error;
  }
}

export function isProblem(value: unknown): value is Problem {
  return value !== null && typeof value === 'object' && 'reason' in value && 'message' in value;
}
