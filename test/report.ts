/** Counts what the steps of a test run found. */
import { readFileSync } from 'node:fs';

export type Tally = {
  passed: number;
  /** One line each: what failed, and where. */
  failed: string[];
  skipped: number;
};

/** Vitest's JSON report, as far as it is read here. */
type VitestReport = {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
};

/**
 * The tally of one vitest run. A file that could not even be loaded, an error outside of every test and a suite without a test count as one
 * failure each, so that nothing can pass by not running.
 *
 * @param suite name of the vitest project
 * @param file where vitest wrote its JSON report
 * @param status exit status of vitest, or the signal that ended it
 */
export function tallyVitest(suite: string, file: string, status: number | string): Tally {
  const report = readReport(file);
  if (report === undefined) return failure(`${suite}: vitest ended with ${status} and left no report`);
  const tally: Tally = { passed: 0, failed: [], skipped: 0 };
  for (const { name, status: outcome, assertionResults } of report.testResults) {
    const before = tally.failed.length;
    for (const test of assertionResults) {
      if (test.status === 'passed') tally.passed++;
      else if (test.status === 'failed') tally.failed.push(`${suite}: ${test.fullName}`);
      else tally.skipped++;
    }
    if (outcome === 'failed' && tally.failed.length === before)
      tally.failed.push(`${suite}: ${name} (outside of a test)`);
  }
  if (tally.passed + tally.failed.length === 0) tally.failed.push(`${suite}: no test ran`);
  else if (status !== 0 && tally.failed.length === 0)
    tally.failed.push(`${suite}: vitest ended with ${status} although no test failed`);
  return tally;
}

export function success(): Tally {
  return { passed: 1, failed: [], skipped: 0 };
}

export function failure(what: string): Tally {
  return { passed: 0, failed: [what], skipped: 0 };
}

export function addUp(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((sum, tally) => sum + tally.passed, 0),
    failed: tallies.flatMap((tally) => tally.failed),
    skipped: tallies.reduce((sum, tally) => sum + tally.skipped, 0),
  };
}

/** `12 passed, 1 failed`, and the skipped ones when there are any. */
export function formatTally(tally: Tally): string {
  const skipped = tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`;
  return `${tally.passed} passed, ${tally.failed.length} failed${skipped}`;
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
