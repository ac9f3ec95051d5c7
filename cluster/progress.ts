/** Says what is going on in plain lines: one when a step ends and, while anything runs, one every ten seconds. */
export type Progress = {
  /** Runs a step under a name. Steps under three seconds print nothing. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
  say(line: string): void;
  /** Ends the ten-second lines. */
  stop(): void;
};

const heartbeatMs = 10_000;
const worthALineMs = 3_000;

export function startProgress(print: (line: string) => void, now: () => number = Date.now): Progress {
  const begin = now();
  const running = new Map<string, number>();
  const say = (line: string) => print(`[${formatElapsed(now() - begin).padStart(6)}] ${line}`);
  const timer = setInterval(() => {
    const steps = [...running].map(([name, since]) => `${name} (${formatElapsed(now() - since)})`);
    if (steps.length > 0) say(`still ${steps.join(', ')}`);
  }, heartbeatMs);
  timer.unref();
  return {
    say,
    stop: () => clearInterval(timer),
    async step(name, run) {
      const since = now();
      running.set(name, since);
      const late = setTimeout(() => say(name), worthALineMs);
      try {
        const result = await run();
        if (now() - since >= worthALineMs) say(`${name}: done in ${formatElapsed(now() - since)}`);
        return result;
      } finally {
        clearTimeout(late);
        running.delete(name);
      }
    },
  };
}

/** "7s", "4m37s". */
export function formatElapsed(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}
