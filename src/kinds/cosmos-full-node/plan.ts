/**
 * Spec and observation in, changes out: the one place where it is decided what is written for a CosmosFullNode. Pure. The operator executes
 * the changes, `nodewright plan` prints them, tests assert them.
 */
import { viewNode } from '../../comet-node/node-view.ts';
import type { KubeObject, Pod } from '../../kube/objects.ts';
import { type ResourceType, ROLE_BINDINGS, ROLES, SERVICE_ACCOUNTS, SERVICES } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import { type Desired, diffObject } from '../../reconcile/diff.ts';
import { ANNOTATION_ASKED, ANNOTATION_PAUSED, ANNOTATION_RENDERED } from '../../reconcile/labels.ts';
import { deletePod } from '../../reconcile/pod-changes.ts';
import { formatParts } from '../../reconcile/pod-stamps.ts';
import type { KindOptions } from '../kind.ts';
import type { Problem } from '../problem.ts';
import type { PlanContext } from '../recipe.ts';
import { planAdditionalPods } from './additional-pods.ts';
import { askedOf } from './asked.ts';
import { planClaims } from './claims.ts';
import {
  buildConfigs,
  type Configs,
  desiredConfigMaps,
  dismissConfigMaps,
  type ExternalAddresses,
  findExternalAddresses,
} from './configs.ts';
import type { DataSources } from './data-sources.ts';
import { privatePeers } from './desired/peers.ts';
import { buildPod } from './desired/pod.ts';
import { buildRbac } from './desired/rbac.ts';
import { buildServices } from './desired/services.ts';
import { freshReading, heightOf } from './heights.ts';
import { type Instance, isAwayForSnapshot, listInstances, podWanted } from './instances.ts';
import type { NodeView } from './node.ts';
import { type NodeKeys, resolveNodeKeys } from './node-keys.ts';
import { childrenOf, type Observed } from './observe.ts';
import { withOwner } from './ownership.ts';
import { planPods } from './pods.ts';
import { findProblems } from './problems.ts';
import { NO_RECOVERIES, planRecoveries, type Recoveries } from './recoveries.ts';
import { findRepairs, type Repairs } from './repairs.ts';
import type { CosmosFullNode } from './schema.ts';
import { settingsWithoutInstances } from './settings.ts';
import { foreignDifferences, hasForeignVersionCheck, isForeign, keepRevision, secured } from './taken-over.ts';
import { recognizeHalt } from './upgrade-halt.ts';
import { planUpgradeSnapshots } from './upgrade-snapshots.ts';
import { noteSigners } from './validator-key.ts';
import { planGrowth, type VolumeGrowth, withRequests } from './volume-growth.ts';
import { findWarnings } from './warnings.ts';

export type Plan = {
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
  /** What the status is made of; instances whose pod is wanted. */
  nodes: NodeView[];
  keys: NodeKeys;
  addresses: ExternalAddresses;
  /** By name of the pod: what its next restart will bring. */
  pendingUpdates: ReadonlyMap<string, string>;
  /** Names of pods that do not run what was asked for. */
  stale: ReadonlySet<string>;
  dataSources: DataSources;
  repairs: Repairs;
  growth: VolumeGrowth;
  recoveries: Recoveries;
  /** Condition about snapshots before upgrades; undefined while there is nothing to say. */
  upgradeSnapshot: ConditionInput | undefined;
  /** Sentences about what is probably not meant, but harmless. */
  warnings: string[];
  paused: boolean;
  deleting: boolean;
};

