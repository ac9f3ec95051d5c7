/** Conditions as the Kubernetes API conventions define them. */
import type { Condition } from '../kube/objects.ts';
import type { ConditionType, Reason } from './reasons.ts';

export type ConditionInput = Pick<Condition, 'status' | 'message'> & { type: ConditionType; reason: Reason };

/** The longest message the API conventions allow. */
const MAX_MESSAGE = 32_768;

/**
 * `next` with the transition times of `previous` wherever the status of a type did not change. Types that are not in `next` are
 * dropped, so a condition that no longer applies disappears.
 */
export function mergeConditions(
  previous: readonly Condition[],
  next: readonly Pick<Condition, keyof ConditionInput>[],
  generation: number,
  now: Date,
): Condition[] {
  return next.map((condition) => {
    const before = previous.find((old) => old.type === condition.type);
    const message =
      condition.message.length > MAX_MESSAGE ? `${condition.message.slice(0, MAX_MESSAGE - 1)}…` : condition.message;
    return {
      ...condition,
      message,
      observedGeneration: generation,
      lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : toWireTime(now),
    };
  });
}

/** RFC 3339 with seconds, as Kubernetes writes times. */
export function toWireTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
