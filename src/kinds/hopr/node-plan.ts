/**
 * Spec and observation in, changes out, for one Hoprd. Pure. What must not be done on a stale view is a conditional write of its own, and
 * nothing that builds on it is planned before it is seen: finalizer, identity, ports; then everything else (spec hopr §4.3).
 */
import { type Deployment, type KubeObject, keyOf, type Service } from '../../kube/objects.ts';
import { DEPLOYMENTS, INGRESSES, type ResourceType, SERVICES } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { diffObject, type Residues } from '../../reconcile/diff.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import { withAdvice } from '../../reconcile/pod-profile.ts';
import { describeDeploymentTrouble, describePodTrouble } from '../../reconcile/pod-trouble.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';
import { planDatabaseDeletion } from './database-deletion.ts';
import { buildIngress } from './desired/ingress.ts';
import { type NodeInput, serviceTypeOf } from './desired/node.ts';
import { balancerAddressOf, buildServices, tcpBalancerName } from './desired/services.ts';
import { addFinalizer, hasFinalizer } from './finalizer.ts';
import { chooseIdentity, lockIdentity, releaseIdentity } from './identity-lock.ts';
import { planNodeDeletion } from './node-deletion.ts';
import { planDeployment } from './node-deployment.ts';
import { claimOf, type NodeObserved, openPods } from './node-observed.ts';
import { planPorts } from './node-ports.ts';
import { findNodeProblems, findRename, isBlocking } from './node-problems.ts';
import { withOwner } from './ownership.ts';
import { remove } from './removal.ts';
import { HOPRDS, type Hoprd, type IdentityHoprd, type IdentityPool } from './schema.ts';

export type NodeContext = { now: Date; settings: HoprSettings; residues: Residues };

export type NodePlan = {
  pool: IdentityPool | undefined;
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
  /** What the status is made of. */
  identityName: string | undefined;
  /** The node answers as it should. */
  ready: boolean;
  /** No pod of it is left. */
  stopped: boolean;
  /** What keeps its pod from being ready, as far as Kubernetes says. */
  trouble: Problem | undefined;
  /** What the next restart brings. */
  pending: string | undefined;
  paused: boolean;
  deleting: boolean;
};

export function planNode(hoprd: Hoprd, observed: NodeObserved, context: NodeContext): NodePlan {
  const deleting = hoprd.metadata.deletionTimestamp !== undefined;
  const paused = hoprd.metadata.annotations?.[ANNOTATION_PAUSED] === 'true';
  const problems = deleting ? [] : [...findNodeProblems(hoprd), ...(observed.missing ?? [])];
  const plan: NodePlan = {
    pool: observed.pool,
    changes: [],
    waits: [],
    problems,
    identityName: undefined,
    ready: (observed.deployment?.status?.readyReplicas ?? 0) > 0,
    stopped: openPods(observed, 'node').length === 0,
    trouble: findTrouble(observed),
    pending: undefined,
    paused,
    deleting,
  };
  if (observed.isOutdated)
    return { ...plan, waits: [{ what: `node ${hoprd.metadata.name}`, why: 'a newer state of it is on its way' }] };
  if (deleting) return { ...plan, ...planNodeDeletion(hoprd, observed, context.now) };
  planLiving(hoprd, observed, context, plan);
  return paused ? { ...plan, changes: [] } : plan;
}

