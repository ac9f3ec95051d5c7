/**
 * Metrics that are worked out anew at every scrape from what is known anyway: of thousands of series none is kept, and none outlives what it
 * is about.
 */
import { Counter, Gauge, type Registry } from 'prom-client';

export type Sample = {
  /** The same object for all samples about one thing: its text is made once. */
  shared: Readonly<Record<string, string>>;
  labels?: Readonly<Record<string, string>>;
  value: number;
};

export type ComputedMetric = {
  name: string;
  help: string;
  type: 'gauge' | 'counter';
  /** Names of the labels of all samples, the shared ones among them. */
  labels: readonly string[];
  samples(): Iterable<Sample>;
};

export function registerComputed(registry: Registry, { name, help, type, labels, samples }: ComputedMetric): void {
  const options = { name, help, labelNames: labels, registers: [] };
  const metric = type === 'gauge' ? new Gauge(options) : new Counter(options);
  const describe = metric.get.bind(metric);
  metric.get = async () => {
    const values = [];
    for (const { shared, labels = {}, value } of samples()) values.push({ sharedLabels: shared, labels, value });
    return { ...(await describe()), values };
  };
  registry.registerMetric(metric);
}
