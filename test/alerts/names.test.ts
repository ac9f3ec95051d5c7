/** Alerts, runbooks, dashboard and pages about metrics speak of what there is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listMetrics } from '../../gen/metric-reference.ts';

type Rule = { alert: string; expr: string; labels: { severity: string }; annotations: Record<string, string> };

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { groups } = parse(read('chart/files/alerts.yaml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = new Set(rules.map(({ alert }) => alert));

/** With the series of histograms. */
const exposed = new Set(
  (await listMetrics()).flatMap(({ name, type }) =>
    type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);
const METRIC = /\b(?:nodewright|workqueue|controller_runtime|leader_election|rest_client)_(?!\w*\*)\w+/g;

function unknownIn(text: string): string[] {
  return [...new Set(text.match(METRIC) ?? [])].filter((name) => !exposed.has(name));
}

describe('only metrics that the operator has are named', () => {
  const pages = [
    'docs/metrics.md',
    'docs/operations.md',
    ...readdirSync(join(ROOT, 'docs/runbooks')).map((file) => `docs/runbooks/${file}`),
  ];
  test.each(['chart/files/alerts.yaml', 'chart/files/dashboard.json', ...pages])('%s', (path) => {
    expect(unknownIn(read(path))).toEqual([]);
  });

  test('the dashboard has queries', () => {
    expect((read('chart/files/dashboard.json').match(METRIC) ?? []).length).toBeGreaterThan(20);
  });
});

describe('alerts', () => {
  test.each(rules)('$alert says what, how bad, and what to do', ({ alert, labels, annotations }) => {
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(annotations).toEqual({
      summary: expect.any(String),
      description: expect.any(String),
      runbook: `${alert}.md`,
    });
  });

  test('each has a page, and each page an alert', () => {
    const pages = readdirSync(join(ROOT, 'docs/runbooks')).filter((file) => file !== 'README.md');
    expect(pages.sort()).toEqual([...alerts].map((alert) => `${alert}.md`).sort());
  });

  test.each([...alerts])('the page of %s has all parts', (alert) => {
    const text = read(`docs/runbooks/${alert}.md`);
    expect(text.startsWith(`# ${alert}\n`)).toBe(true);
    expect(text.match(/^## .*$/gm)).toEqual(['## Meaning', '## Impact', '## Diagnosis', '## Remedy']);
    expect(text).toContain('```sh');
  });

  test('each is tried', () => {
    const tried = readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith('.yaml'))
      .flatMap((file) =>
        [...read(`test/alerts/${file}`).matchAll(/alertname: (\w+)\n\s+exp_alerts/g)].map((found) => found[1]),
      );
    expect([...alerts].filter((alert) => !tried.includes(alert))).toEqual([]);
  });

  test('each stands in the table', () => {
    const listed = [...read('docs/metrics.md').matchAll(/\[(Nodewright\w+)\]\(runbooks\/\1\.md\) \| (\w+)/g)];
    expect(listed.map(([, alert, severity]) => `${alert} ${severity}`)).toEqual(
      rules.map(({ alert, labels }) => `${alert} ${labels.severity}`),
    );
  });
});
