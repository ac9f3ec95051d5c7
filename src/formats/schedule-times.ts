/**
 * The times of a schedule as the Cosmos Operator reads it: the five fields of cron, a word such as @daily or `@every 12h`, all with
 * `CRON_TZ=Europe/Berlin` in front or without, which is UTC. Times only are computed here, nothing is ever run.
 */
import { Cron } from 'croner';
import { checkCronSchedule } from './cron-schedule.ts';
import { parseDuration } from './duration.ts';
import { FormatError } from './format-error.ts';

export type Schedule = {
  /** The first time strictly after another; undefined where there is none, such as on February 30. */
  next(after: Date): Date | undefined;
  /** Milliseconds between two times, where that is fixed (`@every`). */
  everyMs?: number;
};

const ZONE = /^(?:CRON_)?TZ=(\S*)\s*(.*)$/s;
const WORDS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
/** Highest value of each field: `5/20` means from 5 to it. */
const HIGHEST = [59, 23, 31, 12, 6];
const MIN_EVERY_MS = 1000;
const DAY_MS = 86_400_000;

/** Throws a FormatError that says what is wrong, `where` in front. */
export function parseSchedule(text: string, where: string): Schedule {
  const [, zone, rest = text] = ZONE.exec(text.trim()) ?? [];
  if (zone !== undefined) checkZone(zone, where);
  const expression = rest.trim();
  checkCronSchedule(expression, where);
  const every = /^@every (.*)$/.exec(expression)?.[1];
  if (every !== undefined) return parseEvery(every, where);
  const cron = new Cron(WORDS[expression] ?? spellOut(expression), { timezone: zone || 'UTC', mode: '5-part' });
  return { next: (after) => cron.nextRun(after) ?? undefined };
}

/** The last time after one moment and up to another, such as now: what was missed in between counts once. */
export function lastTime(schedule: Schedule, after: Date, until: Date): Date | undefined {
  const first = schedule.next(after);
  if (first === undefined || first > until) return undefined;
  const { everyMs } = schedule;
  if (everyMs !== undefined)
    return new Date(first.getTime() + Math.floor((until.getTime() - first.getTime()) / everyMs) * everyMs);
  // Looked for from the end: of a schedule by the minute, a month has 43,200 times.
  for (const days of [1 / 1440, 1 / 24, 1, 31]) {
    const start = new Date(until.getTime() - days * DAY_MS);
    const last = start > first ? walk(schedule, start, until) : undefined;
    if (last !== undefined) return last;
  }
  return walk(schedule, after, until);
}

function walk(schedule: Schedule, after: Date, until: Date): Date | undefined {
  let last: Date | undefined;
  for (let next = schedule.next(after); next !== undefined && next <= until; next = schedule.next(next)) last = next;
  return last;
}

function parseEvery(text: string, where: string): Schedule {
  const ms = parseDuration(text);
  if (ms === undefined || ms < MIN_EVERY_MS)
    throw new FormatError(`${where}: @every ${text} is less than a second; use a duration such as 12h`);
  const everyMs = Math.floor(ms / 1000) * 1000;
  return { everyMs, next: (after) => new Date(Math.floor(after.getTime() / 1000) * 1000 + everyMs) };
}

function checkZone(zone: string, where: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    throw new FormatError(`${where}: ${JSON.stringify(zone)} is no time zone; use a name such as Europe/Berlin or UTC`);
  }
}

/** Two forms that Croner reads in another way or not at all. */
function spellOut(expression: string): string {
  const fields = expression.split(/\s+/).map((field, index) =>
    field
      .split(',')
      .map((part) => part.replace(/^\?/, '*').replace(/^(\w+)\/(\d+)$/, `$1-${HIGHEST[index]}/$2`))
      .join(','),
  );
  return fields.join(' ');
}
