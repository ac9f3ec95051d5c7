/** What the demo shows: lines that stay, and below them what goes on at the moment. */

export type Screen = {
  /** Lines that stay. */
  say(text: string): void;
  /**
   * What is going on: a line, and details under it. A terminal shows both in place; anywhere else the line is printed when it is another
   * one than before, and the details every ten seconds.
   */
  show(line: string, details?: string): void;
  /** Makes the last of what was shown stay. */
  settle(): void;
};

export type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number };

const DETAILS_EVERY_MS = 10_000;
/** Of a terminal: erase from the cursor to the end of the screen. */
const ERASE_BELOW = '\u001b[J';

/** Times are counted from the call of this function. */
export function createScreen(output: Output, now: () => number = Date.now): Screen {
  const begin = now();
  const stamp = (line: string) => `[${formatElapsed(now() - begin).padStart(6)}] ${line}`;
  return output.isTTY ? terminalScreen(output, stamp) : logScreen(output, stamp, now);
}

function terminalScreen(output: Output, stamp: (line: string) => string): Screen {
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) output.write(`\u001b[${drawn}A${ERASE_BELOW}`);
    drawn = 0;
  };
  return {
    say(text) {
      erase();
      output.write(`${text}\n`);
    },
    show(line, details = '') {
      // A line that wraps would take two rows, and the next frame would begin too low.
      const width = (output.columns || 80) - 1;
      const lines = `${stamp(line)}\n${details}`.trimEnd().split('\n');
      erase();
      output.write(lines.map((text) => `${cut(text, width)}\n`).join(''));
      drawn = lines.length;
    },
    settle() {
      drawn = 0;
    },
  };
}

function logScreen(output: Output, stamp: (line: string) => string, now: () => number): Screen {
  let lastLine = '';
  let lastDetails = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  let pending = '';
  const print = (details: string) => {
    if (details !== lastDetails) output.write(details);
    lastDetails = details;
    shownAt = now();
  };
  return {
    say(text) {
      output.write(`${text}\n`);
    },
    show(line, details = '') {
      if (line !== lastLine) output.write(`${stamp(line)}\n`);
      lastLine = line;
      pending = details;
      if (details !== '' && now() - shownAt >= DETAILS_EVERY_MS) print(details);
    },
    settle() {
      if (pending !== '') print(pending);
      pending = '';
    },
  };
}

/** "7s", "4m37s". */
function formatElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
