import { describe, expect, it } from 'vitest';
import type { ConfigMap, KubeObject, Lease, Secret } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { kube } from './cluster-access.ts';
import { childSelector, createNetwork, untilHeight, untilReady } from './network.ts';
import { startSiteOperator, useSite } from './site.ts';

const site = useSite('restarts');
const place = () => ({ namespace: site.namespace, name: 'chain' });

/** It is killed as soon as this many objects of the network are there, out of the 26 that are counted. */
const KILLED_AT = [1, 4, 8, 12, 16, 20, 23];

describe('operator restarts', () => {
  it('a network comes up although its operator is killed again and again while it makes it', async () => {
    const counter = countObjects();
    await createNetwork(place());
    const seen: number[] = [];
    for (const count of KILLED_AT) {
      await counter.reaches(count);
      await site.operator.end('SIGKILL');
      seen.push(counter.count());
      site.operator = await startSiteOperator(site);
    }
    counter.stop();
    // It was in the middle of it, and not done before the first kill.
    expect(seen[0]).toBeLessThan(20);
    await untilReady(place());
    await untilHeight(place(), 3);
  });

  it('and there is one key, one claim and one reservation for each validator', async () => {
    const names = [0, 1, 2, 3].map((index) => `chain-validator-${index}`);
    const { namespace } = place();
    const labelSelector = childSelector(place());
    const listed = async (type: ResourceType) =>
      (await kube.list(type, { namespace, labelSelector })).map((object) => object.metadata.name).sort();
    expect(await listed(SECRETS)).toEqual(names);
    expect(await listed(PERSISTENT_VOLUME_CLAIMS)).toEqual(names);
    expect(await listed(PODS)).toEqual(names);
    expect(await listed(SERVICES)).toEqual(['chain-rpc', ...names]);
    expect(await listed(CONFIG_MAPS)).toEqual(['chain-genesis', ...names]);

    const secrets = await kube.list<Secret>(SECRETS, { namespace, labelSelector });
    const inSecrets = secrets.map((secret) => readJson(secret.data?.['priv_validator_key.json']).address);
    const leases = (await kube.list<Lease>(LEASES, { namespace: site.operatorNamespace })).filter((lease) =>
      lease.metadata.name.startsWith('validator-'),
    );
    expect(leases.map((lease) => lease.metadata.annotations?.['nodewright.dev/validator']).sort()).toEqual(
      [...inSecrets].sort(),
    );
    const genesis = await kube.get<ConfigMap>(CONFIG_MAPS, { namespace, name: 'chain-genesis' });
    const { validators } = JSON.parse(genesis?.data?.['genesis.json'] ?? '') as { validators: { address: string }[] };
    expect(validators.map(({ address }) => address).sort()).toEqual([...inSecrets].sort());
  });
});

function readJson(base64: string | undefined): { address: string } {
  return JSON.parse(Buffer.from(base64 ?? '', 'base64').toString('utf8'));
}

/** Counts the objects of networks as the API server makes them. */
function countObjects() {
  const names = new Set<string>();
  const waiting = new Map<number, () => void>();
  const stop = new AbortController();
  const { namespace } = place();
  const selector = childSelector(place());
  const watches: { type: ResourceType; namespace: string; labelSelector?: string }[] = [
    ...[SECRETS, CONFIG_MAPS, SERVICES, PERSISTENT_VOLUME_CLAIMS, PODS].map((type) => ({
      type,
      namespace,
      labelSelector: selector,
    })),
    { type: LEASES, namespace: site.operatorNamespace, labelSelector: 'nodewright.dev/role=validator-key' },
  ];
  const follow = async ({ type, ...options }: (typeof watches)[number]) => {
    const signal = stop.signal;
    for await (const event of kube.watch<KubeObject>(type, {
      ...options,
      resourceVersion: '0',
      timeoutSeconds: 300,
      signal,
    })) {
      if (event.type === 'ADDED') names.add(`${type.plural}/${event.object.metadata.name}`);
      for (const [count, resolve] of waiting) if (names.size >= count) resolve();
    }
  };
  const following = Promise.all(watches.map(follow)).catch((error: Error) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    count: () => names.size,
    reaches: (count: number) =>
      Promise.race([
        following,
        new Promise<void>((resolve) => {
          waiting.set(count, resolve);
          if (names.size >= count) resolve();
        }),
      ]),
    stop: () => stop.abort(),
  };
}
