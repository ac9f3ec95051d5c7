/** The Services of a node: one that the ingress controller leads to, or two load balancers (spec hopr §3.3). */
import type { Service, ServicePort } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import type { Hoprd } from '../schema.ts';
import { API_PORT } from './container-settings.ts';
import { METRICS_PORT } from './deployment.ts';
import { childMetadata, commonLabels, LABEL_POOL } from './metadata.ts';
import { serviceTypeOf } from './node.ts';
import { listSessionPorts, PEER_PORT, type PortRange } from './ports.ts';

type ServiceInput = { hoprd: Hoprd; ports: PortRange; settings: HoprSettings };

/** Where a load balancer is reached. */
export type BalancerAddress = { host: string; isIp: boolean };

/**
 * @param balancer what the TCP Service was given; without it there is no UDP Service yet, because both must have the same address
 */
export function buildServices(input: ServiceInput, balancer?: BalancerAddress): Service[] {
  if (serviceTypeOf(input.hoprd) === 'ClusterIP')
    return [buildService(input, input.hoprd.metadata.name, listAllPorts(input))];
  return [buildTcpBalancer(input), ...(balancer === undefined ? [] : [buildUdpBalancer(input, balancer)])];
}

/** The Service that API and metrics of a node are behind. */
export function apiServiceName(hoprd: Hoprd): string {
  const { name } = hoprd.metadata;
  return serviceTypeOf(hoprd) === 'ClusterIP' ? name : tcpBalancerName(hoprd);
}

export function tcpBalancerName({ metadata }: Hoprd): string {
  return `${metadata.name}-p2p-tcp`;
}

/** Undefined until the load balancer has an address. */
export function balancerAddressOf({ status }: Service): BalancerAddress | undefined {
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  if (ingress?.ip) return { host: ingress.ip, isIp: true };
  return ingress?.hostname ? { host: ingress.hostname, isIp: false } : undefined;
}

function buildTcpBalancer(input: ServiceInput): Service {
  const { hoprd, ports, settings } = input;
  const service = buildService(input, tcpBalancerName(hoprd), listTcpPorts(ports));
  const { name, namespace } = hoprd.metadata;
  const hostname = `${name}-p2p.${namespace}.${settings.ingress.dnsDomain}`;
  return {
    ...service,
    metadata: { ...service.metadata, annotations: { 'external-dns.alpha.kubernetes.io/hostname': hostname } },
    spec: { ...service.spec, type: 'LoadBalancer', allocateLoadBalancerNodePorts: false },
  };
}

function buildUdpBalancer(input: ServiceInput, { host, isIp }: BalancerAddress): Service {
  const service = buildService(input, `${input.hoprd.metadata.name}-p2p-udp`, listUdpPorts(input.ports));
  const spec = { ...service.spec, type: 'LoadBalancer', ...(isIp ? { loadBalancerIP: host } : {}) };
  return { ...service, spec };
}

function buildService({ hoprd, settings }: ServiceInput, name: string, ports: ServicePort[]): Service {
  const labels = {
    ...commonLabels(settings, hoprd.metadata.name),
    [LABEL_POOL]: hoprd.spec.identityPoolName,
  };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: childMetadata(hoprd, name, labels),
    spec: { type: 'ClusterIP', selector: labels, ports },
  };
}

function listAllPorts({ ports }: ServiceInput): ServicePort[] {
  return [...listTcpPorts(ports), ...listUdpPorts(ports)];
}

function listTcpPorts(range: PortRange): ServicePort[] {
  return [
    { name: 'api', port: API_PORT, protocol: 'TCP', targetPort: 'api' },
    { name: 'metrics', port: METRICS_PORT, protocol: 'TCP', targetPort: 'metrics' },
    servicePort(PEER_PORT, range.start, 'TCP'),
    ...listSessionPorts(range).map((port) => servicePort(`sessiont-${port}`, port, 'TCP')),
  ];
}

function listUdpPorts(range: PortRange): ServicePort[] {
  return [
    servicePort('p2p-udp', range.start, 'UDP'),
    ...listSessionPorts(range).map((port) => servicePort(`sessionu-${port}`, port, 'UDP')),
  ];
}

function servicePort(name: string, port: number, protocol: 'TCP' | 'UDP'): ServicePort {
  return { name, port, protocol, targetPort: port };
}
