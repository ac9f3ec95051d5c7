/** Everything about one node that is decided upon, read into one plain value. */
import type { SymbolTransactions } from '../../formats/symbol-transactions.ts';
import type {
  ConfigMap,
  KubeObject,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  StatefulSet,
} from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
} from '../../kube/resource-types.ts';
import { LABEL_KIND, LABEL_NODE } from '../../reconcile/labels.ts';
import { type Claimed, findConflict } from './conflict.ts';
import { childLabels } from './desired/metadata.ts';
import { type NodeNames, namesOf, nodeNameOf } from './names.ts';
import type { Fetched, NetworkHeight, NetworkSource } from './network-source.ts';
import { type ObservedPackage, observePackage } from './package-in-use.ts';
import type { NodeReading } from './rpc/reading.ts';
import type { SymbolNode } from './schema.ts';
import { type Settings, settingsOf } from './settings.ts';
import type { Delivery } from './watch/alerts.ts';

type ByName<T> = ReadonlyMap<string, T>;

export type Observed = {
  names: NodeNames;
  settings: Settings;
  /** Children by name, and whatever else has the name of one. */
  secrets: ByName<Secret>;
  configMaps: ByName<ConfigMap>;
  services: ByName<Service>;
  claims: ByName<PersistentVolumeClaim>;
  pods: ByName<Pod>;
  statefulSets: ByName<StatefulSet>;
  /** Secrets that the user brought, by name; one that does not exist is absent. */
  userSecrets: ByName<Secret>;
  network: ObservedPackage;
  /** Of nodewatch; undefined where none is asked, or nothing needs it. */
  height: Fetched<NetworkHeight> | undefined;
  /** Lists of nodes by role, as nodewatch has them; absent where the node has its peers already. */
  peers: ReadonlyMap<'peer' | 'api', Fetched<unknown>>;
  /** False: nobody knows the name that the spec tells others to connect to. Undefined where that is not known, or there is none. */
  hasHost: boolean | undefined;
  /** What makes link transactions; undefined while none has to be made. */
  transactions: SymbolTransactions | undefined;
  /** What became of what somebody was told, as far as this process knows. */
  deliveries: ReadonlyMap<string, Delivery>;
  /** Why nothing must be written: the objects are somebody else's. */
  conflict: string | undefined;
  /** Whether a pod may be stopped by what was seen (confirm.ts). */
  isConfirmed: boolean;
  /** What the node last said, by uid of the pod. */
  readings: ByName<NodeReading>;
};

export async function observe(resource: SymbolNode, reader: Reader, source: NetworkSource): Promise<Observed> {
  const namespace = resource.metadata.namespace as string;
  const labels = childLabels(resource);
  const list = <T extends KubeObject>(type: ResourceType) => reader.list<T>(type, { namespace, labels });
  const [secrets, configMaps, services, claims, pods, statefulSets] = await Promise.all([
    list<Secret>(SECRETS),
    list<ConfigMap>(CONFIG_MAPS),
    list<Service>(SERVICES),
    list<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS),
    list<Pod>(PODS),
    list<StatefulSet>(STATEFUL_SETS),
  ]);
  const names = namesOf(existingName([...statefulSets, ...secrets, ...configMaps]) ?? wantedName(resource));
  const settings = settingsOf(resource, names.node);
  const get = <T extends KubeObject>(type: ResourceType, name: string) => reader.get<T>(type, { namespace, name });
  // What is not among ours may still exist: of the tutorial's operator, of another resource, or of nobody.
  const complete = async <T extends KubeObject>(type: ResourceType, found: T[], expected: string[]) => {
    const known = byName(found);
    const missing = expected.filter((name) => !known.has(name));
    const others = await Promise.all(missing.map((name) => get<T>(type, name)));
    return byName([...found, ...others.filter((other) => other !== undefined)]);
  };
  const configMapsByName = await complete(CONFIG_MAPS, configMaps, [
    ...[names.package(0), names.resources, names.seed(0)],
    ...(settings.api === 'none' ? [] : [names.rest]),
    ...(settings.api === 'full' ? [names.mongo] : []),
  ]);
  const network = await observePackage(resource, names, configMapsByName, get, source);
  const children = {
    secrets: await complete(SECRETS, secrets, [
      names.certificates,
      ...(resource.spec.caKeySecret === undefined ? [names.caKey] : []),
      ...(settings.features.has('HARVESTER') ? [names.harvesterKeys, names.harvesting] : []),
      ...(settings.features.has('VOTER') ? [names.votingKeys] : []),
    ]),
    configMaps: configMapsByName,
    services: await complete(SERVICES, services, [
      names.service,
      ...(settings.api === 'none' ? [] : [names.restService]),
    ]),
    claims: await complete(PERSISTENT_VOLUME_CLAIMS, claims, [names.claim]),
    pods: await complete(PODS, pods, [names.pod]),
    statefulSets: await complete(STATEFUL_SETS, statefulSets, [names.statefulSet]),
  };
  const nodewatch = settings.monitor.nodewatch ?? network.content?.settings.nodewatch ?? '';
  const { caKeySecret, import: imported, accounts, alerts } = resource.spec;
  const userSecrets = [
    ...[caKeySecret?.name, imported?.secretName, accounts?.cosigner?.name],
    alerts?.webhook?.urlSecret?.name,
  ].filter((name) => name !== undefined);
  return {
    names,
    settings,
    ...children,
    userSecrets: byName(
      (await Promise.all(userSecrets.map((name) => get<Secret>(SECRETS, name)))).filter((found) => found !== undefined),
    ),
    network,
    height: nodewatch === '' || !settings.features.has('VOTER') ? undefined : await source.fetchHeight(nodewatch),
    peers: await observePeers(resource, settings, children.configMaps.get(names.resources), nodewatch, source),
    hasHost: await observeHost(resource, source),
    transactions: undefined,
    deliveries: new Map(),
    isConfirmed: true,
    conflict: await findConflict(resource, claimedBy(names, children), reader),
    readings: new Map(),
  };
}

