/**
 * Looks at the fleet every two seconds while anybody listens, and tells all listeners the same: what has changed. While nobody listens there
 * is neither a timer nor a copy of anything.
 */
import { type Clock, systemClock } from '../../runtime/clock.ts';
import type { Delta, OperatorView } from '../wire.ts';
import { compareViews, type Told, tellAll } from './delta.ts';
import type { Fleet } from './fleet.ts';

export type FeedOptions = {
  fleet: Pick<Fleet, 'views' | 'operator'>;
  onError(error: unknown): void;
  /** Default 2000. Nodes are asked every three seconds. */
  everyMs?: number;
  clock?: Clock;
};

type Listener = (delta: string) => void;

export type Feed = {
  /** The listener is told everything, and from then on what changes, as the JSON of a Delta. Returns what ends it. */
  listen(listener: Listener): () => void;
};

export function createFeed({ fleet, onError, everyMs = 2000, clock = systemClock }: FeedOptions): Feed {
  const listeners = new Set<Listener>();
  /** Who have been told nothing yet. */
  const newcomers = new Set<Listener>();
  let told: Told = new Map();
  let toldOperator: string | undefined;
  let numbers = 0;
  let cancelTimer = () => {};
  let isLooking = false;

  function describeOperator(): OperatorView {
    return { ...fleet.operator(), everyMs };
  }

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    cancelTimer();
    try {
      const views = await fleet.views();
      const difference = compareViews(told, views, () => ++numbers);
      told = difference.told;
      tell(difference.delta, difference.isEmpty);
    } catch (error) {
      onError(error);
    } finally {
      isLooking = false;
      if (listeners.size === 0) forget();
      else cancelTimer = clock.after(everyMs, () => void look());
    }
  }

  function tell(changes: Omit<Delta, 'at' | 'operator'>, isEmpty: boolean): void {
    const at = clock.now();
    const operator = describeOperator();
    const isNewOperator = JSON.stringify(operator) !== toldOperator;
    toldOperator = JSON.stringify(operator);
    if (!isEmpty || isNewOperator) {
      const delta = JSON.stringify({ at, ...(isNewOperator ? { operator } : {}), ...changes } satisfies Delta);
      for (const listener of listeners) if (!newcomers.has(listener)) listener(delta);
    }
    if (newcomers.size === 0) return;
    const everything = JSON.stringify({ at, operator, ...tellAll(told) } satisfies Delta);
    for (const listener of newcomers) listener(everything);
    newcomers.clear();
  }

  function forget(): void {
    cancelTimer();
    told = new Map();
    toldOperator = undefined;
  }

  return {
    listen(listener) {
      listeners.add(listener);
      newcomers.add(listener);
      void look();
      return () => {
        listeners.delete(listener);
        newcomers.delete(listener);
        if (listeners.size === 0 && !isLooking) forget();
      };
    },
  };
}
