import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addUp, failure, formatTally, success, type Tally, tallyVitest } from './report.ts';

const file = (name: string, statuses: string[], status = 'passed') => ({
  name,
  status,
  message: '',
  assertionResults: statuses.map((each, index) => ({ fullName: `test ${index}`, status: each })),
});

type Case = { what: string; files: object[] | undefined; status: number; tally: Tally };

describe('the tally of a vitest run', () => {
  test.each<Case>([
    {
      what: 'all passed',
      files: [file('a', ['passed', 'passed']), file('b', ['passed'])],
      status: 0,
      tally: { passed: 3, failed: [], skipped: 0 },
    },
    {
      what: 'failed and skipped ones',
      files: [file('a', ['passed', 'failed', 'pending'], 'failed'), file('b', ['todo'])],
      status: 1,
      tally: { passed: 1, failed: ['s: test 1'], skipped: 2 },
    },
    {
      what: 'a file that cannot be loaded',
      files: [file('a', ['passed']), file('b', [], 'failed')],
      status: 1,
      tally: { passed: 1, failed: ['s: b (outside of a test)'], skipped: 0 },
    },
    { what: 'no test', files: [], status: 0, tally: { passed: 0, failed: ['s: no test ran'], skipped: 0 } },
    {
      what: 'an error outside of every file',
      files: [file('a', ['passed'])],
      status: 1,
      tally: { passed: 1, failed: ['s: vitest ended with 1 although no test failed'], skipped: 0 },
    },
    {
      what: 'no report',
      files: undefined,
      status: 137,
      tally: { passed: 0, failed: ['s: vitest ended with 137 and left no report'], skipped: 0 },
    },
  ])('$what', ({ files, status, tally }) => {
    const report = join(mkdtempSync(join(tmpdir(), 'nodewright-report-')), 'report.json');
    if (files !== undefined) writeFileSync(report, JSON.stringify({ testResults: files }));
    expect(tallyVitest('s', report, status)).toEqual(tally);
  });
});

test('the closing line names skipped tests only when there are some', () => {
  expect(formatTally(addUp([success(), failure('a')]))).toBe('1 passed, 1 failed');
  expect(formatTally({ passed: 2, failed: [], skipped: 1 })).toBe('2 passed, 0 failed, 1 skipped');
});
