/** For tests: a fleet that needs no cluster. */
import { type NodeView, type ResourceView, viewResource } from '../../kinds/node-view.ts';
import type { Fleet } from './fleet.ts';

export function sampleView(name: string, heights: readonly number[] = [], phase = 'Running'): ResourceView {
  const nodes = heights.map(
    (height, index): NodeView => ({ name: `${name}-${index}`, role: 'full', state: 'InSync', health: 'good', height }),
  );
  const object = {
    ...{ apiVersion: 'nodewright.dev/v1alpha1', kind: 'TendermintNetwork', metadata: { name, namespace: 'chains' } },
    status: { phase },
  };
  return viewResource(object, { nodes });
}

/** What it shows can be changed by the test. */
export function sampleFleet(views: ResourceView[]): Fleet & { shown: ResourceView[] } {
  const fleet = {
    shown: views,
    operator: () => ({ version: '1.2.3', leads: true, leader: 'host-a', missing: [] }),
    views: async () => fleet.shown,
    plan: async ({ name }: { name: string }) =>
      name === 'hub'
        ? {
            changes: [{ verb: 'replace', kind: 'Pod', name: 'hub-0', why: 'image v1 → v2', disrupts: true }],
            waits: [],
            problems: [],
          }
        : undefined,
    events: async ({ name }: { name: string }) => (name === 'hub' ? [] : undefined),
  };
  return fleet;
}
