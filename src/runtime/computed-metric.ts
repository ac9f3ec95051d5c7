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
  samples(): Iterable<Sample>;
};

export function registerComputed(registry: Registry, { name, help, type, samples }: ComputedMetric): void {
  const metric =
    type === 'gauge' ? new Gauge({ name, help, registers: [] }) : new Counter({ name, help, registers: [] });
  const describe = metric.get.bind(metric);
  metric.get = async () => {
    const values = [];
    for (const { shared, labels = {}, value } of samples()) values.push({ sharedLabels: shared, labels, value });
    return { ...(await describe()), values };
  };
  registry.registerMetric(metric);
}
