/**
 * How changes of a cluster reach its nodes: so many at a time as may be down, each only when the one before runs again. What stops or
 * starts nodes because it is asked to, and what nobody notices, reaches all of them at once.
 */
import { keyOf } from '../../kube/objects.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { ANNOTATION_RESTARTED_AT } from '../../reconcile/labels.ts';
import { planRollout, type RolloutMember } from '../../reconcile/rollout.ts';
import { maxUnavailableOf } from '../../reconcile/rollout-budget.ts';
import { canonicalJson } from '../../reconcile/stamp.ts';
import { statusPatch } from '../../reconcile/status-patch.ts';
import type { HoprSettings } from '../hopr-settings.ts';
import { findsNoIdentity, isGoing, isSettled, lacksIdentity, type Member } from './cluster-members.ts';
import { ANNOTATION_LAST_APPLIED, buildClusterNode, clusterNodeName, lastAppliedOf } from './desired/cluster-node.ts';
import { notedIdentities, planReplacements } from './replacements.ts';
import { type ClusterHoprd, HOPRDS, type HoprdSpec } from './schema.ts';

/** Members of a node that are its own once it is there. */
const OWN_MEMBERS: ReadonlySet<string> = new Set(['deleteDatabase', 'identityName']);
/** Which the API server lets nobody change. */
const FIXED_MEMBERS: ReadonlySet<string> = new Set(['supportedRelease', 'portsAllocation']);

/** Empty where nothing is to be changed. */
type Update = { member: Member; spec: HoprdSpec; changed: (keyof HoprdSpec)[]; restartedAt: string | undefined };

export function planClusterChanges(
  cluster: ClusterHoprd,
  members: readonly Member[],
  settings: HoprSettings,
): { changes: Change[]; waits: Wait[] } {
  // Nodes that are too many go; nothing else is done to them.
  const updates = members.slice(0, cluster.spec.replicas).map((member) => describeUpdate(cluster, member, settings));
  const away = [...notedIdentities(cluster).keys()].filter((index) =>
    members.every((member) => member.index !== index),
  );
  // What cannot run, whatever is done to it, takes no place of those that may be down.
  const counted = updates.filter((update) => isNoticed(update) || !findsNoIdentity(update.member));
  const decision = planRollout([...counted.map(rolloutMember), ...away.map((index) => absentMember(cluster, index))], {
    maxUnavailable: maxUnavailableOf(cluster.spec.strategy?.maxUnavailable ?? 1, updates.length + away.length),
  });
  const due = decision.restart.flatMap(({ name, why }) =>
    updates.filter(({ member }) => member.hoprd.metadata.name === name).map((update) => ({ ...update, why })),
  );
  const unnoticed = updates.filter((update) => !isGoing(update.member) && hasChanged(update) && !isNoticed(update));
  return {
    changes: [
      ...unnoticed.map((update) => patchNode(update, describeChanges(update))),
      ...due.filter((update) => !isFixed(update)).map((update) => patchNode(update, update.why)),
      ...planReplacements(cluster, members, due.filter(isFixed)),
    ],
    waits: decision.wait === undefined ? [] : [decision.wait],
  };
}

function describeUpdate(cluster: ClusterHoprd, member: Member, settings: HoprSettings): Update {
  const { index, hoprd } = member;
  const { spec } = buildClusterNode(cluster, index, settings, hoprd.spec.identityName);
  const names = [...new Set([...Object.keys(spec), ...Object.keys(hoprd.spec)])] as (keyof HoprdSpec)[];
  const restartedAt = cluster.metadata.annotations?.[ANNOTATION_RESTARTED_AT];
  return {
    member,
    spec,
    changed: names.filter(
      (name) => !OWN_MEMBERS.has(name) && canonicalJson(spec[name]) !== canonicalJson(hoprd.spec[name]),
    ),
    restartedAt: hoprd.metadata.annotations?.[ANNOTATION_RESTARTED_AT] === restartedAt ? undefined : restartedAt,
  };
}

function hasChanged({ changed, restartedAt }: Update): boolean {
  return changed.length > 0 || restartedAt !== undefined;
}

/** Whether a node that should run is restarted for it. */
function isNoticed(update: Update): boolean {
  if (isFixed(update)) return true;
  return hasChanged(update) && update.spec.enabled !== false && !update.changed.includes('enabled');
}

function isFixed({ changed }: Update): boolean {
  return changed.some((name) => FIXED_MEMBERS.has(name));
}

function describeChanges({ member, spec, changed, restartedAt }: Update): string {
  const { version } = member.hoprd.spec;
  const words = changed.map((name) => (name === 'version' ? `version ${version} → ${spec.version}` : `spec.${name}`));
  return [...words, ...(restartedAt === undefined ? [] : ['a restart was asked for'])].join(', ');
}

function rolloutMember(update: Update): RolloutMember {
  const { member } = update;
  const settled = !isGoing(member) && isSettled(member);
  const isDown = member.hoprd.status?.phase === 'Stopped' || lacksIdentity(member);
  return {
    name: member.hoprd.metadata.name,
    restart: isNoticed(update) ? describeChanges(update) : undefined,
    health: isGoing(member) ? 'changing' : settled ? 'healthy' : isDown ? 'down' : 'unproven',
    // Who waits for an identity holds nobody up.
    settled: settled || (!isGoing(member) && lacksIdentity(member)),
  };
}

function absentMember(cluster: ClusterHoprd, index: number): RolloutMember {
  return { name: clusterNodeName(cluster, index), health: 'changing', settled: false };
}

/** Only what has changed: another member may be somebody's wish for this node, such as that its database be deleted. */
function patchNode({ member: { hoprd }, spec, changed, restartedAt }: Update, why: string): Change {
  const next = Object.fromEntries(changed.map((name) => [name, spec[name]]));
  const { uid, resourceVersion } = hoprd.metadata;
  const annotations = {
    ...(restartedAt === undefined ? {} : { [ANNOTATION_RESTARTED_AT]: restartedAt }),
    [ANNOTATION_LAST_APPLIED]: lastAppliedOf({ ...hoprd, spec: { ...hoprd.spec, ...next } as HoprdSpec }),
  };
  return {
    ...{ verb: 'patch', type: HOPRDS, key: keyOf(hoprd), why, node: hoprd.metadata.name },
    patch: { metadata: { uid, resourceVersion, annotations }, spec: statusPatch(hoprd.spec, next) },
  };
}
