/**
 * A snapshot before every upgrade (spec.upgradeSnapshot). Of an instance that has stopped at the height of an upgrade the pod goes first, so
 * that its data is what a node writes when it ends; then comes the VolumeSnapshot, and the next pod only when that has been cut. What step an
 * instance is at follows from what is there: a mark on its claim, written before its pod is stopped and taken off when it runs the next
 * version, and the snapshot. Pure.
 */
import { parseDuration } from '../../formats/duration.ts';
import { keyOf, type PersistentVolumeClaim, type Pod } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { type ConditionInput, toWireTime } from '../../reconcile/conditions.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import { newestFirst, type VolumeSnapshot } from '../volume-snapshot.ts';
import { buildUpgradeSnapshot, upgradeHeightOf, upgradeSnapshotName } from './desired/upgrade-snapshot.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import type { CosmosFullNode } from './schema.ts';
import { isDue, isStoppingForUpgrade } from './upgrade-halt.ts';
import { effectiveVersion } from './versions.ts';

/** On the claim of an instance that is to have a snapshot: height of the upgrade, and since when. */
const ANNOTATION_MARK = 'nodewright.dev/upgrade-snapshot';
const DEFAULT_INSTANCES = 1;
const DEFAULT_LIMIT = 3;
const DEFAULT_TIME_LIMIT_MS = 3_600_000;
/** A node that has stopped at a height calls itself at most so much higher (reachedHeight, upgrade-halt.ts). */
const ABOVE = 2;

export type UpgradeSnapshots = {
  /** By name of the instance: why it gets no other pod now. */
  holds: Map<string, string>;
  /** By name of the instance: what has to be written before its pod is stopped. */
  marks: Map<string, Change>;
  changes: Change[];
  condition: ConditionInput | undefined;
};

type Mark = { height: number; since: number };

/** Whether a claim is between an old version and the next one. */
export function isMarked(claim: PersistentVolumeClaim): boolean {
  return markOf(claim) !== undefined;
}

/** @param keep names of snapshots that are not to be deleted now */
export function planUpgradeSnapshots(
  fullNode: CosmosFullNode,
  nodes: readonly NodeView[],
  desired: ReadonlyMap<string, Pod>,
  observed: Observed,
  { now, keep }: { now: Date; keep: ReadonlySet<string> },
): UpgradeSnapshots {
  const plan: UpgradeSnapshots = { holds: new Map(), marks: new Map(), changes: [], condition: undefined };
  const late: string[] = [];
  for (const node of nodes) {
    const claim = observed.claims.get(node.instance.claimName);
    const mark = claim && markOf(claim);
    if (claim === undefined || mark === undefined) continue;
    const isOver = node.pod !== undefined && !isDue(node, desired.get(node.instance.name));
    if (isOver) plan.changes.push(patchMark(claim, null, 'its node runs the next version'));
    else if (takeSnapshot(fullNode, node, mark, observed, now, plan)) late.push(node.instance.name);
  }
  if (fullNode.spec.upgradeSnapshot === undefined) return plan;
  chooseNext(fullNode, nodes, desired, observed, now, plan);
  plan.changes.push(...prune(fullNode, observed, keep));
  return { ...plan, condition: conditionOf(fullNode, observed, plan, late) };
}

