/** Everything about one network that is decided upon, read into one plain value. */
import type {
  ConfigMap,
  Deployment,
  KubeObject,
  Lease,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  Secret,
  Service,
} from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  LEASES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  type ResourceType,
  SECRETS,
  SERVICES,
} from '../../kube/resource-types.ts';
import { LABEL_KIND, LABEL_MANAGED_BY, LABEL_RESOURCE, LABEL_ROLE, MANAGER } from '../../reconcile/labels.ts';
import { listMembers } from './members.ts';
import type { Reading } from './node.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from './schema.ts';

/** The role of the Leases that reserve validator keys. */
export const ROLE_KEY_RESERVATION = 'validator-key';

type ByName<T> = ReadonlyMap<string, T>;

export type Observed = {
  /** Children, by name. */
  secrets: ByName<Secret>;
  configMaps: ByName<ConfigMap>;
  services: ByName<Service>;
  claims: ByName<PersistentVolumeClaim>;
  pods: ByName<Pod>;
  budgets: ByName<PodDisruptionBudget>;
  deployments: ByName<Deployment>;
  /** Secrets that the user brought, by name; one that does not exist is absent. */
  keySecrets: ByName<Secret>;
  /** The user's own genesis, when the spec names one and it exists. */
  joinedGenesis: ConfigMap | undefined;
  /** Key reservations of all networks, by name. */
  reservations: ByName<Lease>;
  /** What the nodes last said, by uid of the pod. */
  readings: ByName<Reading>;
};

/** Labels of every child of a network; the operator's caches hold what carries the first. */
export function childLabels(network: TendermintNetwork): Record<string, string> {
  return {
    [LABEL_MANAGED_BY]: MANAGER,
    [LABEL_KIND]: TENDERMINT_NETWORKS.kind,
    [LABEL_RESOURCE]: network.metadata.name,
  };
}

export async function observe(
  network: TendermintNetwork,
  reader: Reader,
  operatorNamespace: string,
): Promise<Observed> {
  const namespace = network.metadata.namespace as string;
  const children = async <T extends KubeObject>(type: ResourceType) =>
    byName(await reader.list<T>(type, { namespace, labels: childLabels(network) }));
  const [secrets, configMaps, services, claims, pods, budgets, deployments, reservations, keySecrets, joinedGenesis] =
    await Promise.all([
      children<Secret>(SECRETS),
      children<ConfigMap>(CONFIG_MAPS),
      children<Service>(SERVICES),
      children<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS),
      children<Pod>(PODS),
      children<PodDisruptionBudget>(POD_DISRUPTION_BUDGETS),
      children<Deployment>(DEPLOYMENTS),
      reader.list<Lease>(LEASES, {
        namespace: operatorNamespace,
        labels: { [LABEL_MANAGED_BY]: MANAGER, [LABEL_ROLE]: ROLE_KEY_RESERVATION },
      }),
      readKeySecrets(network, reader, namespace),
      readJoinedGenesis(network, reader, namespace),
    ]);
  return {
    secrets,
    configMaps,
    services,
    claims,
    pods,
    budgets,
    deployments,
    keySecrets,
    joinedGenesis,
    reservations: byName(reservations),
    readings: new Map(),
  };
}

/** A cluster in which there is nothing of the network yet. */
export function observeNothing() {
  return {
    secrets: new Map<string, Secret>(),
    configMaps: new Map<string, ConfigMap>(),
    services: new Map<string, Service>(),
    claims: new Map<string, PersistentVolumeClaim>(),
    pods: new Map<string, Pod>(),
    budgets: new Map<string, PodDisruptionBudget>(),
    deployments: new Map<string, Deployment>(),
    keySecrets: new Map<string, Secret>(),
    joinedGenesis: undefined as ConfigMap | undefined,
    reservations: new Map<string, Lease>(),
    readings: new Map<string, Reading>(),
  };
}

async function readKeySecrets(network: TendermintNetwork, reader: Reader, namespace: string): Promise<ByName<Secret>> {
  const names = new Set(listMembers(network).flatMap((member) => member.keySecret?.name ?? []));
  const found = await Promise.all([...names].map((name) => reader.get<Secret>(SECRETS, { namespace, name })));
  return byName(found.filter((secret) => secret !== undefined));
}

async function readJoinedGenesis(network: TendermintNetwork, reader: Reader, namespace: string) {
  const source = network.spec.genesis?.configMap;
  return source && reader.get<ConfigMap>(CONFIG_MAPS, { namespace, name: source.name });
}

function byName<T extends KubeObject>(objects: T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}
