/** A clock for tests and simulations: time stands still until it is moved. */
import type { Clock } from './clock.ts';

export type ManualClock = Clock & {
  /** Moves time on, running what falls due in order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** When the next timer falls due, in milliseconds from now; undefined without one. */
  nextTimer(): number | undefined;
};

export function manualClock(start = 0): ManualClock {
  let now = start;
  let timers: { at: number; callback: () => void }[] = [];
  const clock: ManualClock = {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + Math.max(0, ms), callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      await settle(); // what was begun before may set timers yet
      const end = now + ms;
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = due.at;
        timers = timers.filter((other) => other !== due);
        due.callback();
        await settle();
      }
      now = end;
      await settle();
    },
    nextTimer() {
      const earliest = Math.min(...timers.map((timer) => timer.at));
      return earliest === Infinity ? undefined : earliest - now;
    },
  };
  return clock;
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