/** Of an instance with a mark. Returns whether it waits longer than the time limit allows. */
function takeSnapshot(
  fullNode: CosmosFullNode,
  { instance, pod }: NodeView,
  mark: Mark,
  { upgradeSnapshots }: Observed,
  now: Date,
  plan: UpgradeSnapshots,
): boolean {
  const { upgradeSnapshot: wanted } = fullNode.spec;
  const name = upgradeSnapshotName(instance, mark.height);
  const snapshot = upgradeSnapshots?.get(name);
  // Its pod has to go first.
  if (pod !== undefined || isCut(snapshot)) return false;
  const isLate = now.getTime() - mark.since >= timeLimitOf(fullNode);
  const mayContinue = wanted?.whenLate === 'Continue' && (isLate || upgradeSnapshots === undefined);
  if (wanted === undefined || mayContinue) {
    if (snapshot === undefined || snapshot.metadata.deletionTimestamp !== undefined) return false;
    // Cut later, it would have data of the next version under the name of the last one.
    plan.changes.push(deleteSnapshot(snapshot, 'it was not cut in time, and the upgrade goes on without it'));
    plan.holds.set(instance.name, `VolumeSnapshot ${name}, which comes too late, has to be deleted first`);
    return isLate;
  }
  plan.holds.set(instance.name, describeWait(name, mark.height, snapshot, upgradeSnapshots !== undefined));
  if (upgradeSnapshots !== undefined && snapshot === undefined) {
    const object = buildUpgradeSnapshot(fullNode, instance, mark.height, wanted.volumeSnapshotClassName);
    const why = `data of ${instance.name} from before the upgrade at height ${mark.height}`;
    plan.changes.push({
      verb: 'create',
      type: VOLUME_SNAPSHOTS,
      key: keyOf(object),
      why,
      object,
      node: instance.name,
    });
  }
  return isLate;
}

/** The instances that are to have a snapshot among those that are due for an upgrade now. */
function chooseNext(
  fullNode: CosmosFullNode,
  nodes: readonly NodeView[],
  desired: ReadonlyMap<string, Pod>,
  { claims, upgradeSnapshots }: Observed,
  now: Date,
  plan: UpgradeSnapshots,
): void {
  const { instances = DEFAULT_INSTANCES, whenLate = 'Wait' } = fullNode.spec.upgradeSnapshot ?? {};
  const taken = new Map<number, Set<string>>();
  const note = (height: number, claimName: string) =>
    taken.set(height, (taken.get(height) ?? new Set()).add(claimName));
  for (const snapshot of upgradeSnapshots?.values() ?? [])
    note(upgradeHeightOf(snapshot), snapshot.spec?.source.persistentVolumeClaimName ?? '');
  for (const claim of claims.values()) note(markOf(claim)?.height ?? 0, claim.metadata.name);
  for (const node of nodes) {
    const { name, claimName } = node.instance;
    const claim = claims.get(claimName);
    const height = upgradeOf(fullNode, node, desired.get(name));
    if (height === undefined || claim === undefined || isMarked(claim)) continue;
    if ((taken.get(height)?.size ?? 0) >= instances || taken.get(height)?.has(claimName)) continue;
    note(height, claimName);
    if (upgradeSnapshots !== undefined) {
      const why = `a snapshot of it comes before the upgrade at height ${height}`;
      plan.marks.set(name, patchMark(claim, `${height} since ${toWireTime(now)}`, why));
    } else if (whenLate === 'Wait') plan.holds.set(name, NO_API);
  }
}

/** Height of the upgrade that an instance has stopped for; undefined where it runs on, or is to be replaced for something else. */
function upgradeOf(fullNode: CosmosFullNode, node: NodeView, desired: Pod | undefined): number | undefined {
  if (desired === undefined || node.state === 'Terminating' || !isDue(node, desired)) return undefined;
  const height = effectiveVersion(fullNode, node.height)?.height ?? 0;
  const isThere = height > 0 && node.height <= height + ABOVE && !isStoppingForUpgrade(fullNode, node, desired);
  return isThere ? height : undefined;
}

function prune({ spec }: CosmosFullNode, { upgradeSnapshots, claims }: Observed, keep: ReadonlySet<string>): Change[] {
  const present = [...(upgradeSnapshots?.values() ?? [])].filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined && !keep.has(metadata.name),
  );
  const limit = spec.upgradeSnapshot?.limit ?? DEFAULT_LIMIT;
  // One that is cut may still fail to be uploaded: it replaces none until it can be used.
  const usable = present.filter(({ status }) => status?.readyToUse === true);
  const heights = [...new Set(usable.map(upgradeHeightOf))].sort((a, b) => b - a);
  const underWay = [...claims.values()].map((claim) => markOf(claim)?.height ?? Number.POSITIVE_INFINITY);
  const oldest = Math.min(heights[limit - 1] ?? 0, ...underWay);
  return present
    .filter((snapshot) => upgradeHeightOf(snapshot) < oldest)
    .map((snapshot) => deleteSnapshot(snapshot, `those of ${limit} later upgrades are there`));
}

