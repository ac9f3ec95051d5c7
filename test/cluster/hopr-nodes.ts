/** HOPR resources as tests make and see them, in a cluster where a script stands in for hoprd. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import type { ImageRegistry } from '../../cluster/image-registry.ts';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityHoprd,
} from '../../src/kinds/hopr/schema.ts';
import { writtenCluster, writtenHoprd, writtenIdentity, writtenPool } from '../../src/kinds/hopr/written-resources.ts';
import { type ConfigMap, type KubeObject, type Pod, uidOf } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, INGRESS_CLASSES, PODS, type ResourceType, SECRETS } from '../../src/kube/resource-types.ts';
import { getFromPod } from './chain.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { type Site, startSiteOperator } from './site.ts';

export const POOL = 'pool';
export const CLUSTER = 'relay';
const API_PORT = 3001;
const PORT_MIN = 9000;
const PORT_MAX = 9060;

/** Fast enough for a test, and patient with a machine that runs others. */
const DEPLOYMENT = {
  resources: 'requests: {cpu: 100m, memory: 16Mi}\n',
  startupProbe: 'httpGet: {path: /startedz, port: 3001}\nperiodSeconds: 1\ntimeoutSeconds: 10\nfailureThreshold: 120\n',
  readinessProbe: 'httpGet: {path: /readyz, port: 3001}\nperiodSeconds: 2\ntimeoutSeconds: 10\nfailureThreshold: 5\n',
  livenessProbe: 'httpGet: {path: /healthz, port: 3001}\nperiodSeconds: 10\ntimeoutSeconds: 20\nfailureThreshold: 10\n',
};

/** The name of the ingress class is the site's own: classes belong to the whole cluster. */
const className = (site: Site) => `${site.namespace}-nginx`;

/** Arguments of an operator whose ingress controller has its ConfigMaps in the other namespace of the site. */
export function hoprArgs(site: Site, registry: ImageRegistry): readonly string[] {
  const image = registry.nameOf('hoprd');
  const file = join(mkdtempSync(join(tmpdir(), 'nodewright-hopr-')), 'config.yaml');
  writeFileSync(
    file,
    [
      'instance: {name: hoprd-operator}',
      `ingress: {ingress_class_name: ${className(site)}, dns_domain: example.org, loadbalancer_ip: 203.0.113.7,`,
      `  namespace: ${site.otherNamespace}, port_min: ${PORT_MIN}, port_max: ${PORT_MAX}}`,
      'persistence: {size: 8Mi, storage_class_name: local-path}',
      `hopli_image: ${image}:none`,
      `hoprd_image: ${image}`,
      `metrics_image: ${image}`,
      `init_image: ${image}:init`,
      `delete_database_image: ${image}:delete`,
    ].join('\n'),
  );
  return ['--no-leader-elect', '--hopr-config', file];
}

/** Call after useSite: what the configuration of the operator and the pool name. */
export function useSurroundings(site: Site): void {
  beforeAll(async () => {
    const create = (type: ResourceType, object: object) => kube.create(type, object as KubeObject);
    await create(INGRESS_CLASSES, {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: className(site) } },
      spec: { controller: 'test/none' },
    });
    for (const name of ['ingress-nginx-tcp', 'ingress-nginx-udp'])
      await create(CONFIG_MAPS, {
        ...{ apiVersion: 'v1', kind: 'ConfigMap' },
        metadata: { namespace: site.otherNamespace, name },
        data: { 9003: 'git/ssh:22' },
      });
    const secret = (name: string, keys: readonly string[]) => ({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: site.namespace, name } },
      stringData: Object.fromEntries(keys.map((key) => [key, `value of ${key}`])),
    });
    await create(SECRETS, secret('wallet', ['DEPLOYER_PRIVATE_KEY', 'IDENTITY_PASSWORD', 'HOPRD_API_TOKEN']));
    await create(SECRETS, secret(`${POOL}-default-env`, ['FROM_POOL']));
  });
}

/** Everything, whatever has become of the tests: what has a finalizer would keep its namespace. */
export async function removeSurroundings(site: Site): Promise<void> {
  const { namespace } = site;
  const types = [CLUSTER_HOPRDS, HOPRDS, IDENTITY_HOPRDS, IDENTITY_POOLS];
  const listAll = async () =>
    (await Promise.all(types.map((type) => kube.list(type, { namespace })))).flatMap((list, index) =>
      list.map(({ metadata }) => ({ type: types[index] as ResourceType, name: metadata.name })),
    );
  for (const { type, name } of await listAll()) await remove(site, type, name);
  await eventually(60, async () => expectNone(await listAll())).catch(async () => {
    for (const { type, name } of await listAll())
      await kube.mergePatch(type, { namespace, name }, { metadata: { finalizers: null } });
  });
  const live = await kube.get(INGRESS_CLASSES, { name: className(site) });
  if (live !== undefined) await kube.delete(INGRESS_CLASSES, { name: className(site) }, { uid: uidOf(live) });
}

