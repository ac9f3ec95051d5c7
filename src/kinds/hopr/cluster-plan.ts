/**
 * Spec and observation in, changes out, for one ClusterHoprd. Pure. Which nodes there are, and how they are, is read from the Hoprds
 * themselves: nothing is counted up and down (spec hopr §4.4, §8.7, §8.8).
 */
import { keyOf } from '../../kube/objects.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import type { Problem } from '../problem.ts';
import { planClusterChanges } from './cluster-changes.ts';
import { isGoing, isSettled, lacksIdentity, listMembers, type Member } from './cluster-members.ts';
import { ANNOTATION_LAST_APPLIED, buildClusterNode, lastAppliedOf } from './desired/cluster-node.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizer.ts';
import { holderOf, isFree } from './identity-lock.ts';
import { findNodeProblems, isBlocking } from './node-problems.ts';
import { withOwner } from './ownership.ts';
import { remove } from './removal.ts';
import { notedIdentities } from './replacements.ts';
import { CLUSTER_HOPRDS, type ClusterHoprd, HOPRDS, type Hoprd, type IdentityHoprd } from './schema.ts';

export type ClusterObserved = {
  /** That the cluster owns. */
  hoprds: readonly Hoprd[];
  /** All of the namespace. */
  identities: readonly IdentityHoprd[];
};

export type ClusterPlan = {
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
  /** How many nodes there are. */
  currentNodes: number;
  /** How many of them are as they should be: running, or stopped where that is wanted. */
  settledNodes: number;
  /** Names of those that have no identity to run with. */
  withoutIdentity: string[];
  paused: boolean;
  deleting: boolean;
};

export function planCluster(
  cluster: ClusterHoprd,
  { hoprds, identities }: ClusterObserved,
  { settings }: { settings: HoprSettings },
): ClusterPlan {
  const members = listMembers(cluster, hoprds);
  const present = members.filter((member) => !isGoing(member));
  const deleting = cluster.metadata.deletionTimestamp !== undefined;
  const paused = cluster.metadata.annotations?.[ANNOTATION_PAUSED] === 'true';
  const problems = deleting ? [] : [...findNodeProblems(cluster), ...findShortage(cluster, present, identities)];
  const facts = {
    problems,
    currentNodes: present.length,
    settledNodes: present.filter(isSettled).length,
    withoutIdentity: present.filter(lacksIdentity).map(({ hoprd }) => hoprd.metadata.name),
    ...{ paused, deleting },
  };
  if (deleting) return { ...facts, ...planDeletion(cluster, hoprds) };
  const { changes, waits } = planLiving(cluster, members, identities, problems, settings);
  return { ...facts, changes: paused ? [] : changes, waits };
}

/** Said before the nodes are made: they could only wait. */
function findShortage(
  { spec }: ClusterHoprd,
  present: readonly Member[],
  identities: readonly IdentityHoprd[],
): Problem[] {
  const { identityPoolName: pool, replicas } = spec;
  const needed = replicas - present.filter((member) => !lacksIdentity(member)).length;
  const free = identities.filter((identity) => identity.spec.identityPoolName === pool && isFree(identity)).length;
  // Those that are locked by a node that does not know it yet are on their way.
  const underWay = present.filter(
    (member) =>
      lacksIdentity(member) && identities.some((identity) => holderOf(identity) === member.hoprd.metadata.name),
  ).length;
  if (needed <= free + underWay) return [];
  const message = `${needed} nodes need an identity, and pool ${pool} has ${free + underWay} for them; add ${needed - free - underWay} IdentityHoprds`;
  return [{ reason: 'NoFreeIdentity', message }];
}

