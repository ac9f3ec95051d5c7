/** How the instances of a resource, and others, find them (spec cosmos §2.4, §1.2 `peers`). */
import { type Instance, listInstances } from '../instances.ts';
import type { CosmosFullNode } from '../schema.ts';
import { cometPortsOf } from './ports.ts';

/** Node ids by name of the instance; one whose key is of no use has none, and is no peer. */
export type NodeIds = ReadonlyMap<string, string>;

type Peer = { nodeId: string; address: string };

/** The other instances, by their names within the cluster, sorted as the Cosmos Operator sorts them. */
export function privatePeers(fullNode: CosmosFullNode, self: Instance, nodeIds: NodeIds): Peer[] {
  const { namespace } = fullNode.metadata;
  const domain = fullNode.spec.service?.clusterDomain || 'cluster.local';
  const { p2p } = cometPortsOf(fullNode);
  return listInstances(fullNode)
    .filter(({ name }) => name !== self.name)
    .flatMap(({ name, p2pServiceName }) => {
      const nodeId = nodeIds.get(name);
      const address = `${p2pServiceName}.${namespace}.svc.${domain}:${p2p}`;
      return nodeId === undefined ? [] : [{ nodeId, address }];
    })
    .sort((a, b) => (`${a.nodeId}@${a.address}` < `${b.nodeId}@${b.address}` ? -1 : 1));
}

/**
 * What the status tells of the instances as peers: `id@host:port`, sorted. One that cannot be reached from outside stands there with the
 * address 0.0.0.0.
 *
 * @param addresses `host:port` from outside, by name of the instance
 */
export function announcedPeers(
  fullNode: CosmosFullNode,
  nodeIds: NodeIds,
  addresses: ReadonlyMap<string, string>,
): string[] {
  const { p2p } = cometPortsOf(fullNode);
  return [...nodeIds].map(([name, nodeId]) => `${nodeId}@${addresses.get(name) ?? `0.0.0.0:${p2p}`}`).sort();
}
