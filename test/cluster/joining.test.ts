import { describe, expect, it } from 'vitest';
import type { ConfigMap } from '../../src/kube/objects.ts';
import { CONFIG_MAPS } from '../../src/kube/resource-types.ts';
import { askNode, queryValue, sendTransaction, statusOf } from './chain.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { createNetwork, getNetwork, lifeOfPods, nodePod, untilHeight, untilReady } from './network.ts';
import { useSite } from './site.ts';

const site = useSite('joining');
const first = () => ({ namespace: site.namespace, name: 'first' });
const second = () => ({ namespace: site.namespace, name: 'second' });
const follower = () => ({ namespace: site.otherNamespace, name: 'follower' });

describe('joining', () => {
  it('two networks in one namespace keep apart', async () => {
    await createNetwork(first(), { validators: { replicas: 2 } });
    await createNetwork(second(), { validators: { replicas: 2 } });
    await Promise.all([untilReady(first()), untilReady(second())]);
    for (const place of [first(), second()]) {
      for (const node of ['validator-0', 'validator-1']) {
        const pod = await nodePod(place, node);
        expect((await statusOf(pod)).node_info.network).toBe(`${place.name}-1`);
        expect((await askNode<{ n_peers: string }>(pod, '/net_info')).n_peers).toBe('1');
      }
    }
  });

  it('full nodes in another namespace follow a chain by its genesis and a peer', async () => {
    await sendTransaction(await nodePod(first(), 'validator-0'), 'where=here');
    const before = await lifeOfPods(first());
    const genesis = await kube.get<ConfigMap>(CONFIG_MAPS, { namespace: site.namespace, name: 'first-genesis' });
    await kube.create<ConfigMap>(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: site.otherNamespace, name: 'genesis-of-first' },
      ...(genesis?.data === undefined ? {} : { data: genesis.data }),
    });
    const nodes = (await getNetwork(first())).status?.nodes ?? [];
    await createNetwork(follower(), {
      chainId: 'first-1',
      validators: { replicas: 0 },
      fullNodes: { replicas: 2 },
      genesis: { configMap: { name: 'genesis-of-first' } },
      peers: nodes.map((node) => `${node.id}@first-${node.name}.${site.namespace}.svc:26656`),
    });
    const { status } = await untilReady(follower());
    expect(status?.genesisHash).toBe((await getNetwork(first())).status?.genesisHash);
    await untilHeight(follower(), status?.height ?? 1);
    for (const node of ['full-0', 'full-1']) {
      const pod = await nodePod(follower(), node);
      await eventually(20, async () => expect(await queryValue(pod, 'where')).toBe('here'));
      expect((await statusOf(pod)).validator_info.voting_power).toBe('0');
    }
    expect(await lifeOfPods(first())).toEqual(before);
  });

  it('a genesis of another chain is refused', async () => {
    const place = { namespace: site.otherNamespace, name: 'wrong' };
    await createNetwork(place, {
      chainId: 'other-1',
      validators: { replicas: 0 },
      fullNodes: { replicas: 1 },
      genesis: { configMap: { name: 'genesis-of-first' } },
    });
    await eventually(30, async () => {
      const { status } = await getNetwork(place);
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({
          type: 'Ready',
          status: 'False',
          reason: 'GenesisChanged',
          message: expect.stringContaining('holds the genesis of chain first-1, and spec.chainId is other-1'),
        }),
      );
    });
    expect(await lifeOfPods(place)).toEqual({});
  });
});
