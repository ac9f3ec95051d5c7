/** The ConfigMap of every instance: settings and the node key. What cannot be rendered is a problem, and what is there stays. */
import { FormatError } from '../../formats/format-error.ts';
import { type ConfigMap, keyOf, type Service } from '../../kube/objects.ts';
import { CONFIG_MAPS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import type { Desired } from '../../reconcile/diff.ts';
import type { Problem } from '../problem.ts';
import { buildAppOverlay, buildCometOverlay } from './desired/config.ts';
import { buildConfigMap } from './desired/config-map.ts';
import { externalAddressOf } from './desired/services.ts';
import type { Instance } from './instances.ts';
import type { NodeKeys } from './node-keys.ts';
import type { Observed } from './observe.ts';
import { isRetained, withOwner } from './ownership.ts';
import type { CosmosFullNode } from './schema.ts';
import { sameSettings } from './settings.ts';
import { keepRevision } from './taken-over.ts';

export type Configs = {
  /** By name of the instance; an instance whose settings or key are of no use has none. */
  byName: ReadonlyMap<string, ConfigMap>;
  problems: Problem[];
};

export type ExternalAddresses = {
  /** `host:port` that load balancers gave, by name of the instance. */
  known: ReadonlyMap<string, string>;
  /** Names of instances whose load balancer has none yet. */
  pending: string[];
};

export function findExternalAddresses(
  instances: readonly Instance[],
  services: ReadonlyMap<string, Service>,
): ExternalAddresses {
  const known = new Map<string, string>();
  const pending: string[] = [];
  for (const { name, p2pServiceName } of instances) {
    const service = services.get(p2pServiceName);
    const address = service === undefined ? 'none' : externalAddressOf(service);
    if (address === 'pending') pending.push(name);
    else if (address !== 'none') known.set(name, address.address);
  }
  return { known, pending };
}

export function buildConfigs(
  fullNode: CosmosFullNode,
  instances: readonly Instance[],
  input: { keys: NodeKeys; addresses: ExternalAddresses; heightOf: (instance: Instance) => number },
): Configs {
  const { keys, addresses, heightOf } = input;
  const byName = new Map<string, ConfigMap>();
  const problems = new Map<string, Problem>();
  for (const instance of instances) {
    const nodeKey = keys.texts.get(instance.name);
    if (nodeKey === undefined) continue;
    const externalAddress = addresses.known.get(instance.name);
    try {
      const comet = buildCometOverlay(fullNode, instance, {
        nodeIds: keys.nodeIds,
        ...(externalAddress === undefined ? {} : { externalAddress }),
      });
      const app = buildAppOverlay(fullNode, instance, heightOf(instance));
      byName.set(instance.name, buildConfigMap(fullNode, instance, { comet, app, nodeKey }));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problems.set(error.message, { reason: 'ConfigInvalid', message: error.message });
    }
  }
  return { byName, problems: [...problems.values()] };
}

export function desiredConfigMaps(
  fullNode: CosmosFullNode,
  configs: Configs,
  observed: Observed,
  nodeIds: ReadonlySet<string>,
): Desired[] {
  const isSame = (live: ConfigMap, desired: ConfigMap) => sameSettings(live, desired, nodeIds);
  return [...configs.byName.values()].map((configMap) => ({
    type: CONFIG_MAPS,
    write: 'create-then-apply',
    object: withOwner(
      fullNode,
      keepRevision(configMap, observed.configMaps.get(configMap.metadata.name), isSame),
      !isRetained(fullNode),
    ),
    purpose: 'settings and node key',
  }));
}

/** ConfigMaps of instances that are no longer wanted; with policy Retain they stay, for the node keys in them. */
export function dismissConfigMaps(
  fullNode: CosmosFullNode,
  instances: readonly Instance[],
  observed: Observed,
): Change[] {
  if (isRetained(fullNode)) return [];
  const names = new Set(instances.map(({ name }) => name));
  return (
    [...observed.configMaps.values()]
      .filter(({ metadata }) => !names.has(metadata.name) && metadata.deletionTimestamp === undefined)
      // Without an owner it was kept from an earlier time.
      .filter(({ metadata }) => metadata.ownerReferences !== undefined)
      .map((configMap) => ({
        verb: 'delete',
        type: CONFIG_MAPS,
        key: keyOf(configMap),
        uid: configMap.metadata.uid as string,
        why: 'its instance is no longer wanted, and spec.volumeRetentionPolicy is Delete',
        disrupts: false,
      }))
  );
}
