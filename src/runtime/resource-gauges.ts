/** Gauges about single resources: each has the values of its last pass, and loses them when it is gone. */
import { Gauge, type Registry } from 'prom-client';

export type Measurement = { name: string; help: string; labels: Record<string, string>; value: number };

export type ResourceGauges = {
  /** Replaces what was reported about the resource before. A name always has the same labels. */
  report(resource: string, measurements: readonly Measurement[]): void;
  forget(resource: string): void;
};

export function createResourceGauges(registry: Registry): ResourceGauges {
  const gauges = new Map<string, Gauge>();
  const reported = new Map<string, readonly Measurement[]>();

  function gaugeOf({ name, help, labels }: Measurement): Gauge {
    const known = gauges.get(name);
    if (known !== undefined) return known;
    const gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] });
    gauges.set(name, gauge);
    return gauge;
  }

  function forget(resource: string): void {
    for (const { name, labels } of reported.get(resource) ?? []) gauges.get(name)?.remove(labels);
    reported.delete(resource);
  }

  return {
    report(resource, measurements) {
      forget(resource);
      for (const measurement of measurements) gaugeOf(measurement).set(measurement.labels, measurement.value);
      reported.set(resource, measurements);
    },
    forget,
  };
}