function expectNone(left: readonly { name: string }[]): void {
  if (left.length > 0) throw new Error(`still there: ${left.map(({ name }) => name).join(', ')}`);
}

export function createPool({ namespace }: Site): Promise<KubeObject> {
  return kube.create(IDENTITY_POOLS, sent(writtenPool({ funding: undefined }, POOL), namespace));
}

/** Named as the pool, with numbers. */
export function createIdentity({ namespace }: Site, index: number): Promise<KubeObject> {
  return kube.create(IDENTITY_HOPRDS, sent(writtenIdentity({}, `${POOL}-${index}`), namespace));
}

export function createCluster({ namespace }: Site, replicas: number): Promise<KubeObject> {
  const spec = { replicas, portsAllocation: 5, deployment: DEPLOYMENT };
  return kube.create(CLUSTER_HOPRDS, sent(writtenCluster(spec, CLUSTER), namespace));
}

/** A node that belongs to no cluster, with Services of its own for its ports. */
export function createBalancedNode({ namespace }: Site, name: string): Promise<KubeObject> {
  const spec = { service: { type: 'LoadBalancer' as const }, portsAllocation: 5, deployment: DEPLOYMENT };
  return kube.create(HOPRDS, sent(writtenHoprd(spec, name), namespace));
}

export function patchCluster({ namespace }: Site, spec: Partial<ClusterHoprd['spec']>): Promise<KubeObject> {
  return kube.mergePatch(CLUSTER_HOPRDS, { namespace, name: CLUSTER }, { spec });
}

export async function remove({ namespace }: Site, type: ResourceType, name: string): Promise<void> {
  const live = await kube.get(type, { namespace, name });
  if (live !== undefined) await kube.delete(type, { namespace, name }, { uid: uidOf(live) });
}

/** Waits until so many nodes run, each with an identity and a pod of its own, and no other pod is there. */
export function untilRunning(site: Site, count: number, seconds = 180): Promise<Pod[]> {
  const { namespace } = site;
  return eventually(seconds, async () => {
    const cluster = await kube.get<ClusterHoprd>(CLUSTER_HOPRDS, { namespace, name: CLUSTER });
    const nodes = await kube.list<Hoprd>(HOPRDS, { namespace });
    const phases = nodes.map(({ metadata, status }) => `${metadata.name} ${status?.phase}`);
    if (cluster?.status?.phase !== 'Ready' || cluster.status.currentNodes !== count)
      throw new Error(`the cluster is ${JSON.stringify(cluster?.status)}, its nodes ${phases.join(', ')}`);
    const pods = await kube.list<Pod>(PODS, { namespace });
    const ready = pods.filter(({ status }) =>
      status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
    );
    if (nodes.length !== count || pods.length !== count || ready.length !== count)
      throw new Error(`${phases.join(', ')}; pods ${pods.map(({ metadata }) => metadata.name).join(', ')}`);
    const held = (await kube.list<IdentityHoprd>(IDENTITY_HOPRDS, { namespace })).flatMap(
      ({ status }) => status?.hoprdNodeName ?? [],
    );
    if (
      held.sort().join() !==
      nodes
        .map(({ metadata }) => metadata.name)
        .sort()
        .join()
    )
      throw new Error(`identities are held by ${held.join(', ')}`);
    return pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  });
}

/** What the stand-in shows of what it was given. */
export function shownBy(pod: Pod, what: 'environment' | 'identity' | 'configuration' | 'database'): Promise<string> {
  return getFromPod(pod, API_PORT, `/${what}`);
}

/** Ports that lead to nodes of the site, by protocol; those of others must be as they were. */
export async function openPorts(site: Site): Promise<Record<'tcp' | 'udp', number[]>> {
  const portsOf = async (protocol: 'tcp' | 'udp') => {
    const key = { namespace: site.otherNamespace, name: `ingress-nginx-${protocol}` };
    const data = (await kube.get<ConfigMap>(CONFIG_MAPS, key))?.data ?? {};
    if (data[9003] !== 'git/ssh:22') throw new Error(`the entry of others is gone: ${JSON.stringify(data)}`);
    return Object.entries(data).flatMap(([port, target]) =>
      target.startsWith(`${site.namespace}/`) ? [Number(port)] : [],
    );
  };
  return { tcp: await portsOf('tcp'), udp: await portsOf('udp') };
}

/** Does something, kills the operator when it has made so many writes because of it, or makes none any more, and starts another one. */
export async function whileOperatorIsKilled(
  site: Site,
  args: readonly string[],
  writes: number,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = await countWrites(site);
  await work();
  const start = Date.now();
  while (Date.now() - start < 3000 && (await countWrites(site)) < before + writes);
  await site.operator.end('SIGKILL');
  site.operator = await startSiteOperator(site, args);
}

async function countWrites(site: Site): Promise<number> {
  const lines = (await site.operator.metrics())
    .split('\n')
    .filter((line) => line.startsWith('nodewright_api_writes_total{'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

function sent<T extends KubeObject>(resource: T, namespace: string): T {
  return { ...resource, metadata: { namespace, name: resource.metadata.name } };
}
