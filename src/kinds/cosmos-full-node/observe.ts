/** Everything about one CosmosFullNode that is decided upon, read into one plain value. */
import type {
  ConfigMap,
  KubeObject,
  PersistentVolumeClaim,
  Pod,
  Role,
  RoleBinding,
  Service,
  ServiceAccount,
} from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
  VOLUME_SNAPSHOTS,
} from '../../kube/resource-types.ts';
import type { KindOptions } from '../kind.ts';
import { listVolumeSnapshots, type VolumeSnapshot } from '../volume-snapshot.ts';
import { type DataSources, findDataSources } from './data-sources.ts';
import { appLabel, LABEL_APP } from './desired/metadata.ts';
import { upgradeSnapshotLabels } from './desired/upgrade-snapshot.ts';
import { CREATED_BY, LABEL_CREATED_BY } from './names.ts';
import type { Reading } from './node.ts';
import { NOTHING_TO_RECOVER, type RecoveryView, viewRecovery } from './recovery-view.ts';
import type { CosmosFullNode } from './schema.ts';
import { isMarked } from './upgrade-snapshots.ts';

type ByName<T> = ReadonlyMap<string, T>;

export type Observed = {
  /** Children, by name. */
  services: ByName<Service>;
  configMaps: ByName<ConfigMap>;
  claims: ByName<PersistentVolumeClaim>;
  pods: ByName<Pod>;
  serviceAccounts: ByName<ServiceAccount>;
  roles: ByName<Role>;
  roleBindings: ByName<RoleBinding>;
  /** Where the data of missing claims is to come from. */
  dataSources: DataSources;
  /** Taken before upgrades, by name; empty where nobody asks for any, undefined where the cluster has no such API. */
  upgradeSnapshots: ByName<VolumeSnapshot> | undefined;
  recovery: RecoveryView;
  /** What the nodes last said, by uid of the pod. */
  readings: ByName<Reading>;
};

/** On every child; the operator's caches hold what carries it. */
export const CHILDREN = { [LABEL_CREATED_BY]: CREATED_BY };

export async function observe(
  fullNode: CosmosFullNode,
  reader: Reader,
  _options?: KindOptions,
  live: Reader = reader,
): Promise<Observed> {
  const owned = <T extends KubeObject>(type: ResourceType) => listOwned<T>(fullNode, reader, type);
  const [services, configMaps, claims, pods, serviceAccounts, roles, roleBindings] = await Promise.all([
    owned<Service>(SERVICES),
    withKept<ConfigMap>(fullNode, reader, CONFIG_MAPS, owned<ConfigMap>(CONFIG_MAPS)),
    withKept<PersistentVolumeClaim>(fullNode, reader, PERSISTENT_VOLUME_CLAIMS, owned(PERSISTENT_VOLUME_CLAIMS)),
    owned<Pod>(PODS),
    owned<ServiceAccount>(SERVICE_ACCOUNTS),
    owned<Role>(ROLES),
    owned<RoleBinding>(ROLE_BINDINGS),
  ]);
  const [claimsByName, podsByName] = [byName(claims), byName(pods)];
  const [dataSources, upgradeSnapshots, recovery] = await Promise.all([
    findDataSources(fullNode, claimsByName, reader),
    findUpgradeSnapshots(fullNode, claims, reader),
    viewRecovery(fullNode, claimsByName, podsByName, live),
  ]);
  return {
    services: byName(services),
    configMaps: byName(configMaps),
    claims: claimsByName,
    pods: podsByName,
    serviceAccounts: byName(serviceAccounts),
    roles: byName(roles),
    roleBindings: byName(roleBindings),
    dataSources,
    upgradeSnapshots,
    recovery,
    readings: new Map(),
  };
}

/** A cluster in which there is nothing of the resource yet. */
export function observeNothing(): Observed {
  return {
    services: new Map(),
    configMaps: new Map(),
    claims: new Map(),
    pods: new Map(),
    serviceAccounts: new Map(),
    roles: new Map(),
    roleBindings: new Map(),
    dataSources: new Map(),
    upgradeSnapshots: new Map(),
    recovery: NOTHING_TO_RECOVER,
    readings: new Map(),
  };
}

/** The observed objects of a type, by name. */
export function childrenOf(observed: Observed, type: ResourceType): ByName<KubeObject> {
  const children = new Map<ResourceType, ByName<KubeObject>>([
    [SERVICES, observed.services],
    [CONFIG_MAPS, observed.configMaps],
    [PERSISTENT_VOLUME_CLAIMS, observed.claims],
    [PODS, observed.pods],
    [SERVICE_ACCOUNTS, observed.serviceAccounts],
    [ROLES, observed.roles],
    [ROLE_BINDINGS, observed.roleBindings],
    [VOLUME_SNAPSHOTS, observed.upgradeSnapshots ?? new Map()],
  ]);
  return children.get(type) ?? new Map();
}

async function listOwned<T extends KubeObject>(fullNode: CosmosFullNode, reader: Reader, type: ResourceType) {
  const { uid, namespace = '' } = fullNode.metadata;
  return uid === undefined ? [] : reader.list<T>(type, { namespace, labels: CHILDREN, owner: uid });
}

/** With policy Retain claims and ConfigMaps have no owner; they are known by their labels. */
async function withKept<T extends KubeObject>(
  fullNode: CosmosFullNode,
  reader: Reader,
  type: ResourceType,
  owned: Promise<T[]>,
): Promise<T[]> {
  const { namespace = '' } = fullNode.metadata;
  const labels = { ...CHILDREN, [LABEL_APP]: appLabel(fullNode) };
  const kept = (await reader.list<T>(type, { namespace, labels })).filter(
    ({ metadata }) => !metadata.ownerReferences?.some((owner) => owner.controller === true),
  );
  return [...(await owned), ...kept];
}

/** Also where the wish was taken back in the middle of an upgrade: what was begun is brought to an end. */
async function findUpgradeSnapshots(
  fullNode: CosmosFullNode,
  claims: readonly PersistentVolumeClaim[],
  reader: Reader,
): Promise<ByName<VolumeSnapshot> | undefined> {
  if (fullNode.spec.upgradeSnapshot === undefined && !claims.some(isMarked)) return new Map();
  const { namespace = '' } = fullNode.metadata;
  const found = await listVolumeSnapshots(reader, namespace, upgradeSnapshotLabels(fullNode));
  return found && byName(found);
}

function byName<T extends KubeObject>(objects: T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}
