/** A network and its nodes for people. */
import type { Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import { viewCometNode } from '../comet-node-status.ts';
import { type ResourceView, type ViewSource, viewResource } from '../node-view.ts';
import { objectNameOf } from './members.ts';
import type { Reading } from './node.ts';
import { childLabels } from './observe.ts';
import type { TendermintNetwork } from './schema.ts';

export async function viewNetwork(network: TendermintNetwork, source: ViewSource<Reading>): Promise<ResourceView> {
  const { namespace = '' } = network.metadata;
  const found = await source.reader.list<Pod>(PODS, { namespace, labels: childLabels(network) });
  const pods = new Map(found.map((pod) => [pod.metadata.name, pod]));
  const nodes = (network.status?.nodes ?? []).map((told) => {
    const pod = pods.get(objectNameOf(network, told.name));
    const reading = pod && source.reading(pod);
    return {
      ...viewCometNode(told.name, told.role, { pod, reading, told, now: source.now }),
      power: told.power,
      updatePending: told.updatePending,
      version: reading?.answer?.status.version,
    };
  });
  const { validators, genesisHash } = network.status ?? {};
  return viewResource(network, {
    chain: network.spec.chainId,
    height: network.status?.height,
    nodes,
    facts: [
      ...(validators === undefined ? [] : [{ label: 'validators in sync', value: validators }]),
      ...(genesisHash === undefined ? [] : [{ label: 'SHA-256 of the genesis', value: genesisHash }]),
    ],
  });
}
