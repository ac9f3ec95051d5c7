/** docs/reference/metrics.md: every metric of the operator, read from the code that makes them. */
import type { Metric } from 'prom-client';
import { measureNode as measureHoprNode, measurePool } from '../src/kinds/hopr/measurements.ts';
import { createNodeMetrics } from '../src/kinds/node-metrics.ts';
import { measureNode as measureSymbolNode } from '../src/kinds/symbol-node/watch/measurements.ts';
import { createMetrics } from '../src/runtime/metrics.ts';

export type ListedMetric = { name: string; type: string; labels: string[]; help: string };

const ROOM = { namespace: 'n', name: 'x' };

/** All but those about the process itself, whose names are prom-client's: `process_*` and `nodejs_*`. */
export async function listMetrics(): Promise<ListedMetric[]> {
  const metrics = createMetrics({ processMetrics: false });
  metrics.addComputed(createNodeMetrics().metrics);
  // Gauges that a single kind has come into being when they are first told.
  metrics.gauges.report('x', [
    ...measureSymbolNode(ROOM, {
      reading: { node: { height: 1, finalizedHeight: 1 }, network: { value: { height: 1 } } } as never,
      voting: { epoch: 1, lastEpoch: 1 },
      alerts: [],
    }),
    ...measurePool({ metadata: ROOM } as never, { size: 1, locked: 1 } as never),
    ...measureHoprNode({ metadata: ROOM, spec: {} } as never, {} as never),
  ]);
  const described = await metrics.registry.getMetricsAsJSON();
  const made = metrics.registry.getMetricsAsArray() as unknown as (Metric & { labelNames: string[] })[];
  return described
    .map(({ name, help, type }, index) => ({
      ...{ name, help, type: String(type) },
      labels: (made[index]?.labelNames ?? []).filter((label) => label !== 'le'),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export async function renderMetricReference(): Promise<{ path: string; text: string }[]> {
  const rows = (await listMetrics()).map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`,
  );
  const text = `# Metrics

Generated from the code. What they are for is in [metrics.md](../metrics.md). Besides, there are \`process_*\` and \`nodejs_*\`: CPU, memory,
event loop and garbage collection of the operator.

| name | type | labels | |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
  return [{ path: 'docs/reference/metrics.md', text }];
}
