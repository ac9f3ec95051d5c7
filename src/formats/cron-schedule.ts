/** Schedules of CronJobs: five fields, or a word such as @daily. */
import { FormatError } from './format-error.ts';

type Field = { name: string; min: number; max: number; words?: readonly string[] };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of the week', min: 0, max: 6, words: DAYS },
];
const WORD = /^@(yearly|annually|monthly|weekly|daily|midnight|hourly|every (\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+)$/;

/** Throws a FormatError that says which field is wrong, where the API server would take no CronJob with this schedule. */
export function checkCronSchedule(text: string, where: string): void {
  const refuse = (why: string) => new FormatError(`${where}: ${JSON.stringify(text)} is no schedule: ${why}`);
  if (/TZ=/.test(text)) throw refuse('a time zone cannot be set in it');
  if (text.startsWith('@')) {
    if (!WORD.test(text)) throw refuse('words are @hourly, @daily, @weekly, @monthly, @yearly and @every 12h');
    return;
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length)
    throw refuse('it must have five fields: minute, hour, day of the month, month and day of the week');
  FIELDS.forEach((field, index) => {
    const bad = (parts[index] ?? '').split(',').find((part) => !isRange(field, part));
    if (bad !== undefined)
      throw refuse(`${JSON.stringify(bad)} is no ${field.name}; it must be from ${field.min} to ${field.max}, or *`);
  });
}

function isRange(field: Field, part: string): boolean {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step))) return false;
  if (range === '*' || range === '?') return true;
  const [first, last, ...rest] = range.split('-').map((value) => numberOf(field, value));
  if (rest.length > 0 || first === undefined) return false;
  return range.includes('-') ? last !== undefined && first <= last : true;
}

function numberOf({ min, max, words = [] }: Field, value: string): number | undefined {
  const word = words.indexOf(value.toLowerCase());
  const number = word >= 0 ? word + min : /^\d+$/.test(value) ? Number(value) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}