export function planFullNode(fullNode: CosmosFullNode, observed: Observed, context: PlanContext): Plan {
  const now = context.now.getTime();
  const instances = listInstances(fullNode);
  const keys = resolveNodeKeys(instances, observed.configMaps, context.random);
  const addresses = findExternalAddresses(instances, observed.services);
  const height = (instance: Instance) => heightOf(fullNode, instance, observed, now);
  const views: NodeView[] = instances
    .filter((instance) => podWanted(fullNode, instance))
    .map((instance) => ({
      instance,
      height: height(instance),
      ...viewNode(observed.pods.get(instance.name), freshReading(instance.name, observed, now), now),
    }));
  const facts = {
    nodes: views,
    keys,
    addresses,
    dataSources: observed.dataSources,
    warnings: findWarnings(fullNode),
    paused: fullNode.metadata.annotations?.[ANNOTATION_PAUSED] === 'true',
    deleting: fullNode.metadata.deletionTimestamp !== undefined,
    repairs: NO_REPAIRS,
    growth: NO_GROWTH,
    recoveries: NO_RECOVERIES,
    upgradeSnapshot: undefined,
  };
  // Everything that has an owner goes with it; the rest is meant to stay.
  if (facts.deleting)
    return { ...facts, changes: [], waits: [], problems: [], pendingUpdates: new Map(), stale: new Set() };

  const configs = buildConfigs(fullNode, instances, { keys, addresses, heightOf: height });
  const desiredPods = buildPods(fullNode, views, { keys, configs, addresses, options: context.options });
  const nodes = views.map((node) => recognizeHalt(fullNode, node, desiredPods.get(node.instance.name), now));
  const repairs = findRepairs(fullNode, nodes, observed, now);
  const growth = facts.paused ? NO_GROWTH : planGrowth(fullNode, instances, observed, context.now);
  const recoveries = planRecoveries(fullNode, nodes, observed, now);
  const snapshots = planUpgradeSnapshots(fullNode, nodes, desiredPods, observed, {
    now: context.now,
    keep: recoveries.snapshots,
  });
  const claims = planClaims(withRequests(fullNode, growth.requests), instances, observed, recoveries.holds);
  const pods = planPods({
    fullNode,
    observed,
    nodes,
    away: instances.filter((instance) => isAwayForSnapshot(fullNode, instance)).map(({ name }) => name),
    desired: desiredPods,
    foreign: compareForeign(observed, desiredPods, configs, keys, context.options),
    holdRestarts: configs.problems[0]?.message,
    holds: new Map([...snapshots.holds, ...recoveries.holds]),
    repairs: repairs.reasons,
  });
  const replaced = new Set(pods.changes.filter(({ verb }) => verb === 'delete').map(({ key }) => key.name));
  const additional = planAdditionalPods(fullNode, instances, observed, {
    replaced,
    heightOf: height,
    podSecurity: context.options.podSecurity,
  });
  const wanted = new Set([...nodes.map(({ instance }) => instance.name), ...additional.names]);
  const diff = (desired: Desired) => diffObject(desired, findLive(observed, desired), context.residues);
  const isStamp = ({ verb }: Change) => verb === 'patch';
  const changes = [
    // Pods of another operator are taken over before anything is changed: what they started with is still there to compare.
    ...pods.changes.filter(isStamp),
    ...buildServices(fullNode).flatMap((service) =>
      diff(desiredChild(fullNode, observed, SERVICES, service, 'addresses of the instances')),
    ),
    ...desiredConfigMaps(fullNode, configs, observed, new Set(keys.nodeIds.values())).flatMap(diff),
    ...desiredRbac(fullNode, observed).flatMap(diff),
    ...claims.changes,
    ...noteSigners(fullNode, nodes, observed.claims),
    // Before the pods: what is written on a claim has to be there when its pod is stopped.
    ...[...snapshots.marks].flatMap(([name, mark]) => (replaced.has(name) ? [mark] : [])),
    ...snapshots.changes,
    ...recoveries.changes,
    ...dismissPods(observed, wanted),
    ...pods.changes.filter((change) => !isStamp(change)),
    ...additional.changes,
    ...dismissConfigMaps(fullNode, instances, observed),
  ];
  return {
    ...facts,
    nodes,
    repairs,
    growth,
    recoveries,
    upgradeSnapshot: snapshots.condition,
    changes: facts.paused ? [] : tagParts(changes, instances),
    waits: [...pods.waits, ...additional.waits, ...claims.waits],
    problems: distinct([...findProblems(fullNode), ...keys.problems, ...configs.problems, ...claims.problems]),
    pendingUpdates: pods.pendingUpdates,
    stale: pods.stale,
  };
}

const NO_REPAIRS: Repairs = { reasons: new Map(), lagging: new Set() };
const NO_GROWTH: VolumeGrowth = { requests: undefined, sentences: [], exhausted: new Set(), failure: undefined };

