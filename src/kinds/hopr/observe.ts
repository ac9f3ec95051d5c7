/**
 * What is decided upon, read into plain values. Everything that is made carries the label of the operator's instance, and only that is in the
 * caches; what was made under another name of the instance is found where the API server itself is asked, by its owner and its volume.
 */
import {
  type ConfigMap,
  type Deployment,
  type Ingress,
  type Job,
  type KubeObject,
  keyOf,
  type PersistentVolumeClaim,
  type Pod,
  type Secret,
  type Service,
} from '../../kube/objects.ts';
import { hasLabels, type Reader } from '../../kube/reader.ts';
import {
  CONFIG_MAPS,
  CRON_JOBS,
  DEPLOYMENTS,
  INGRESSES,
  JOBS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  PROMETHEUS_RULES,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SERVICE_MONITORS,
  SERVICES,
} from '../../kube/resource-types.ts';
import { canonicalJson } from '../../reconcile/stamp.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { ClusterObserved } from './cluster-plan.ts';
import { LABEL_CLUSTER, LABEL_INSTANCE, LABEL_NAME, LABEL_POOL } from './desired/metadata.ts';
import { TCP_CONFIG_MAP, UDP_CONFIG_MAP } from './desired/nginx-ports.ts';
import { environmentSecretOf } from './desired/node-env.ts';
import { chooseIdentity, holderOf } from './identity-lock.ts';
import { type IdentityObserved, isMemberOf } from './identity-plan.ts';
import { claimOf, hasEnded, type NodeObserved } from './node-observed.ts';
import type { PoolObserved } from './pool-plan.ts';
import {
  type ClusterHoprd,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityHoprd,
  type IdentityPool,
} from './schema.ts';

type Labels = Record<string, string>;

export async function observePool(
  pool: IdentityPool,
  reader: Reader,
  settings: HoprSettings,
  hasServiceMonitors: boolean,
  hasPrometheusRules = false,
): Promise<PoolObserved> {
  const { namespace = '' } = pool.metadata;
  const types = [
    ...[SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, CRON_JOBS],
    ...(hasServiceMonitors ? [SERVICE_MONITORS] : []),
    ...(hasPrometheusRules ? [PROMETHEUS_RULES] : []),
  ];
  const [wallet, environment, identities, ...children] = await Promise.all([
    reader.get<Secret>(SECRETS, { namespace, name: pool.spec.secretName }),
    reader.get<Secret>(SECRETS, { namespace, name: environmentSecretOf(pool.metadata.name) }),
    reader.list<IdentityHoprd>(IDENTITY_HOPRDS, { namespace }),
    ...types.map((type) => listOwned<KubeObject>(pool, reader, ofInstance(settings), type)),
  ]);
  return {
    wallet,
    hasEnvironment: environment !== undefined,
    identities: identities.filter((identity) => isMemberOf(identity, pool)),
    children: children.flat(),
    hasServiceMonitors,
    hasPrometheusRules,
  };
}

/** @param live reads from the API server itself, see {@link IdentityObserved} */
export async function observeIdentity(
  identity: IdentityHoprd,
  reader: Reader,
  live: Reader,
  settings: HoprSettings,
): Promise<IdentityObserved> {
  const seen = await readIdentity(identity, reader, ofInstance(settings));
  const isStray = holderOf(identity) !== undefined && seen.holder === undefined && seen.users.length === 0;
  return isStray ? readIdentity(identity, live, {}) : seen;
}

async function readIdentity(identity: IdentityHoprd, reader: Reader, labels: Labels): Promise<IdentityObserved> {
  const { namespace = '', name } = identity.metadata;
  const holder = holderOf(identity);
  const [pool, claim, pods, deployments] = await Promise.all([
    reader.get<IdentityPool>(IDENTITY_POOLS, { namespace, name: identity.spec.identityPoolName }),
    reader.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, { namespace, name }),
    reader.list<Pod>(PODS, { namespace, labels }),
    reader.list<Deployment>(DEPLOYMENTS, { namespace, labels }),
  ]);
  return {
    pool,
    claim,
    holder: holder === undefined ? undefined : await reader.get<Hoprd>(HOPRDS, { namespace, name: holder }),
    users: [
      ...pods.filter((pod) => claimOf(pod.spec) === name && !hasEnded(pod)),
      ...deployments.filter(({ spec }) => claimOf(spec?.template.spec) === name),
    ],
  };
}

/**
 * @param live reads from the API server itself: what must not go by a cache that lags behind, because an identity is given back, a node
 *   started or a database deleted for what is not seen. That happens a few times in the life of a node.
 */
export async function observeNode(
  hoprd: Hoprd,
  reader: Reader,
  live: Reader,
  settings: HoprSettings,
): Promise<NodeObserved> {
  const seen = await readNode(hoprd, reader, settings, ofInstance(settings));
  if (!isDelicate(hoprd, seen)) return seen;
  const [observed, self] = await Promise.all([
    readNode(hoprd, live, settings, {}),
    live.get<Hoprd>(HOPRDS, keyOf(hoprd)),
  ]);
  return { ...observed, isOutdated: self === undefined || !isSameWish(hoprd, self) };
}