function conditionOf(
  { spec }: CosmosFullNode,
  { upgradeSnapshots }: Observed,
  { holds }: UpgradeSnapshots,
  late: readonly string[],
): ConditionInput | undefined {
  const say = (status: 'True' | 'False', reason: Reason, message: string): ConditionInput => ({
    type: 'UpgradeSnapshot',
    status,
    reason,
    message,
  });
  const goesOn =
    spec.upgradeSnapshot?.whenLate === 'Continue'
      ? 'upgrades go on without a snapshot, as spec.upgradeSnapshot.whenLate says'
      : 'the next upgrade of one instance waits for it, unless spec.upgradeSnapshot.whenLate is Continue';
  if (upgradeSnapshots === undefined) return say('False', 'MissingCRDs', `${NO_API}; ${goesOn}`);
  const words = [...holds].map(([name, why]) => `${name}: ${why}`).join('; ');
  if (late.length > 0)
    return say(
      'False',
      'TimedOut',
      `${words}. It takes longer than spec.upgradeSnapshot.timeLimit. To have it tried again, delete the VolumeSnapshot; to go on without it, set spec.upgradeSnapshot.whenLate to Continue`,
    );
  if (words !== '') return say('False', 'Pending', words);
  const [newest] = newestFirst([...upgradeSnapshots.values()]);
  if (newest === undefined) return undefined;
  const { metadata, status } = newest;
  const error = status?.error?.message === undefined ? '' : `: ${status.error.message}`;
  const ready = status?.readyToUse === true ? '' : `; it is not ready to use yet${error}`;
  const message = `VolumeSnapshot ${metadata.name} has the data from before the upgrade at height ${upgradeHeightOf(newest)}${ready}`;
  return say('True', 'Taken', message);
}

const NO_API =
  'the cluster has no VolumeSnapshots: install their CustomResourceDefinitions and a driver that can make them';

function describeWait(name: string, height: number, snapshot: VolumeSnapshot | undefined, hasApi: boolean): string {
  if (!hasApi) return NO_API;
  const error = snapshot?.status?.error?.message;
  const trouble = error === undefined ? '' : ` (${error})`;
  return `VolumeSnapshot ${name}, from before the upgrade at height ${height}, has to be cut first${trouble}`;
}

/** Its data is certain from then on; that it can be used may take hours more, for which no node need be away. */
function isCut(snapshot: VolumeSnapshot | undefined): boolean {
  return snapshot?.status?.creationTime !== undefined;
}

/** Milliseconds; what cannot be read counts as unset. */
function timeLimitOf({ spec }: CosmosFullNode): number {
  const given = parseDuration(spec.upgradeSnapshot?.timeLimit ?? '') ?? 0;
  return given > 0 ? given : DEFAULT_TIME_LIMIT_MS;
}

/** What a claim says of an upgrade that its instance has stopped for; undefined where there is none under way. */
export function markOf({ metadata }: PersistentVolumeClaim): Mark | undefined {
  const found = /^(\d+) since (\S+)$/.exec(metadata.annotations?.[ANNOTATION_MARK] ?? '');
  return found === null ? undefined : { height: Number(found[1]), since: Date.parse(found[2] ?? '') || 0 };
}

function patchMark(claim: PersistentVolumeClaim, mark: string | null, why: string): Change {
  const patch = { metadata: { uid: claim.metadata.uid, annotations: { [ANNOTATION_MARK]: mark } } };
  return { verb: 'patch', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(claim), why, patch };
}

function deleteSnapshot(snapshot: VolumeSnapshot, why: string): Change {
  const { name, uid = '' } = snapshot.metadata;
  return { verb: 'delete', type: VOLUME_SNAPSHOTS, key: keyOf(snapshot), uid, why, disrupts: false, node: name };
}
