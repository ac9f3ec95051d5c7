/**
 * Services: one per node with an address that stays (CometBFT resolves a peer's name once, spec tendermint B2.3.11), open also before the
 * node is ready, so that nodes find each other; and one for RPC that leads to nodes in sync only.
 */
import { cometPorts } from '../../../formats/cometbft-config.ts';
import { SERVICES } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import { LABEL_NODE } from '../../../reconcile/labels.ts';
import { type Member, objectNameOf } from '../members.ts';
import type { TendermintNetwork } from '../schema.ts';
import { childMetadata, podSelector } from './metadata.ts';

/** @param clusterIp the address that the Service had before it was deleted; given to it again where it is still free */
export function buildNodeService(network: TendermintNetwork, member: Member, clusterIp: string | undefined): Desired {
  const build = (address: object) =>
    ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: childMetadata(network, member.objectName, { role: member.role, node: member.name, owned: true }),
      spec: {
        type: 'ClusterIP',
        ...address,
        publishNotReadyAddresses: true,
        selector: podSelector(network, { [LABEL_NODE]: member.name }),
        ports: [
          { name: 'p2p', port: cometPorts.p2p, targetPort: 'p2p', protocol: 'TCP' },
          { name: 'rpc', port: cometPorts.rpc, targetPort: 'rpc', protocol: 'TCP' },
          { name: 'metrics', port: cometPorts.metrics, targetPort: 'metrics', protocol: 'TCP' },
        ],
      },
    }) as Desired['object'];
  return {
    type: SERVICES,
    write: 'apply',
    purpose: `address of node ${member.name} that stays when its pod changes`,
    ...(clusterIp === undefined
      ? { object: build({}) }
      : { object: build({ clusterIP: clusterIp }), fallback: build({}) }),
  };
}

export function buildRpcService(network: TendermintNetwork): Desired {
  return {
    type: SERVICES,
    write: 'apply',
    purpose: 'RPC of whichever nodes are in sync',
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: childMetadata(network, objectNameOf(network, 'rpc'), { role: 'network', owned: true }),
      spec: {
        type: 'ClusterIP',
        selector: podSelector(network, RPC_POD_LABEL),
        ports: [{ name: 'rpc', port: cometPorts.rpc, targetPort: 'rpc', protocol: 'TCP' }],
      },
    } as Desired['object'],
  };
}

/** On the pods that the RPC Service leads to. */
export const RPC_POD_LABEL = { 'nodewright.dev/serves': 'rpc' };