function isDelicate(hoprd: Hoprd, { deployment, identities }: NodeObserved): boolean {
  const { metadata, spec } = hoprd;
  const isWanted = spec.enabled !== false;
  const hasIdentity = identities.some((identity) => holderOf(identity) === metadata.name);
  const isStarting = deployment === undefined ? hasIdentity : isWanted && deployment.spec?.replicas === 0;
  // It would be stopped for that, and a view of the identity that is older than the node's own Deployment says the same.
  const isLost =
    deployment !== undefined &&
    chooseIdentity(hoprd, identities, claimOf(deployment.spec?.template.spec)).state === 'lost';
  return metadata.deletionTimestamp !== undefined || spec.deleteDatabase === true || isStarting || isLost;
}

/** Whether a resource is still the one that was read, with the same spec. */
function isSameWish(read: Hoprd, live: Hoprd): boolean {
  const wish = ({ metadata, spec }: Hoprd) =>
    canonicalJson([metadata.uid, metadata.deletionTimestamp !== undefined, spec]);
  return wish(read) === wish(live);
}

/** @param labels that its children are asked for by, besides being owned by it */
async function readNode(hoprd: Hoprd, reader: Reader, settings: HoprSettings, labels: Labels): Promise<NodeObserved> {
  const { namespace = '', name } = hoprd.metadata;
  const ours = ofInstance(settings);
  const owned = <T extends KubeObject>(type: ResourceType) => listOwned<T>(hoprd, reader, labels, type);
  const [pool, identities, [deployment], [ingress], services, jobs, all] = await Promise.all([
    reader.get<IdentityPool>(IDENTITY_POOLS, { namespace, name: hoprd.spec.identityPoolName }),
    reader.list<IdentityHoprd>(IDENTITY_HOPRDS, { namespace }),
    owned<Deployment>(DEPLOYMENTS),
    owned<Ingress>(INGRESSES),
    owned<Service>(SERVICES),
    owned<Job>(JOBS),
    reader.list<Service>(SERVICES, { labels: ours }),
  ]);
  // After what makes them, so that a pod that it has made by then is seen.
  const candidates = await reader.list<Pod>(PODS, { namespace, labels });
  // Last, as every node writes them, and a write fails where another one came in between.
  const [tcp, udp] = await Promise.all(
    [TCP_CONFIG_MAP, UDP_CONFIG_MAP].map((name) => getConfigMap(reader, settings, name)),
  );
  const held = identities.filter((identity) => holderOf(identity) === name).map(({ metadata }) => metadata.name);
  const pods = candidates.filter(
    (pod) => hasLabels(pod, { ...ours, [LABEL_INSTANCE]: name }) || held.some((claim) => claim === claimOf(pod.spec)),
  );
  const others = all.filter(({ metadata }) => metadata.namespace !== namespace || metadata.name !== name);
  return {
    ...{ pool, identities, deployment, ingress, services, jobs, pods },
    nginx: { tcp, udp },
    isOutdated: false,
    foreignPorts: new Set(others.filter(isBehindIngress).flatMap(peerPorts)),
  };
}

export async function observeCluster(cluster: ClusterHoprd, reader: Reader): Promise<ClusterObserved> {
  const { namespace = '', name, uid } = cluster.metadata;
  const labels = { [LABEL_CLUSTER]: name };
  const [hoprds, identities] = await Promise.all([
    uid === undefined ? [] : reader.list<Hoprd>(HOPRDS, { namespace, labels, owner: uid }),
    reader.list<IdentityHoprd>(IDENTITY_HOPRDS, { namespace }),
  ]);
  return { hoprds, identities };
}

async function listOwned<T extends KubeObject>(
  { metadata }: KubeObject,
  reader: Reader,
  labels: Labels,
  type: ResourceType,
): Promise<T[]> {
  const { namespace = '', uid } = metadata;
  return uid === undefined ? [] : reader.list<T>(type, { namespace, labels, owner: uid });
}

/** Of all that this instance of the operator makes. */
function ofInstance({ instanceName }: HoprSettings): Labels {
  return { [LABEL_NAME]: instanceName };
}

async function getConfigMap(reader: Reader, { ingress }: HoprSettings, name: string): Promise<ConfigMap | undefined> {
  const { namespace } = ingress;
  return namespace === undefined ? undefined : reader.get<ConfigMap>(CONFIG_MAPS, { namespace, name });
}

function isBehindIngress({ metadata, spec }: Service): boolean {
  return metadata.labels?.[LABEL_POOL] !== undefined && spec?.type !== 'LoadBalancer';
}

/** API and metrics are reached by other ways. */
function peerPorts({ spec }: Service): number[] {
  return (spec?.ports ?? []).filter(({ name }) => /^(p2p|session)/.test(name ?? '')).map(({ port }) => port);
}
