/** How many nodes of a resource may be out of service at a time, as `maxUnavailable` of a Deployment counts it. */

const DEFAULT = '25%';

/**
 * An absolute number, or a percentage of `desired` rounded down; at least 1. Text that is no percentage counts as the default: the CRD
 * refuses it, and a resource from before that rule must not stand still.
 */
export function maxUnavailableOf(maxUnavailable: number | string | undefined, desired: number): number {
  return Math.max(1, scale(maxUnavailable ?? DEFAULT, desired) ?? scale(DEFAULT, desired) ?? 1);
}

/** How many of `ready` nodes may be stopped now; those that are out of service already count against the budget. */
export function computeRollout(maxUnavailable: number | string | undefined, desired: number, ready: number): number {
  const budget = maxUnavailableOf(maxUnavailable, desired);
  return ready <= desired - budget ? 0 : Math.min(desired, budget - (desired - ready));
}

function scale(value: number | string, desired: number): number | undefined {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? undefined : Math.floor((Number(percent) * desired) / 100);
}
