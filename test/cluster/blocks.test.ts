import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/kube/objects.ts';
import { PODS } from '../../src/kube/resource-types.ts';
import { askNode, getFromPod, heightOf, queryValue, sendTransaction, signersOf, statusOf } from './chain.ts';
import { kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { metricValue } from './metric-value.ts';
import { createNetwork, lifeOfPods, nodePod, nodePods, patchSpec, untilHeight, untilReady } from './network.ts';
import { useSite } from './site.ts';

const site = useSite('blocks');
const place = () => ({ namespace: site.namespace, name: 'chain' });

describe('blocks', () => {
  it('four validators and a full node make 20 blocks', async () => {
    await createNetwork(place(), { fullNodes: { replicas: 1 } });
    await untilReady(place());
    await untilHeight(place(), 20);
    const pods = await nodePods(place());
    expect(pods.map((pod) => pod.metadata.name)).toEqual([
      'chain-full-0',
      ...[0, 1, 2, 3].map((index) => `chain-validator-${index}`),
    ]);
    const addresses = await Promise.all(pods.slice(1).map(async (pod) => (await statusOf(pod)).validator_info.address));
    const signed = new Set<string>();
    await eventually(30, async () => {
      for (const address of await signersOf(pods[0] as Pod)) signed.add(address);
      expect([...signed].sort()).toEqual([...addresses].sort());
    });
  });

  it('the status says of every node what the node says', async () => {
    const { status } = await untilReady(place());
    expect(status).toMatchObject({ phase: 'Running', chainId: 'chain-1', validators: '4/4', nodesInSync: '5/5' });
    for (const node of status?.nodes ?? []) {
      const { node_info, validator_info } = await statusOf(await nodePod(place(), node.name));
      expect(node).toMatchObject({ id: node_info.id, inSync: true, peers: expect.any(Number) });
      if (node.role === 'validator') {
        expect(node).toMatchObject({ address: validator_info.address, power: Number(validator_info.voting_power) });
      }
    }
  });

  it('so do the metrics, as they say it now', async () => {
    for (const name of ['validator-0', 'validator-1', 'validator-2', 'validator-3', 'full-0']) {
      const { node_info } = await statusOf(await nodePod(place(), name));
      await eventually(30, async () => {
        const height = await heightOf(await nodePod(place(), name));
        const metrics = await site.operator.metrics();
        const labels = { kind: 'TendermintNetwork', namespace: site.namespace, name: 'chain', node: name };
        const value = (metric: string) => metricValue(metrics, `nodewright_node_${metric}`, labels);
        expect(value('in_sync')).toBe(1);
        // Blocks come every second or so, and a node is asked every three.
        expect(Math.abs((value('height') ?? 0) - height)).toBeLessThan(15);
        expect(value('lag_blocks')).toBeLessThan(15);
        expect(value('peers')).toBeGreaterThan(0);
        expect(metricValue(metrics, 'nodewright_node_info', { ...labels, version: node_info.version })).toBe(1);
      });
    }
    const metrics = await site.operator.metrics();
    const labels = { namespace: site.namespace, name: 'chain' };
    const ofResource = ['nodes', 'nodes_updated'].map((metric) =>
      metricValue(metrics, `nodewright_resource_${metric}`, labels),
    );
    expect(ofResource).toEqual([5, 5]);
    expect(metricValue(metrics, 'nodewright_resource_condition', { ...labels, condition: 'Ready' })).toBe(1);
    expect(metricValue(metrics, 'rest_client_requests_total', { code: '200', method: 'GET' })).toBeGreaterThan(0);
  });

  it('a transaction sent to one node is read from another', async () => {
    await sendTransaction(await nodePod(place(), 'validator-0'), 'colour=green');
    for (const node of ['validator-3', 'full-0']) {
      await eventually(10, async () => expect(await queryValue(await nodePod(place(), node), 'colour')).toBe('green'));
    }
  });

  it('full nodes are scaled without a restart of any other node', async () => {
    const before = await lifeOfPods(place());
    await kubectl('scale', 'tendermintnetwork', 'chain', '--replicas=2', '--namespace', site.namespace);
    const scaled = await untilReady(place());
    expect(scaled.status).toMatchObject({ nodesInSync: '6/6', fullNodes: 2 });
    const more = await lifeOfPods(place());
    expect(more).toMatchObject(before);
    expect(Object.keys(more)).toContain('chain-full-1');
    const newest = await nodePod(place(), 'full-1');
    await eventually(30, async () => expect(await queryValue(newest, 'colour')).toBe('green'));

    await patchSpec(place(), { fullNodes: { replicas: 0 } });
    await eventually(60, async () => expect(await nodePods(place())).toHaveLength(4));
    const { 'chain-full-0': _gone, ...validators } = before;
    expect(await lifeOfPods(place())).toEqual(validators);
    await untilReady(place());
  });

  it('kubectl get shows the chain in columns', async () => {
    const { status } = await untilReady(place());
    const table = await kubectl('get', 'tendermintnetworks', 'chain', '--namespace', site.namespace);
    const [head, row] = table.split('\n').map((line) => line.split(/ {2,}/).map((cell) => cell.trim()));
    expect(head).toEqual(['NAME', 'PHASE', 'CHAIN', 'HEIGHT', 'VALIDATORS', 'QUORUM', 'AGE']);
    expect(row).toEqual([
      'chain',
      'Running',
      'chain-1',
      expect.stringMatching(/^\d+$/),
      '4/4',
      'True',
      expect.stringMatching(/^\d+[ms]/),
    ]);
    expect(Number(row?.[3])).toBeGreaterThanOrEqual(status?.height ?? 1);
  });

  it('a monitor shows the nodes, and a transacter sends transactions', async () => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), { monitor: {}, transacter: { rate: 20 } });
    const monitor = await eventually(60, () => readyPodOf('monitor'));
    await eventually(30, async () => {
      const page = JSON.parse(await getFromPod(monitor, 26670, '/json'));
      expect(page).toMatchObject({ nodes: [0, 1, 2, 3].map(() => expect.objectContaining({})) });
    });
    await eventually(60, () => readyPodOf('transacter'));
    const node = await nodePod(place(), 'validator-2');
    const height = await heightOf(node);
    await untilHeight(place(), height + 3);
    await eventually(20, async () => expect(await countTransactions(node)).toBeGreaterThan(20));
    await patchSpec(place(), { monitor: null, transacter: null });
    await eventually(60, async () => expect(await podsOf('monitor')).toEqual([]));
    expect(await lifeOfPods(place())).toEqual(before);
  });
});

function podsOf(role: string): Promise<Pod[]> {
  return kube.list<Pod>(PODS, { namespace: site.namespace, labelSelector: `nodewright.dev/role=${role}` });
}

async function readyPodOf(role: string): Promise<Pod> {
  const [pod] = await podsOf(role);
  const ready = pod?.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (pod === undefined || ready?.status !== 'True') throw new Error(`the ${role} is not ready`);
  return pod;
}

/** Of the latest ten blocks that a node has. */
async function countTransactions(pod: Pod): Promise<number> {
  const { block_metas } = await askNode<{ block_metas: { num_txs: string }[] }>(pod, '/blockchain');
  return block_metas.slice(0, 10).reduce((sum, block) => sum + Number(block.num_txs), 0);
}
