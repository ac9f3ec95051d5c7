/**
 * Asks many nodes how they are, over and over, and tells a reconciler only when something that matters has changed. It knows nothing of
 * chains: what to ask, how to fold an answer into a state and what matters are arguments.
 */
import { type Clock, systemClock } from './clock.ts';
import type { Request } from './queue.ts';

/** The object on whose behalf nodes are polled. `controller` tells objects of different kinds with one name apart. */
type PollOwner = Request & { controller?: string };

export type PollTarget<State, Answer> = {
  /** The uid of the pod: a new pod starts without a past. */
  id: string;
  /** A throw is an answer too. Should end when `signal` aborts; after the time limit it is not waited for. */
  probe(signal: AbortSignal): Promise<Answer>;
  /** Pure. `now` in milliseconds since 1970. */
  fold(previous: State | undefined, answer: Answer | Error, now: number): State;
};

export type PollerOptions<State> = {
  /** From the end of one poll of a target to the next, give or take a tenth. */
  intervalMs: number;
  /**
   * So many polls a second, about, of all targets that are as they were a minute ago: the more there are, the longer the interval of each, up to
   * five times as long.
   */
  perSecond: number;
  /** Of one probe. */
  timeoutMs: number;
  /** Probes at a time, over all owners. */
  concurrency: number;
  /** What of a state matters; a change of this text wakes the owner. Also called with undefined → first state. */
  significance(state: State): string;
  wake(owner: PollOwner): void;
  /** What `fold` or `significance` threw: a fault in the code; the target keeps its state. */
  onError?(error: unknown): void;
  clock?: Clock;
  /** In [0, 1). */
  random?: () => number;
};

export type Poller<State, Answer> = {
  /** The nodes of an owner from now on. Known ones keep their state, dropped ones lose it, new ones are asked at once. */
  setTargets(owner: PollOwner, targets: PollTarget<State, Answer>[]): void;
  /** Undefined before the first answer. */
  state(id: string): State | undefined;
  forgetOwner(owner: PollOwner): void;
  /**
   * Asks all nodes of an owner out of turn; resolves when all have answered or timed out. An answer to a question from before the call does
   * not count. Wakes as usual.
   */
  pollNow(owner: PollOwner): Promise<void>;
  start(): void;
  /** Ends running probes; states are kept. */
  stop(): void;
};

type Entry<State, Answer> = {
  owner: PollOwner;
  target: PollTarget<State, Answer>;
  state: State | undefined;
  /** When it was new, or something that matters changed. */
  restlessAt: number;
  cancelTimer: () => void;
  /** The poll that runs or waits for its turn. */
  running: { done: Promise<void>; abort: AbortController } | undefined;
};

