import { describe, expect, test } from 'vitest';
import { FormatError } from './format-error.ts';
import { lastTime, parseSchedule } from './schedule-times.ts';

const next = (schedule: string, after: string) =>
  parseSchedule(schedule, 'spec.schedule').next(new Date(after))?.toISOString();

describe('the first time after', () => {
  test.each([
    ['0 * * * *', '2022-12-01T00:00:00Z', '2022-12-01T01:00:00.000Z'],
    ['0 * * * *', '2022-12-01T00:59:59.999Z', '2022-12-01T01:00:00.000Z'],
    ['0 0 * * *', '2022-12-01T01:00:00Z', '2022-12-02T00:00:00.000Z'],
    ['0 */3 * * *', '2022-12-01T00:00:00Z', '2022-12-01T03:00:00.000Z'],
    ['5/20 * * * *', '2022-12-01T00:10:00Z', '2022-12-01T00:25:00.000Z'],
    ['0 0 ? * MON', '2022-12-01T00:00:00Z', '2022-12-05T00:00:00.000Z'],
    // Day of the month or day of the week, where both are given.
    ['0 0 13 * FRI', '2022-12-01T00:00:00Z', '2022-12-02T00:00:00.000Z'],
    ['0 0 29 2 *', '2022-12-01T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['@daily', '2022-12-01T00:00:00Z', '2022-12-02T00:00:00.000Z'],
    ['@hourly', '2022-12-01T00:00:00Z', '2022-12-01T01:00:00.000Z'],
    ['@weekly', '2022-12-01T00:00:00Z', '2022-12-04T00:00:00.000Z'],
    ['@every 90m', '2022-12-01T00:00:07.5Z', '2022-12-01T01:30:07.000Z'],
    ['@every 1h30m10.7s', '2022-12-01T00:00:00Z', '2022-12-01T01:30:10.000Z'],
    ['CRON_TZ=Europe/Berlin 0 6 * * *', '2022-12-01T00:00:00Z', '2022-12-01T05:00:00.000Z'],
    ['TZ=America/New_York 0 6 * * *', '2022-12-01T00:00:00Z', '2022-12-01T11:00:00.000Z'],
    ['TZ=Asia/Kolkata @daily', '2022-12-01T00:00:00Z', '2022-12-01T18:30:00.000Z'],
    // Clocks go back: 02:30 comes twice, and is used once.
    ['CRON_TZ=Europe/Berlin 30 2 * * *', '2022-10-29T12:00:00Z', '2022-10-30T00:30:00.000Z'],
    ['CRON_TZ=Europe/Berlin 30 2 * * *', '2022-10-30T00:30:00Z', '2022-10-31T01:30:00.000Z'],
    // Clocks go forward: there is no 02:30, 03:00 takes its place, and no day is without.
    ['CRON_TZ=Europe/Berlin 30 2 * * *', '2023-03-25T12:00:00Z', '2023-03-26T01:00:00.000Z'],
    ['CRON_TZ=Europe/Berlin 30 2 * * *', '2023-03-26T01:00:00Z', '2023-03-27T00:30:00.000Z'],
    ['CRON_TZ=Europe/Berlin 0 * * * *', '2023-03-26T00:00:00Z', '2023-03-26T01:00:00.000Z'],
  ])('%s %s', (schedule, after, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });

  test('there may be none', () => {
    expect(next('0 0 30 2 *', '2022-12-01T00:00:00Z')).toBeUndefined();
  });
});

describe('the last time', () => {
  const last = (schedule: string, after: string, until: string) =>
    lastTime(parseSchedule(schedule, ''), new Date(after), new Date(until))?.toISOString();

  test.each([
    ['0 * * * *', '2022-12-01T00:00:00Z', '2022-12-01T00:59:59Z', undefined],
    ['0 * * * *', '2022-12-01T00:00:00Z', '2022-12-01T01:00:00Z', '2022-12-01T01:00:00.000Z'],
    ['0 * * * *', '2022-12-01T00:00:00Z', '2022-12-01T04:20:00Z', '2022-12-01T04:00:00.000Z'],
    ['* * * * *', '2021-12-01T00:00:00Z', '2022-12-01T04:20:30Z', '2022-12-01T04:20:00.000Z'],
    ['0 0 1 1 *', '2012-12-01T00:00:00Z', '2022-12-01T04:20:30Z', '2022-01-01T00:00:00.000Z'],
    ['@every 7m', '2022-12-01T00:00:03Z', '2022-12-01T00:20:00Z', '2022-12-01T00:14:03.000Z'],
    ['@every 7m', '2022-12-01T00:00:03Z', '2022-12-01T00:07:02Z', undefined],
  ])('of %s after %s until %s', (schedule, after, until, expected) => {
    expect(last(schedule, after, until)).toBe(expected);
  });
});

test.each([
  ['', 'it must have five fields'],
  ['bogus', 'it must have five fields'],
  ['0 0 0 * * *', 'it must have five fields'],
  ['61 * * * *', '"61" is no minute'],
  ['0 0 * * 7', 'day of the week'],
  ['0 0 L * *', 'day of the month'],
  ['@fortnightly', 'words are'],
  ['@every 10ms', 'less than a second'],
  ['CRON_TZ=Mars/Olympus 0 * * * *', '"Mars/Olympus" is no time zone'],
  ['CRON_TZ= 0 * * * *', '"" is no time zone'],
  ['TZ=Europe/Berlin', 'it must have five fields'],
])('%j is no schedule', (schedule, why) => {
  expect(() => parseSchedule(schedule, 'spec.schedule')).toThrow(FormatError);
  expect(() => parseSchedule(schedule, 'spec.schedule')).toThrow(why);
  expect(() => parseSchedule(schedule, 'spec.schedule')).toThrow(/^spec\.schedule: /);
});
