/** The parts of a pass over the resources of HOPR, for the one path that all kinds go (../recipe.ts). They ask no nodes. */

import { isNotFound } from '../../kube/api-error.ts';
import type { Condition, Deployment } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { DEPLOYMENTS, PROMETHEUS_RULES, type ResourceType, SERVICE_MONITORS } from '../../kube/resource-types.ts';
import type { Outcome } from '../../reconcile/act.ts';
import type { Residues } from '../../reconcile/diff.ts';
import type { Measurement } from '../../runtime/resource-gauges.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { ReconcilerContext } from '../kind.ts';
import type { ResourceReport } from '../node-report.ts';
import type { ResourceView, ViewSource } from '../node-view.ts';
import { otherInstallation } from '../other-installation.ts';
import type { PlanOfAnyKind, Recipe } from '../recipe.ts';
import { planCluster } from './cluster-plan.ts';
import { buildClusterStatus } from './cluster-status.ts';
import { isAboutSpec } from './conditions.ts';
import { controllerKey } from './controller-ports.ts';
import { reportClusterEvents, reportIdentityEvents, reportNodeEvents, reportPoolEvents } from './events.ts';
import { buildIdentityStatus, planIdentity } from './identity-plan.ts';
import { measureNode, measurePool } from './measurements.ts';
import { planNode } from './node-plan.ts';
import { buildNodeStatus } from './node-status.ts';
import { observeCluster, observeIdentity, observeNode, observePool } from './observe.ts';
import { guardAgainstOthers } from './original-operator.ts';
import { buildPoolStatus, planPool } from './pool-plan.ts';
import { findMissingIngressClass, findMissingStorageClass } from './preflight.ts';
import { settingsOf } from './render.ts';
import { describeNode, describePool } from './report.ts';
import {
  CLUSTER_HOPRDS,
  type ClusterHoprd,
  HOPRDS,
  type Hoprd,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
  type IdentityHoprd,
  type IdentityPool,
} from './schema.ts';
import { completeStatus, type OwnStatus, patchStatus, significantPart, type WholeStatus } from './status-writes.ts';
import { findUnusable } from './unusable.ts';
import { viewCluster, viewHoprd, viewIdentity, viewPool } from './view.ts';

/** While something waits, or is missing, it is looked for this often: most of it is not watched. */
const BUSY_MS = 4000;

/** One step builds on the one before, and what some of them write is not watched. */
const SOON_MS = 500;

/** All nodes write the ConfigMaps of the ingress controller. */
const RACE_MS = 200;

type Resource = IdentityPool | IdentityHoprd | ClusterHoprd | Hoprd;
type Status = OwnStatus & WholeStatus;
type Read = { reader: Reader; live: Reader; settings: HoprSettings };

type Parts<R extends Resource, Observed, Plan extends PlanOfAnyKind> = {
  name: string;
  type: ResourceType;
  observe(resource: R, read: Read): Promise<Observed>;
  plan(resource: R, observed: Observed, context: { now: Date; settings: HoprSettings; residues: Residues }): Plan;
  buildStatus(resource: R, plan: Plan, failure: string | undefined): OwnStatus;
  /** Of a status that the API server wants although nothing is known. */
  unknown(resource: R): object;
  reportEvents(
    events: ReconcilerContext['events'],
    resource: R,
    pass: { plan: Plan; outcome: Outcome; phase: string },
  ): void;
  view(resource: R, source: ViewSource): Promise<ResourceView>;
  describe?(resource: R, plan: Plan, observed: Observed): ResourceReport;
  measure?(resource: R, plan: Plan): Measurement[];
};

function hoprRecipe<R extends Resource, Observed, Plan extends PlanOfAnyKind>(
  parts: Parts<R, Observed, Plan>,
): Recipe<R, Observed & { readings: ReadonlyMap<string, undefined> }, Plan, Status, undefined, undefined> {
  return {
    name: parts.name,
    type: parts.type,
    failedPhase: 'Failed',
    retryRaceMs: RACE_MS,
    makeUsable(resource) {
      // What is being deleted ends whatever its spec says.
      const unusable = resource.metadata.deletionTimestamp === undefined ? findUnusable(resource) : [];
      return unusable.length === 0 ? resource : unusable;
    },
    createGuard(context) {
      const { options, now } = context;
      const whyOthers = guardAgainstOthers(parts.type, context);
      return async ({ status }) => {
        if (options.hopr === undefined)
          return 'the operator was started without --hopr-config, so that it does not know how to run HOPR nodes';
        return (
          (await whyOthers()) ??
          otherInstallation(status?.operatorNamespace, status?.updateTimestamp, options.operatorNamespace, now())
        );
      };
    },
    async observe(resource, reader, options, live) {
      const { namespaces } = options;
      const read = {
        reader: within(reader, namespaces),
        live: within(live, namespaces),
        settings: settingsOf(options),
      };
      return { ...(await parts.observe(resource, read)), readings: new Map() };
    },
    nodes: () => [],
    significanceOf: () => '',
    plan: (resource, observed, { now, options, residues }) =>
      parts.plan(resource, observed, { now, settings: settingsOf(options), residues }),
    buildStatus(resource, { plan, failure, now, options }) {
      const own = parts.buildStatus(resource, plan, failure);
      return completeStatus(resource, { ...own, operatorNamespace: options.operatorNamespace }, now);
    },
    view: parts.view,
    significantPart,
    refreshedAt: ({ updateTimestamp }) => updateTimestamp,
    wholeStatus: {
      patch: patchStatus,
      failed: (resource, conditions: Condition[], now) =>
        completeStatus(resource, { ...parts.unknown(resource), phase: 'Failed', conditions }, now),
    },
    reportEvents: (events, resource, plan, outcome, { phase }) =>
      parts.reportEvents(events, resource, { plan, outcome, phase }),
    ...(parts.describe === undefined ? {} : { describe: parts.describe }),
    ...(parts.measure === undefined ? {} : { measure: parts.measure }),
    lookAgainMs({ changes, waits, problems }) {
      if (changes.length > 0) return SOON_MS;
      return waits.length > 0 || problems.some((problem) => !isAboutSpec(problem)) ? BUSY_MS : undefined;
    },
  };
}