export function createPoller<State, Answer>(options: PollerOptions<State>): Poller<State, Answer> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const entries = new Map<string, Entry<State, Answer>>();
  const owned = new Map<string, Set<string>>();
  const takeTurn = createTurnstile(options.concurrency);
  let started = false;

  function schedule(entry: Entry<State, Answer>, delayMs: number): void {
    entry.cancelTimer();
    entry.cancelTimer = clock.after(delayMs, () => void poll(entry));
  }

  function scheduleNext(entry: Entry<State, Answer>): void {
    if (started && entries.get(entry.target.id) === entry) {
      schedule(entry, intervalOf(entry) * (0.9 + 0.2 * random()));
    }
  }

  function intervalOf({ restlessAt }: Entry<State, Answer>): number {
    const { intervalMs, perSecond } = options;
    if (clock.now() - restlessAt < RESTLESS_MS) return intervalMs;
    return Math.max(intervalMs, Math.min((entries.size / perSecond) * 1000, intervalMs * MAX_STRETCH));
  }

  function poll(entry: Entry<State, Answer>): Promise<void> {
    if (entry.running) return entry.running.done;
    entry.cancelTimer();
    const abort = new AbortController();
    const done = takeTurn(() => ask(entry, abort)).finally(() => {
      entry.running = undefined;
      scheduleNext(entry);
    });
    entry.running = { done, abort };
    return done;
  }

  async function ask(entry: Entry<State, Answer>, abort: AbortController): Promise<void> {
    if (abort.signal.aborted) return;
    const answer = await probeWithin(entry.target, abort);
    // Stopped, or no longer a target: whatever it answered is about nobody.
    if (abort.signal.aborted && answer === ABORTED) return;
    if (entries.get(entry.target.id) !== entry) return;
    try {
      const before = entry.state;
      const after = entry.target.fold(before, answer as Answer | Error, clock.now());
      entry.state = after;
      const isAsBefore = before !== undefined && options.significance(before) === options.significance(after);
      if (isAsBefore) return;
      entry.restlessAt = clock.now();
      options.wake(entry.owner);
    } catch (error) {
      options.onError?.(error);
    }
  }

  async function probeWithin(
    target: PollTarget<State, Answer>,
    abort: AbortController,
  ): Promise<Answer | Error | typeof ABORTED> {
    return new Promise((resolve) => {
      const cancel = clock.after(options.timeoutMs, () => {
        finish(new Error(`no answer within ${options.timeoutMs / 1000} s`));
        abort.abort();
      });
      const stop = () => finish(ABORTED);
      function finish(answer: Answer | Error | typeof ABORTED) {
        cancel();
        abort.signal.removeEventListener('abort', stop);
        resolve(answer);
      }
      abort.signal.addEventListener('abort', stop, { once: true });
      Promise.resolve()
        .then(() => target.probe(abort.signal))
        .then(finish, (error) => finish(error instanceof Error ? error : new Error(String(error))));
    });
  }

  function drop(entry: Entry<State, Answer>): void {
    entries.delete(entry.target.id);
    entry.cancelTimer();
    entry.running?.abort.abort();
  }

  function setTargets(owner: PollOwner, targets: PollTarget<State, Answer>[]): void {
    const key = keyOf(owner);
    const wanted = new Set(targets.map((target) => target.id));
    for (const id of owned.get(key) ?? []) {
      const entry = entries.get(id);
      if (!wanted.has(id) && entry && keyOf(entry.owner) === key) drop(entry);
    }
    if (wanted.size > 0) owned.set(key, wanted);
    else owned.delete(key);
    for (const target of targets) {
      const known = entries.get(target.id);
      if (known) {
        known.target = target;
        known.owner = owner;
      } else {
        const restlessAt = clock.now();
        const entry = { owner, target, state: undefined, restlessAt, cancelTimer: () => {}, running: undefined };
        entries.set(target.id, entry);
        if (started) schedule(entry, 0);
      }
    }
  }

  return {
    setTargets,
    state: (id) => entries.get(id)?.state,
    forgetOwner: (owner) => setTargets(owner, []),
    async pollNow(owner) {
      const ids = [...(owned.get(keyOf(owner)) ?? [])];
      const askAnew = async (entry: Entry<State, Answer>) => {
        await entry.running?.done;
        await poll(entry);
      };
      await Promise.all(ids.flatMap((id) => entries.get(id) ?? []).map(askAnew));
    },
    start() {
      if (started) return;
      started = true;
      // Spread over one interval: after a restart there may be thousands.
      for (const entry of entries.values()) schedule(entry, options.intervalMs * random());
    },
    stop() {
      started = false;
      for (const entry of entries.values()) {
        entry.cancelTimer();
        entry.running?.abort.abort();
      }
    },
  };
}

const RESTLESS_MS = 60_000;
const MAX_STRETCH = 5;

const ABORTED = Symbol('aborted');

/** Runs at most `limit` functions at a time, in the order they came. */
function createTurnstile(limit: number): (run: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async (run) => {
    if (inside >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside++;
    try {
      await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else inside--;
    }
  };
}

function keyOf({ controller, namespace, name }: PollOwner): string {
  return `${controller ?? ''}/${namespace}/${name}`;
}
