/** How a node is reached: its peer port, and REST where there is one. */
import type { Service } from '../../../kube/objects.ts';
import { SERVICES } from '../../../kube/resource-types.ts';
import type { Desired } from '../../../reconcile/diff.ts';
import type { Observed } from '../observe.ts';
import type { SymbolNode } from '../schema.ts';
import { PEER_PORT, REST_PORT } from './containers.ts';
import { childMetadata, LABEL_APP } from './metadata.ts';

type Exposed = { type: string; port: number; name: string; nodePort?: number | undefined; ready: boolean };

export function buildServices(resource: SymbolNode, observed: Observed): Desired[] {
  const { names, settings } = observed;
  const { type, restType, port } = settings.exposure;
  const node = buildService(resource, observed, names.service, {
    type,
    port: PEER_PORT,
    name: 'peer',
    nodePort: type === 'NodePort' ? port : undefined,
    // A node that catches up takes part as well.
    ready: false,
  });
  const rest = buildService(resource, observed, names.restService, {
    ...{ type: restType, port: REST_PORT, name: 'rest', ready: true },
  });
  return [
    { type: SERVICES, write: 'apply', object: node, purpose: 'the address of the node' },
    ...(settings.api === 'none'
      ? []
      : [{ type: SERVICES, write: 'apply' as const, object: rest, purpose: 'the address of REST' }]),
  ];
}

function buildService(resource: SymbolNode, { names, settings }: Observed, name: string, exposed: Exposed): Service {
  const { annotations, loadBalancerClass } = settings.exposure;
  const isOutside = exposed.type === 'NodePort' || exposed.type === 'LoadBalancer';
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(resource, name, {
      ...{ node: names.node, component: 'node', owned: true },
      ...(isOutside && annotations !== undefined ? { annotations } : {}),
    }),
    spec: {
      type: isOutside ? exposed.type : 'ClusterIP',
      selector: { [LABEL_APP]: names.node },
      publishNotReadyAddresses: !exposed.ready,
      // Catapult counts connections by address, which must not all be that of a machine of the cluster.
      ...(isOutside ? { externalTrafficPolicy: 'Local' } : {}),
      ...(exposed.type === 'LoadBalancer' && loadBalancerClass !== undefined ? { loadBalancerClass } : {}),
      ports: [
        {
          ...{ name: exposed.name, port: exposed.port, targetPort: exposed.port, protocol: 'TCP' },
          ...(exposed.nodePort === undefined ? {} : { nodePort: exposed.nodePort }),
        },
      ],
    },
  };
}
