/** Services: one per instance for its peers, one more per sentry for its signer, and one that leads to whichever nodes answer RPC (spec cosmos §2.3). */
import type { Service, ServicePort } from '../../../kube/objects.ts';
import { type Instance, listInstances } from '../instances.ts';
import { toLabelValue, toName, toServiceName } from '../names.ts';
import type { CosmosFullNode, ServiceTemplate } from '../schema.ts';
import { appLabel, type ChildOptions, childMetadata, LABEL_APP, LABEL_COMPONENT, LABEL_INSTANCE } from './metadata.ts';
import { type PortName, portOf } from './ports.ts';

type ServiceSpec = NonNullable<Service['spec']>;

/** What a node serves to its users, in the order of the RPC Service. */
const RPC_PORTS: readonly PortName[] = ['api', 'rosetta', 'grpc', 'rpc', 'grpc-web'];

/** P2P of every instance, then privval of every sentry, then RPC; the annotation `ordinal` counts them in this order. */
export function buildServices(fullNode: CosmosFullNode): Service[] {
  const instances = listInstances(fullNode);
  const sentries = fullNode.spec.type === 'Sentry' ? instances : [];
  return [
    ...instances.map((instance, position) => buildP2pService(fullNode, instance, position)),
    ...sentries.map((instance, index) => buildPrivvalService(fullNode, instance, instances.length + index)),
    buildRpcService(fullNode, instances.length + sentries.length),
  ];
}

/** Where peers outside of the cluster reach an instance: `none` is meant, the load balancer has none yet, or `host:port`. */
export function externalAddressOf({ spec, status }: Service): 'none' | 'pending' | { address: string } {
  if (spec?.type !== 'LoadBalancer') return 'none';
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  const host = ingress?.ip || ingress?.hostname;
  if (!host) return 'pending';
  return { address: `${host.includes(':') ? `[${host}]` : host}:${spec.ports?.[0]?.port}` };
}

function buildP2pService(fullNode: CosmosFullNode, instance: Instance, position: number): Service {
  const { p2pTemplate, maxP2PExternalAddresses = 1 } = fullNode.spec.service ?? {};
  const isExternal = instance.index < maxP2PExternalAddresses;
  const type = isExternal ? (p2pTemplate?.type ?? 'LoadBalancer') : 'ClusterIP';
  const clusterIP = isExternal ? undefined : p2pTemplate?.clusterIP;
  return buildService(
    fullNode,
    {
      name: instance.p2pServiceName,
      ordinal: position,
      labels: { [LABEL_COMPONENT]: 'p2p', [LABEL_INSTANCE]: toLabelValue(instance.name) },
      template: isExternal ? p2pTemplate?.metadata : undefined,
    },
    {
      ports: [servicePort(fullNode, 'p2p')],
      selector: selectInstance(instance),
      type,
      ...trafficPolicy(type, p2pTemplate?.externalTrafficPolicy ?? 'Local'),
      ...(clusterIP ? { clusterIP } : {}),
    },
  );
}

function buildPrivvalService(fullNode: CosmosFullNode, instance: Instance, position: number): Service {
  return buildService(
    fullNode,
    {
      name: instance.privvalServiceName,
      ordinal: position,
      labels: { [LABEL_COMPONENT]: 'cosmos-sentry', [LABEL_INSTANCE]: toLabelValue(instance.name) },
      template: fullNode.spec.service?.p2pTemplate?.metadata,
    },
    {
      ports: [{ ...servicePort(fullNode, 'privval'), name: 'sentry-privval' }],
      selector: selectInstance(instance),
      type: 'ClusterIP',
      // A sentry is ready only once its signer has found it.
      publishNotReadyAddresses: true,
    },
  );
}

function buildRpcService(fullNode: CosmosFullNode, position: number): Service {
  const { rpcTemplate } = fullNode.spec.service ?? {};
  const type = rpcTemplate?.type ?? 'ClusterIP';
  return buildService(
    fullNode,
    {
      name: toServiceName(`${toName(fullNode.metadata.name)}-rpc`),
      ordinal: position,
      labels: { [LABEL_COMPONENT]: 'rpc' },
      template: rpcTemplate?.metadata,
    },
    {
      ports: [...RPC_PORTS.map((name) => servicePort(fullNode, name)), ...(rpcTemplate?.ports ?? [])],
      selector: { [LABEL_APP]: appLabel(fullNode) },
      type,
      ...trafficPolicy(type, rpcTemplate?.externalTrafficPolicy),
      ...(rpcTemplate?.clusterIP ? { clusterIP: rpcTemplate.clusterIP } : {}),
    },
  );
}

function buildService(fullNode: CosmosFullNode, options: ChildOptions, spec: ServiceSpec): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: childMetadata(fullNode, options), spec };
}

function servicePort(fullNode: CosmosFullNode, name: PortName): ServicePort {
  return { name, protocol: 'TCP', port: portOf(fullNode, name), targetPort: name };
}

function selectInstance({ name }: Instance): Record<string, string> {
  return { [LABEL_INSTANCE]: toLabelValue(name) };
}

/** Only where it has a meaning: the API server refuses a Service of another type that has one (§7.1 B15). */
function trafficPolicy(type: string, policy: ServiceTemplate['externalTrafficPolicy']): Partial<ServiceSpec> {
  const isReachable = type === 'LoadBalancer' || type === 'NodePort';
  return isReachable && policy !== undefined ? { externalTrafficPolicy: policy } : {};
}
