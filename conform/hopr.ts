/** IdentityPool, IdentityHoprd, ClusterHoprd and Hoprd, compared with what the HOPR operator made of them in a live run. */
import { buildNodeChildren, buildPoolChildren } from '../src/kinds/hopr/desired/children.ts';
import { buildClaim } from '../src/kinds/hopr/desired/claim.ts';
import { buildClusterNode, clusterNodeIndex, lastAppliedOf } from '../src/kinds/hopr/desired/cluster-node.ts';
import { serviceTypeOf } from '../src/kinds/hopr/desired/node.ts';
import { allocatePorts, LOAD_BALANCER_START, portCountOf, rememberedStart } from '../src/kinds/hopr/desired/ports.ts';
import { balancerAddressOf, tcpBalancerName } from '../src/kinds/hopr/desired/services.ts';
import { withOwner } from '../src/kinds/hopr/ownership.ts';
import type { ClusterHoprd, Hoprd, IdentityHoprd, IdentityPool } from '../src/kinds/hopr/schema.ts';
import { type HoprSettings, parseHoprSettings } from '../src/kinds/hopr-settings.ts';
import type { Deployment, KubeObject, Service } from '../src/kube/objects.ts';
import type { Family } from './family.ts';
import { withoutServerFields } from './hopr-comparison.ts';
import { compareEvents } from './hopr-events.ts';
import { type HoprInput, readHoprGoldens, sectionOf } from './hopr-goldens.ts';
import { compareWrites } from './hopr-writes.ts';

/** The configuration of the operator in the live run. */
const SETTINGS: HoprSettings = parseHoprSettings(
  `
instance: {name: hoprd-operator, namespace: hoprd-operator}
ingress:
  ingress_class_name: nginx
  dns_domain: staging.hoprnet.link
  loadbalancer_ip: 34.159.20.69
  namespace: ingress-nginx
  deployment_name: ingress-nginx-controller
  port_min: 9000
  port_max: 9100
  annotations:
    cert-manager.io/cluster-issuer: gcp-issuer
    nginx.ingress.kubernetes.io/proxy-connect-timeout: "3600"
    nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"
    nginx.ingress.kubernetes.io/proxy-send-timeout: "3600"
hopli_image: europe-west3-docker.pkg.dev/hoprassociation/docker-images/hopli:2.1.4
bucket_name: hoprd-sync-data-staging
persistence: {size: 4Gi, storage_class_name: standard-rwo}
`,
  'the configuration of the live run',
);

export const HOPR: Family = {
  name: 'hopr',
  readGoldens: readHoprGoldens,
  render: (input) => renderChildren(input as HoprInput),
  setAside: withoutServerFields,
  vectors: { events: compareEvents, writes: compareWrites },
};

function renderChildren({ around, ...resource }: HoprInput): Record<string, unknown> {
  const children = listChildren(resource, around).map((child) => withLastApplied(withOwner(withUid(resource), child)));
  const sections: Record<string, KubeObject[]> = {};
  for (const child of children) sections[sectionOf(child)] = [...(sections[sectionOf(child)] ?? []), child];
  return sections;
}

function listChildren(resource: KubeObject, around: KubeObject[]): KubeObject[] {
  switch (resource.kind) {
    case 'IdentityPool':
      return buildPoolChildren(resource as IdentityPool, SETTINGS);
    case 'IdentityHoprd':
      return [buildClaim(resource as IdentityHoprd, SETTINGS)];
    case 'ClusterHoprd':
      return listClusterNodes(resource as ClusterHoprd, around);
    default:
      return listNodeChildren(resource as Hoprd, around);
  }
}

/** Those that are there: files of a cluster need not hold all of its nodes. */
function listClusterNodes(cluster: ClusterHoprd, around: KubeObject[]): KubeObject[] {
  return around
    .filter(({ kind, metadata }) => kind === 'Hoprd' && metadata.ownerReferences?.[0]?.name === cluster.metadata.name)
    .map(({ metadata }) => clusterNodeIndex(cluster, metadata.name))
    .filter((index) => index !== undefined)
    .map((index) => buildClusterNode(cluster, index, SETTINGS));
}

function listNodeChildren(hoprd: Hoprd, around: KubeObject[]): KubeObject[] {
  const find = <T extends KubeObject>(kind: string, name: string | undefined) =>
    around.find((object) => object.kind === kind && object.metadata.name === name) as T | undefined;
  const { identityPoolName, identityName } = hoprd.spec;
  const pool = find<IdentityPool>('IdentityPool', identityPoolName);
  const identity = find<IdentityHoprd>('IdentityHoprd', hoprd.status?.identityName ?? identityName);
  if (pool === undefined || identity === undefined)
    throw new Error(`its pool ${identityPoolName} or its identity is not among the goldens`);
  const isBalanced = serviceTypeOf(hoprd) === 'LoadBalancer';
  const live = find<Deployment>('Deployment', hoprd.metadata.name);
  const count = portCountOf(hoprd.spec);
  const { portMin: first, portMax: last, loadBalancerIp } = SETTINGS.ingress;
  const preferred = live === undefined ? undefined : rememberedStart(live);
  const ports = isBalanced
    ? { start: LOAD_BALANCER_START, count }
    : allocatePorts({ count, first, last, taken: new Set(), preferred });
  if (ports === undefined) throw new Error(`there is no room for ${count} ports from ${first} to ${last}`);
  const tcp = find<Service>('Service', tcpBalancerName(hoprd));
  const balancer = tcp === undefined ? undefined : balancerAddressOf(tcp);
  const host = isBalanced ? (balancer?.host ?? '') : loadBalancerIp;
  return buildNodeChildren({ hoprd, pool, identity, host, ports, settings: SETTINGS }, balancer);
}

/** The goldens say `<uid>` where it would be another one in every run. */
function withUid(resource: KubeObject): KubeObject {
  return { ...resource, metadata: { ...resource.metadata, uid: '<uid>' } };
}

function withLastApplied(child: KubeObject): KubeObject {
  if (child.kind !== 'Hoprd') return child;
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastAppliedOf(child as Hoprd) };
  return { ...child, metadata: { ...child.metadata, annotations } };
}
