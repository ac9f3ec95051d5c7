import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { heightOf, queryValue, sendTransaction } from './chain.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import {
  childSelector,
  createNetwork,
  deleteNetwork,
  getNetwork,
  nodePod,
  patchSpec,
  untilHeight,
  untilReady,
} from './network.ts';
import { useSite } from './site.ts';

const site = useSite('deletion');
const place = () => ({ namespace: site.namespace, name: 'chain' });
const SPEC = { validators: { replicas: 2 }, fullNodes: { replicas: 1 } };
const RETAINED = 'nodewright.dev/retained-from';

describe('deletion', () => {
  let height = 0;
  let ids: unknown[] = [];

  it('keeps claims, keys, genesis and reservations unless the spec says otherwise', async () => {
    await createNetwork(place(), SPEC);
    await untilReady(place());
    await sendTransaction(await nodePod(place(), 'validator-0'), 'kept=yes');
    await untilHeight(place(), 8);
    const network = await getNetwork(place());
    height = await heightOf(await nodePod(place(), 'validator-0'));
    ids = identities(network);
    await deleteNetwork(place());
    for (const type of [PODS, SERVICES]) await eventually(60, async () => expect(await children(type)).toEqual([]));
    for (const [type, count] of [
      [PERSISTENT_VOLUME_CLAIMS, 3],
      [SECRETS, 3],
      [CONFIG_MAPS, 1],
    ] as const) {
      await eventually(60, async () => {
        const kept = await children(type);
        expect(kept.map((object) => object.metadata.labels?.[RETAINED])).toEqual(
          Array(count).fill(network.metadata.uid),
        );
      });
    }
    expect(await reservations()).toHaveLength(2);
  });

  it('a network of the same name resumes the chain with the same identities', async () => {
    await createNetwork(place(), SPEC);
    const network = await untilReady(place());
    expect(identities(network)).toEqual(ids);
    expect(await heightOf(await nodePod(place(), 'validator-0'))).toBeGreaterThanOrEqual(height);
    await untilHeight(place(), height + 2);
    expect(await queryValue(await nodePod(place(), 'full-0'), 'kept')).toBe('yes');
    for (const type of [PERSISTENT_VOLUME_CLAIMS, SECRETS, CONFIG_MAPS]) {
      for (const object of await children(type)) expect(object.metadata.labels).not.toHaveProperty(RETAINED);
    }
    expect(await reservations()).toHaveLength(2);
  });

  it('a full node that is scaled away comes back with its identity', async () => {
    await patchSpec(place(), { fullNodes: { replicas: 0 } });
    await eventually(60, async () => {
      const claim = (await children(PERSISTENT_VOLUME_CLAIMS)).find(
        (object) => object.metadata.name === 'chain-full-0',
      );
      expect(claim?.metadata.labels).toHaveProperty([RETAINED]);
    });
    await patchSpec(place(), { fullNodes: { replicas: 1 } });
    expect(identities(await untilReady(place()))).toEqual(ids);
  });

  it('deletes all of them where the spec says Delete', async () => {
    await patchSpec(place(), { deletionPolicy: 'Delete' });
    await deleteNetwork(place());
    for (const type of [PODS, SERVICES, CONFIG_MAPS, SECRETS, PERSISTENT_VOLUME_CLAIMS]) {
      await eventually(60, async () => expect(await children(type)).toEqual([]));
    }
    expect(await reservations()).toEqual([]);
  });
});

function identities({ status }: Awaited<ReturnType<typeof getNetwork>>) {
  return (status?.nodes ?? []).map(({ name, id, address }) => ({ name, id, address }));
}

function children(type: ResourceType): Promise<KubeObject[]> {
  return kube.list(type, { namespace: site.namespace, labelSelector: childSelector(place()) });
}

async function reservations(): Promise<KubeObject[]> {
  return kube.list(LEASES, {
    namespace: site.operatorNamespace,
    labelSelector: 'nodewright.dev/role=validator-key',
  });
}
