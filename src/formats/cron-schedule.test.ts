import { describe, expect, test } from 'vitest';
import { checkCronSchedule } from './cron-schedule.ts';

describe('schedules', () => {
  test.each(['0 1 * * 1', '*/5 0-23/2 1,15 jan-Mar SUN', ' 0  1 ? * * ', '@daily', '@every 1h30m', '0 0 1 12 6'])(
    '%j',
    (text) => {
      expect(() => checkCronSchedule(text, 'spec.funding.schedule')).not.toThrow();
    },
  );
});

describe('what is none', () => {
  test.each([
    ['', /^spec\.funding\.schedule: "" is no schedule: it must have five fields/],
    ['0 1 * *', /it must have five fields/],
    ['0 1 * * 1 *', /it must have five fields/],
    ['60 1 * * 1', /"60" is no minute; it must be from 0 to 59, or \*/],
    ['0 1 0 * *', /"0" is no day of the month/],
    ['0 1 * 13 *', /"13" is no month/],
    ['0 1 * * 7', /"7" is no day of the week/],
    ['0 5-1 * * *', /"5-1" is no hour/],
    ['*/0 * * * *', /is no minute/],
    ['1-2-3 * * * *', /is no minute/],
    ['1- * * * *', /is no minute/],
    ['@fortnightly', /words are/],
    ['CRON_TZ=UTC 0 1 * * *', /a time zone cannot be set/],
  ])('%j', (text, message) => {
    expect(() => checkCronSchedule(text, 'spec.funding.schedule')).toThrow(message);
  });
});