/** Pods with both stamps; an instance whose key is of no use has none, nor has one without an image. */
function buildPods(
  fullNode: CosmosFullNode,
  nodes: readonly NodeView[],
  input: { keys: NodeKeys; configs: Configs; addresses: ExternalAddresses; options: KindOptions },
): Map<string, Pod> {
  const { keys, configs, addresses, options } = input;
  const nodeIds = new Set(keys.nodeIds.values());
  return new Map(
    nodes
      .filter(({ instance }) => keys.texts.has(instance.name))
      .flatMap(({ instance, height }) => {
        const pod = buildPod(fullNode, instance, { ...options, height });
        if (pod.spec?.containers.some(({ image }) => !image)) return [];
        const config = configs.byName.get(instance.name);
        const stamps = {
          [ANNOTATION_ASKED]: formatParts(askedOf(fullNode, instance, height, addresses.known.get(instance.name))),
          [ANNOTATION_RENDERED]: formatParts({
            pod: pod.spec,
            config: config && settingsWithoutInstances(config, nodeIds),
            peers: privatePeers(fullNode, instance, keys.nodeIds),
          }),
        };
        const metadata = { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...stamps } };
        return [[instance.name, withOwner(fullNode, { ...pod, metadata })] as const];
      }),
  );
}

function compareForeign(
  observed: Observed,
  desired: ReadonlyMap<string, Pod>,
  configs: Configs,
  keys: NodeKeys,
  { podSecurity }: KindOptions,
): Map<string, string[]> {
  const nodeIds = new Set(keys.nodeIds.values());
  return new Map(
    [...desired].flatMap(([name, pod]) => {
      const live = observed.pods.get(name);
      if (live === undefined || !isForeign(live)) return [];
      const config = { live: observed.configMaps.get(name), desired: configs.byName.get(name) };
      return [[name, foreignDifferences(secured(live, podSecurity), pod, config, nodeIds)] as const];
    }),
  );
}

/** None where the user brings a service account: its rights are the user's to give, and what is there is left alone. */
function desiredRbac(fullNode: CosmosFullNode, observed: Observed): Desired[] {
  const { serviceAccount, role, roleBinding } = buildRbac(fullNode);
  if (serviceAccount === undefined) return [];
  const purpose = 'what the version check of the instances may do';
  const account = desiredChild(fullNode, observed, SERVICE_ACCOUNTS, serviceAccount, purpose);
  // A version check of the Go operator needs more rights than ours, and than we may give: they stay as long as one may run.
  if (observed.roles.has(role.metadata.name) && [...observed.pods.values()].some(hasForeignVersionCheck))
    return [account];
  return [
    account,
    desiredChild(fullNode, observed, ROLES, role, purpose),
    desiredChild(fullNode, observed, ROLE_BINDINGS, roleBinding, purpose),
  ];
}

function desiredChild(
  fullNode: CosmosFullNode,
  observed: Observed,
  type: ResourceType,
  object: KubeObject,
  purpose: string,
): Desired {
  const live = childrenOf(observed, type).get(object.metadata.name);
  return {
    type,
    write: 'create-then-apply',
    object: withOwner(fullNode, keepRevision(object, live)),
    purpose,
  };
}

/** Pods of ours that nobody wants any more: of instances that are gone, disabled or away, and further ones that left the spec. */
function dismissPods(observed: Observed, wanted: ReadonlySet<string>): Change[] {
  return [...observed.pods.values()]
    .filter(({ metadata }) => !wanted.has(metadata.name) && metadata.deletionTimestamp === undefined)
    .map((pod) => deletePod(pod, 'it is no longer wanted', false));
}

function findLive(observed: Observed, { type, object }: Desired): KubeObject | undefined {
  return childrenOf(observed, type).get(object.metadata.name);
}

/**
 * Says of every change what it is about, so that its failure holds back nothing else (reconcile/act.ts): an instance, or a Service, without
 * which pods run all the same.
 */
function tagParts(changes: Change[], instances: readonly Instance[]): Change[] {
  const instanceOf = new Map(
    instances.flatMap(({ name, claimName }) => [name, claimName].map((object) => [object, name] as const)),
  );
  return changes.map((change) => {
    const node = change.type === SERVICES ? `Service ${change.key.name}` : instanceOf.get(change.key.name);
    return node === undefined ? change : { ...change, node };
  });
}

function distinct(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.message, problem])).values()];
}
