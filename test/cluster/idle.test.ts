import { describe, expect, it } from 'vitest';
import { TENDERMINT_NETWORKS } from '../../src/kinds/tendermint-network/schema.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  EVENTS,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import { createNetwork, getNetwork, lifeOfPods, untilReady } from './network.ts';
import { useSite } from './site.ts';

/** How long the network is watched; a release is checked with 300. */
const SECONDS = Number(process.env.NODEWRIGHT_TEST_IDLE_SECONDS ?? 130);

const site = useSite('idle', { operator: 'in-cluster' });
const place = () => ({ namespace: site.namespace, name: 'chain' });

describe('idle', () => {
  it('a network at rest costs one status a minute, and the Lease', async () => {
    await createNetwork(place());
    await untilReady(place());
    await untilNothingIsWritten();
    const life = await lifeOfPods(place());
    const { before, seen, after } = await watchAtRest();
    const minutes = Math.ceil(SECONDS / 60);

    const written = Object.fromEntries(
      Object.entries(after).flatMap(([what, count]) => {
        const more = count - (before[what] ?? 0);
        return more === 0 ? [] : [[what, more]];
      }),
    );
    const { 'patch tendermintnetworks': status = 0, 'replace leases': leases = 0, ...others } = written;
    expect(others).toEqual({});
    expect(status).toBeLessThanOrEqual(minutes);
    expect(status).toBeGreaterThanOrEqual(minutes - 1);
    expect(leases).toBeLessThanOrEqual(SECONDS);
    // The same from the other side: what the API server says who wrote.
    const { tendermintnetworks = 0, leases: _renewals, ...otherObjects } = seen;
    expect(otherObjects).toEqual({});
    expect(tendermintnetworks).toBeLessThanOrEqual(minutes);
    expect(await lifeOfPods(place())).toEqual(life);
  });
});

/** A node that is too late with an answer for want of a processor is reported, rightly: then the network was not at rest. */
async function watchAtRest() {
  const ready = async () => conditionOf(await getNetwork(place()), 'Ready');
  for (let tries = 1; ; tries++) {
    const [was, before, recorder] = [await ready(), await countWrites(), recordWrites()];
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const [seen, after, is] = [recorder.stop(), await countWrites(), await ready()];
    const wasAtRest = was?.status === 'True' && is?.lastTransitionTime === was.lastTransitionTime;
    if (wasAtRest || tries === 2) return { before, seen, after };
  }
}

/** Writes by verb and resource, as the operator counts them. */
async function countWrites(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const line of (await site.operator.metrics()).split('\n')) {
    const [, verb, resource, count] =
      /^nodewright_api_writes_total\{verb="(\w+)".*resource="(\w+)".*\} (\d+)/.exec(line) ?? [];
    if (verb !== undefined) counts[`${verb} ${resource}`] = (counts[`${verb} ${resource}`] ?? 0) + Number(count);
  }
  return counts;
}

/** What follows a start, such as the mark on each claim that its validator has run, is over. */
async function untilNothingIsWritten(): Promise<void> {
  let before = '';
  await eventually(120, async () => {
    const { 'replace leases': _leases, ...writes } = await countWrites();
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const { 'replace leases': _renewals, ...now } = await countWrites();
    before = JSON.stringify(writes);
    expect(JSON.stringify(now)).toBe(before);
  });
}

/** Counts, by resource, how often an object changed of which the operator wrote the newest part. */
function recordWrites() {
  const start = Date.now();
  const counts: Record<string, number> = {};
  const stops: AbortController[] = [];
  const follow = async (type: ResourceType, namespace: string) => {
    const stop = new AbortController();
    stops.push(stop);
    const options = { namespace, resourceVersion: '', timeoutSeconds: SECONDS + 60, signal: stop.signal };
    for await (const event of kube.watch<KubeObject>(type, options)) {
      if (event.type !== 'BOOKMARK' && wroteSince(event.object, start))
        counts[type.plural] = (counts[type.plural] ?? 0) + 1;
    }
  };
  const types = [
    TENDERMINT_NETWORKS,
    PODS,
    SERVICES,
    CONFIG_MAPS,
    SECRETS,
    PERSISTENT_VOLUME_CLAIMS,
    POD_DISRUPTION_BUDGETS,
    EVENTS,
    LEASES,
  ];
  for (const type of types) {
    for (const namespace of [site.namespace, site.operatorNamespace]) follow(type, namespace).catch(() => {});
  }
  return {
    stop: () => {
      for (const stop of stops) stop.abort();
      return counts;
    },
  };
}

function wroteSince(object: KubeObject, start: number): boolean {
  const times = (object.metadata.managedFields ?? []).map(({ manager, time }) => ({
    ours: manager?.startsWith('nodewright') ?? false,
    at: Date.parse(time as unknown as string),
  }));
  const newest = Math.max(...times.map(({ at }) => at));
  return newest >= start && times.some(({ ours, at }) => ours && at === newest);
}