export const poolRecipe = hoprRecipe({
  name: 'identity-pool',
  type: IDENTITY_POOLS,
  async observe(pool: IdentityPool, { reader, live, settings }) {
    const [hasServiceMonitors, hasPrometheusRules] = await Promise.all(
      [SERVICE_MONITORS, PROMETHEUS_RULES].map((type) => isServed(live, type, pool)),
    );
    const controller = controllerKey(settings);
    const [observed, missing, deployment] = await Promise.all([
      observePool(pool, reader, settings, hasServiceMonitors ?? false, hasPrometheusRules),
      Promise.all([findMissingStorageClass(live, settings), findMissingIngressClass(live, settings)]),
      controller === undefined ? undefined : live.get<Deployment>(DEPLOYMENTS, controller),
    ]);
    return { ...observed, missing: missing.flat(), controller: deployment };
  },
  plan: planPool,
  buildStatus: (_pool, plan, failure) => buildPoolStatus(plan, failure),
  unknown: ({ status }) => ({ size: status?.size ?? 0, locked: status?.locked ?? 0 }),
  reportEvents: reportPoolEvents,
  view: viewPool,
  describe: (_pool, plan) => describePool(plan),
  measure: measurePool,
});

export const identityRecipe = hoprRecipe({
  name: 'identity-hoprd',
  type: IDENTITY_HOPRDS,
  async observe(identity: IdentityHoprd, { reader, live, settings }) {
    const observed = await observeIdentity(identity, reader, live, settings);
    // A claim that is bound needs no class any more.
    const isBound = observed.claim?.status?.phase === 'Bound';
    return { ...observed, missing: isBound ? [] : await findMissingStorageClass(live, settings) };
  },
  plan: planIdentity,
  buildStatus: buildIdentityStatus,
  unknown: () => ({}),
  reportEvents: reportIdentityEvents,
  view: viewIdentity,
});

export const clusterRecipe = hoprRecipe({
  name: 'cluster-hoprd',
  type: CLUSTER_HOPRDS,
  observe: (cluster: ClusterHoprd, { reader }) => observeCluster(cluster, reader),
  plan: planCluster,
  buildStatus: buildClusterStatus,
  unknown: ({ status }) => ({ currentNodes: status?.currentNodes ?? 0 }),
  reportEvents: reportClusterEvents,
  view: viewCluster,
});

export const nodeRecipe = hoprRecipe({
  name: 'hoprd',
  type: HOPRDS,
  async observe(hoprd: Hoprd, { reader, live, settings }) {
    const observed = await observeNode(hoprd, reader, live, settings);
    return {
      ...observed,
      missing: observed.ingress === undefined ? await findMissingIngressClass(live, settings) : [],
    };
  },
  plan: planNode,
  buildStatus: buildNodeStatus,
  unknown: () => ({}),
  reportEvents: reportNodeEvents,
  view: viewHoprd,
  describe: describeNode,
  measure: measureNode,
});

/** An operator of some namespaces lists what it may. */
function within(reader: Reader, namespaces: readonly string[] | undefined): Reader {
  if (namespaces === undefined) return reader;
  return {
    get: reader.get,
    async list(type, options) {
      if (options.namespace !== undefined || !type.namespaced) return reader.list(type, options);
      const lists = await Promise.all(namespaces.map((namespace) => reader.list(type, { ...options, namespace })));
      return lists.flat() as never;
    },
  };
}

/** Whether the cluster has such resources. Asked each time: they may come, and go, while the operator runs. */
async function isServed(live: Reader, type: ResourceType, { metadata }: IdentityPool): Promise<boolean> {
  try {
    await live.list(type, { namespace: metadata.namespace ?? '', name: metadata.name });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