/** Adds to `plan` one step after the other, and returns where the next one has to be waited for. */
function planLiving(hoprd: Hoprd, observed: NodeObserved, context: NodeContext, plan: NodePlan): void {
  if (!hasFinalizer(hoprd)) {
    plan.changes = addFinalizer(
      hoprd,
      HOPRDS,
      'finalizer, so that its identity and ports are given back when it is deleted',
    );
    return;
  }
  const identity = planIdentity(hoprd, observed, context, plan);
  if (identity === undefined) return;
  plan.identityName = identity.metadata.name;
  const rename = findRename(observed.deployment, context.settings);
  if (rename !== undefined) {
    plan.waits.push({ what: `node ${hoprd.metadata.name}`, why: rename.message });
    plan.problems.push(rename);
    return;
  }
  const pool = readyPool(hoprd, observed, plan);
  const blocking = plan.problems.find(isBlocking);
  if (blocking !== undefined) plan.waits.push({ what: `node ${hoprd.metadata.name}`, why: blocking.message });
  if (pool === undefined || blocking !== undefined) return;
  const ports = planPorts(hoprd, observed, context.settings);
  plan.changes.push(...ports.changes);
  plan.waits.push(...ports.waits);
  plan.problems.push(...ports.problems);
  if (ports.range === undefined) return;
  const parts = { hoprd, pool, identity, ports: ports.range, settings: context.settings };
  const host = planEntrances(parts, observed, context, plan);
  if (host !== undefined) planPod({ ...parts, host }, observed, context, plan);
}

/** The identity that the node has; undefined when it has none yet. */
function planIdentity(
  hoprd: Hoprd,
  observed: NodeObserved,
  { now }: NodeContext,
  plan: NodePlan,
): IdentityHoprd | undefined {
  const { name } = hoprd.metadata;
  const wait = (reason: Reason, why: string) => {
    plan.waits.push({ what: `identity of ${name}`, why });
    plan.problems.push({ reason, message: why });
    return undefined;
  };
  const choice = chooseIdentity(hoprd, observed.identities, claimOf(observed.deployment?.spec?.template.spec));
  if (choice.state === 'none') return wait(choice.reason, choice.why);
  const { identity } = choice;
  if (choice.state === 'lost') {
    const why = `identity ${identity.metadata.name}, with which the node ran, belongs to node ${choice.holder} now: one identity must never run twice`;
    if (observed.deployment !== undefined) plan.changes.push(remove(DEPLOYMENTS, observed.deployment, why, true));
    return wait('IdentityLost', `${why}; delete this Hoprd and make it anew with another identity`);
  }
  plan.changes.push(...choice.surplus.map((other) => releaseIdentity(other, now, `node ${name} has another identity`)));
  if (choice.state === 'free') {
    if (readyPool(hoprd, observed, plan) !== undefined) plan.changes.push(lockIdentity(identity, hoprd, now));
    return undefined;
  }
  const { identityName } = hoprd.spec;
  if (identityName !== undefined && identityName !== identity.metadata.name)
    plan.problems.push({
      reason: 'IdentityNotChanged',
      message: `spec.identityName: the node keeps identity ${identity.metadata.name}, with which it began; to give it ${identityName}, delete it and make it anew`,
    });
  return identity;
}

/** What a node cannot begin without; what runs needs no new look at it. */
function readyPool(hoprd: Hoprd, { pool, deployment }: NodeObserved, plan: NodePlan): IdentityPool | undefined {
  const { identityPoolName } = hoprd.spec;
  const isReady = pool?.status?.phase === 'Ready' && pool.metadata.deletionTimestamp === undefined;
  if (pool !== undefined && (isReady || deployment !== undefined)) return pool;
  const message =
    pool === undefined
      ? `spec.identityPoolName: there is no IdentityPool ${identityPoolName}; make it`
      : `IdentityPool ${identityPoolName} is not ready; its conditions say why`;
  plan.waits.push({ what: `node ${hoprd.metadata.name}`, why: message });
  plan.problems.push({ reason: pool === undefined ? 'PoolMissing' : 'PoolNotReady', message });
  return undefined;
}