function planLiving(
  cluster: ClusterHoprd,
  members: readonly Member[],
  identities: readonly IdentityHoprd[],
  problems: readonly Problem[],
  settings: HoprSettings,
): { changes: Change[]; waits: Wait[] } {
  if (!hasFinalizer(cluster))
    return { changes: addFinalizer(cluster, CLUSTER_HOPRDS, 'finalizer, so that its nodes end in order'), waits: [] };
  const blocking = problems.find(isBlocking);
  if (blocking !== undefined) return { changes: [], waits: [{ what: 'nodes', why: blocking.message }] };
  const { changes, waits } = planClusterChanges(cluster, members, settings);
  const hopeless = members.filter((member) => !isGoing(member) && isHopeless(cluster, member, identities));
  const lacking = members.filter((member) => !isGoing(member) && lacksIdentity(member));
  const names = lacking.map(({ hoprd }) => hoprd.metadata.name).join(', ');
  return {
    changes: [
      ...planScale(cluster, members, identities, settings),
      ...hopeless.map(({ hoprd }) =>
        remove(HOPRDS, hoprd, `identity ${hoprd.spec.identityName}, which it was to have again, is gone`, false),
      ),
      ...changes,
    ],
    waits: [
      ...waits,
      ...(lacking.length === 0
        ? []
        : [{ what: 'identities', why: `${names} have none yet; the conditions of these Hoprds say why` }]),
    ],
  };
}

/**
 * New nodes have the lowest numbers that are free, and nodes that are too many go from the highest on: gaps are filled, and nothing depends on
 * there being none.
 */
function planScale(
  cluster: ClusterHoprd,
  members: readonly Member[],
  identities: readonly IdentityHoprd[],
  settings: HoprSettings,
): Change[] {
  const { replicas } = cluster.spec;
  const present = members.filter((member) => !isGoing(member));
  const why = `${present.length} → ${replicas} nodes`;
  const surplus = present.slice(replicas).reverse();
  if (surplus.length > 0) return surplus.map(({ hoprd }) => remove(HOPRDS, hoprd, why, false));
  const noted = notedIdentities(cluster);
  return findFreeNumbers(members, replicas - members.length).map((index) => {
    const again = noted.get(index);
    const identity = again !== undefined && canBeHad(again, identities) ? again : undefined;
    const node = withOwner(cluster, buildClusterNode(cluster, index, settings, identity));
    const annotations = { [ANNOTATION_LAST_APPLIED]: lastAppliedOf(node) };
    const object = { ...node, metadata: { ...node.metadata, annotations } };
    return { verb: 'create', type: HOPRDS, key: keyOf(object), why, object };
  });
}

/** A node that was made anew with the identity that it had, which somebody has deleted or taken since. It would wait for ever. */
function isHopeless({ spec }: ClusterHoprd, member: Member, identities: readonly IdentityHoprd[]): boolean {
  const { identityName } = member.hoprd.spec;
  if (identityName === undefined || spec.forceIdentityName === true || !lacksIdentity(member)) return false;
  const holder = identities.find(({ metadata }) => metadata.name === identityName)?.status?.hoprdNodeName;
  return holder !== member.hoprd.metadata.name && !canBeHad(identityName, identities);
}

function canBeHad(name: string, identities: readonly IdentityHoprd[]): boolean {
  const identity = identities.find(({ metadata }) => metadata.name === name);
  return (
    identity !== undefined && identity.metadata.deletionTimestamp === undefined && holderOf(identity) === undefined
  );
}

/** The number of a node that still ends is its own until it is gone. */
function findFreeNumbers(members: readonly Member[], count: number): number[] {
  const taken = new Set(members.map(({ index }) => index));
  const free: number[] = [];
  for (let index = 1; free.length < count; index++) if (!taken.has(index)) free.push(index);
  return free;
}

function planDeletion(cluster: ClusterHoprd, hoprds: readonly Hoprd[]): { changes: Change[]; waits: Wait[] } {
  if (hoprds.length === 0)
    return { changes: removeFinalizer(cluster, CLUSTER_HOPRDS, 'it has no node any more'), waits: [] };
  const going = hoprds.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return {
    changes: going.map((hoprd) => remove(HOPRDS, hoprd, 'the cluster is deleted', false)),
    waits: [{ what: 'deletion', why: `${hoprds.map(({ metadata }) => metadata.name).join(', ')} must end first` }],
  };
}
