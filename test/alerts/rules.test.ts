/** The alerts, held against series of samples by Prometheus' own promtool. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../cluster/commands.ts';
import { ensurePromtool } from '../../cluster/promtool.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Compiling it takes minutes where that was never done. */
const BUILD_MS = 30 * 60_000;

let promtool: string;
beforeAll(async () => {
  promtool = await ensurePromtool(ROOT);
}, BUILD_MS);

test('the rules are rules', async () => {
  expect(await run(promtool, ['check', 'rules', '--lint=all', 'chart/files/alerts.yaml'], { cwd: ROOT })).toContain(
    'SUCCESS',
  );
});

test('the queries of the dashboard can be read', async () => {
  const { panels } = JSON.parse(readFileSync(join(ROOT, 'chart/files/dashboard.json'), 'utf8')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const rules = queries.map((expr, index) => ({ record: `query_${index}`, expr }));
  const folder = mkdtempSync(join(tmpdir(), 'nodewright-dashboard-'));
  const file = join(folder, 'rules.yaml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  const said = await run(promtool, ['check', 'rules', '--lint=none', file]).finally(() =>
    rmSync(folder, { recursive: true }),
  );
  expect(said).toContain(`${queries.length} rules found`);
});

test.each(readdirSync(import.meta.dirname).filter((file) => file.endsWith('.yaml')))(
  'alerts come when they should, and only then: %s',
  async (file) => {
    expect(await run(promtool, ['test', 'rules', `test/alerts/${file}`], { cwd: ROOT })).toContain('SUCCESS');
  },
  60_000,
);