/** Ingress and Services. Returns where peers reach the node; undefined while that is not known. */
function planEntrances(
  { hoprd, ports, settings }: Omit<NodeInput, 'host'>,
  observed: NodeObserved,
  context: NodeContext,
  plan: NodePlan,
): string | undefined {
  const tcp = observed.services.find(({ metadata }) => metadata.name === tcpBalancerName(hoprd));
  const balancer = tcp && balancerAddressOf(tcp);
  const services = buildServices({ hoprd, ports, settings }, balancer);
  const names = new Set(services.map(({ metadata }) => metadata.name));
  const isBalanced = serviceTypeOf(hoprd) === 'LoadBalancer';
  plan.changes.push(
    ...diff(hoprd, INGRESSES, buildIngress(hoprd, settings), observed.ingress, 'way to the API of the node', context),
    ...services.flatMap((service) =>
      diff(hoprd, SERVICES, service, findService(observed, service), 'way to the ports of the node', context),
    ),
    ...observed.services
      .filter(
        ({ metadata }) =>
          !names.has(metadata.name) && !(isBalanced && balancer === undefined && metadata.name !== hoprd.metadata.name),
      )
      .map((service) => remove(SERVICES, service, `its service type is ${serviceTypeOf(hoprd)}`, false)),
  );
  if (!isBalanced) return settings.ingress.loadBalancerIp;
  if (balancer === undefined)
    plan.waits.push({
      what: `node ${hoprd.metadata.name}`,
      why: `Service ${tcpBalancerName(hoprd)} has no address yet`,
    });
  return balancer?.host;
}

/** As far as we and the controller of its Deployment see. */
function hasPods(observed: NodeObserved): boolean {
  return openPods(observed, 'node').length > 0 || (observed.deployment?.status?.replicas ?? 0) > 0;
}

function findTrouble(observed: NodeObserved): Problem | undefined {
  for (const pod of openPods(observed, 'node')) {
    const trouble = pod.metadata.deletionTimestamp === undefined ? describePodTrouble(pod) : undefined;
    if (trouble !== undefined) return { reason: 'NotReady', message: `Pod ${pod.metadata.name}: ${trouble}` };
  }
  const { deployment } = observed;
  const refusal = deployment && describeDeploymentTrouble(deployment);
  if (refusal === undefined) return undefined;
  const { metadata, spec } = deployment as Deployment;
  return { reason: 'PodFailing', message: withAdvice(refusal, metadata.namespace ?? '', spec?.template.spec) };
}

function planPod(input: NodeInput, observed: NodeObserved, context: NodeContext, plan: NodePlan): void {
  const { hoprd } = input;
  const live = observed.deployment;
  const database = planDatabaseDeletion(input, observed);
  plan.waits.push(...database.waits);
  plan.problems.push(...database.problems);
  const isWanted = hoprd.spec.enabled !== false && !database.stop;
  const deployment = planDeployment(input, live, { replicas: isWanted ? 1 : 0, hasPods: hasPods(observed) });
  const isGoing = live?.metadata.deletionTimestamp !== undefined;
  const [left] = live === undefined || isGoing ? openPods(observed, 'all') : [];
  if (left !== undefined || isGoing) {
    const why = `${left === undefined ? `Deployment ${live?.metadata.name}` : `Pod ${left.metadata.name}`} must end first`;
    plan.waits.push({ what: `node ${hoprd.metadata.name}`, why });
  } else if (deployment.how === 'replace' && live !== undefined) {
    plan.changes.push(remove(DEPLOYMENTS, live, deployment.restarts, true));
  } else if (deployment.how === 'keep' && live !== undefined) {
    plan.pending = deployment.pending;
    const why =
      live.spec?.replicas === (isWanted ? 1 : 0)
        ? 'it is as we would make it, and is taken over as it runs'
        : 'whether the node runs';
    if (deployment.patch !== undefined)
      plan.changes.push({ verb: 'patch', type: DEPLOYMENTS, key: keyOf(live), why, patch: deployment.patch });
  } else if (deployment.how !== 'keep') {
    const { restarts } = deployment;
    const changes = diff(hoprd, DEPLOYMENTS, deployment.object, live, 'the node', context);
    plan.changes.push(...(restarts === undefined ? changes : changes.map((change) => ({ ...change, why: restarts }))));
  }
  plan.changes.push(...database.changes);
}

function diff(
  hoprd: Hoprd,
  type: ResourceType,
  object: KubeObject,
  live: KubeObject | undefined,
  purpose: string,
  { residues }: NodeContext,
): Change[] {
  return diffObject({ type, write: 'create-then-apply', object: withOwner(hoprd, object), purpose }, live, residues);
}

function findService({ services }: NodeObserved, { metadata }: Service): Service | undefined {
  return services.find((service) => service.metadata.name === metadata.name);
}
