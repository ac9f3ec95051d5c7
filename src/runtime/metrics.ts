/** The metrics of one operator process, in a registry of its own (tests run several managers in one process). */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { ResourceType } from '../kube/resource-types.ts';
import { type ComputedMetric, registerComputed } from './computed-metric.ts';
import { type ControllerMetrics, createControllerMetrics } from './controller-metrics.ts';
import type { WriteVerb } from './operator-kube.ts';
import type { ReflectorObserver } from './reflector.ts';
import { createResourceGauges, type ResourceGauges } from './resource-gauges.ts';

export type Metrics = {
  /** For metrics of the kinds. */
  registry: Registry;
  controllers: ControllerMetrics;
  /** Every request to the API server. */
  countRequest(method: string, host: string, code: string): void;
  countWrite(verb: WriteVerb, type: ResourceType, code: string): void;
  reflectorObserver(type: ResourceType): ReflectorObserver;
  setLeading(lease: string, leading: boolean): void;
  countEvent(outcome: 'created' | 'series' | 'dropped' | 'failed'): void;
  /** About single resources, few of a kind. */
  gauges: ResourceGauges;
  /** Adds metrics that are worked out at each scrape. */
  addComputed(metrics: readonly ComputedMetric[]): void;
};

/** `processMetrics`: CPU, memory, event loop and garbage collection too. `version`: that of this program. */
export function createMetrics(options: { processMetrics?: boolean; version?: string } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics !== false) collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'nodewright_build_info',
    help: 'Version of the operator',
    registers,
    labelNames: ['version'] as const,
  }).set({ version: options.version ?? '' }, 1);
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by method and HTTP status (<error>: no answer)',
    registers,
    labelNames: ['code', 'host', 'method'] as const,
  });
  const writes = new Counter({
    name: 'nodewright_api_writes_total',
    help: 'Writes to the API server by verb, resource and HTTP status (none: no answer)',
    registers,
    labelNames: ['verb', 'group', 'resource', 'code'] as const,
  });
  const lists = new Counter({
    name: 'nodewright_reflector_lists_total',
    help: 'Complete lists of a watched resource; more than one means that a watch could not be continued',
    registers,
    labelNames: ['group', 'resource'] as const,
  });
  const watches = new Counter({
    name: 'nodewright_reflector_watches_total',
    help: 'Watches opened, by resource',
    registers,
    labelNames: ['group', 'resource'] as const,
  });
  const failures = new Counter({
    name: 'nodewright_reflector_failures_total',
    help: 'Failed lists, watches and event handlers, by resource',
    registers,
    labelNames: ['group', 'resource'] as const,
  });
  const leading = new Gauge({
    name: 'leader_election_master_status',
    help: 'Whether this process leads: 1 leader, 0 standby',
    registers,
    labelNames: ['name'] as const,
  });
  const events = new Counter({
    name: 'nodewright_events_total',
    help: 'Kubernetes events by what became of them',
    registers,
    labelNames: ['outcome'] as const,
  });
  return {
    registry,
    controllers: createControllerMetrics(registry),
    countRequest: (method, host, code) => requests.inc({ code, host, method }),
    countWrite: (verb, type, code) => writes.inc({ verb, group: type.group, resource: type.plural, code }),
    reflectorObserver(type) {
      const labels = { group: type.group, resource: type.plural };
      return {
        listed: () => lists.inc(labels),
        watched: () => watches.inc(labels),
        failed: () => failures.inc(labels),
      };
    },
    setLeading: (name, isLeading) => leading.set({ name }, isLeading ? 1 : 0),
    countEvent: (outcome) => events.inc({ outcome }),
    gauges: createResourceGauges(registry),
    addComputed(metrics) {
      for (const metric of metrics) registerComputed(registry, metric);
    },
  };
}