/** Objects of which there must be no other owner. A claim without labels was left by the tutorial's StatefulSet. */
export function claimedBy(
  names: NodeNames,
  {
    secrets,
    configMaps,
    services,
    claims,
    statefulSets,
  }: Pick<Observed, 'secrets' | 'configMaps' | 'services' | 'claims' | 'statefulSets'>,
): Claimed[] {
  const of = (type: ResourceType, objects: ReadonlyMap<string, KubeObject>): Claimed[] =>
    [...objects.values()].map((object) => ({ type, object }));
  const claim = claims.get(names.claim);
  return [
    ...of(STATEFUL_SETS, statefulSets),
    ...of(SECRETS, secrets),
    ...of(CONFIG_MAPS, configMaps),
    ...of(SERVICES, services),
    ...(claim?.metadata.labels?.[LABEL_KIND] === undefined ? [] : of(PERSISTENT_VOLUME_CLAIMS, new Map([['', claim]]))),
  ];
}

/** The name of a node that has objects stays, whatever the spec says now. */
function existingName(children: KubeObject[]): string | undefined {
  return children.map(({ metadata }) => metadata.labels?.[LABEL_NODE]).find((name) => name !== undefined);
}

/** Of a resource that can be worked with. */
function wantedName(resource: SymbolNode): string {
  const name = nodeNameOf(resource);
  if (typeof name !== 'string') throw new Error(name.problem);
  return name;
}

/** Peers are looked for once: later on the node knows more of them than nodewatch lists. */
async function observePeers(
  { spec }: SymbolNode,
  { api }: Settings,
  resources: ConfigMap | undefined,
  nodewatch: string,
  source: NetworkSource,
): Promise<Observed['peers']> {
  if (spec.peers !== undefined || nodewatch === '') return new Map();
  const needed = [
    ...(resources?.data?.['peers-p2p.json'] === undefined ? (['peer'] as const) : []),
    ...(api === 'full' && resources?.data?.['peers-api.json'] === undefined ? (['api'] as const) : []),
  ];
  return new Map(
    await Promise.all(needed.map(async (role) => [role, await source.fetchNodes(nodewatch, role)] as const)),
  );
}

async function observeHost({ spec }: SymbolNode, source: NetworkSource): Promise<boolean | undefined> {
  return spec.hostName === '' ? undefined : (await source.findHost(spec.hostName)).value;
}

/** A cluster in which there is nothing of the node yet. */
export function observeNothing(resource: SymbolNode, network: ObservedPackage): Observed {
  const names = namesOf(wantedName(resource));
  return {
    names,
    settings: settingsOf(resource, names.node),
    secrets: new Map(),
    configMaps: new Map(),
    services: new Map(),
    claims: new Map(),
    pods: new Map(),
    statefulSets: new Map(),
    userSecrets: new Map(),
    network,
    height: undefined,
    peers: new Map(),
    hasHost: undefined,
    transactions: undefined,
    deliveries: new Map(),
    isConfirmed: true,
    conflict: undefined,
    readings: new Map(),
  };
}

function byName<T extends KubeObject>(objects: T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}
