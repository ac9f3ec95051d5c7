/**
 * The pod that is away while its snapshot is taken: an entry in the status of its CosmosFullNode says so, by a key that is this resource's
 * own. While there may be one, a finalizer on the resource sees to it that it is taken away again. At other times there is none: an operator
 * that has gone leaves nothing behind that cannot be deleted (docs/adr/0014).
 */
import { keyOf } from '../../kube/objects.ts';
import type { Change } from '../../reconcile/change.ts';
import { addFinalizer, removeFinalizer } from '../../reconcile/finalizers.ts';
import type { Observed } from './observe.ts';
import {
  COSMOS_FULL_NODES,
  type FullNode,
  SCHEDULED_VOLUME_SNAPSHOTS,
  type ScheduledVolumeSnapshot,
} from './schema.ts';

const FINALIZER = 'nodewright.dev/scheduled-volume-snapshot';

/** As the Cosmos Operator writes it. */
export function awayKey({ metadata }: ScheduledVolumeSnapshot): string {
  const { group, version } = SCHEDULED_VOLUME_SNAPSHOTS;
  const clean = (part: string) => part.replace(/[^A-Za-z0-9.-]/g, '');
  return [metadata.namespace ?? '', metadata.name, version, group].map(clean).join('.');
}

/** The pod that a CosmosFullNode keeps away for a resource. */
export function podAwayFrom(fullNode: FullNode | undefined, resource: ScheduledVolumeSnapshot): string | undefined {
  return fullNode?.status?.scheduledSnapshotStatus?.[awayKey(resource)]?.podCandidate;
}

/** Those that it keeps away for anybody else. */
export function podsAwayForOthers({ status }: FullNode, resource: ScheduledVolumeSnapshot): Set<string> {
  const entries = Object.entries(status?.scheduledSnapshotStatus ?? {});
  return new Set(entries.filter(([key]) => key !== awayKey(resource)).map(([, { podCandidate }]) => podCandidate));
}

/** One step at a time: the finalizer is there before a pod goes. */
export function sendAway(resource: ScheduledVolumeSnapshot, fullNode: FullNode, podName: string): Change[] {
  const why = 'finalizer, so that its pod comes back in any case';
  const guard = addFinalizer(resource, SCHEDULED_VOLUME_SNAPSHOTS, FINALIZER, why);
  if (guard.length > 0) return guard;
  if (podAwayFrom(fullNode, resource) === podName) return [];
  const away = `pod ${podName} is to be away for its snapshot`;
  // Of two schedules that both count the nodes in sync, one writes; the other counts again.
  const { resourceVersion } = fullNode.metadata;
  return [patchAway(resource, fullNode, { podCandidate: podName }, away, resourceVersion)];
}

/** Gives back whatever pod is away for a resource, and then takes off its finalizer. Empty when there is nothing left to do. */
export function bringBack(resource: ScheduledVolumeSnapshot, { fullNodes }: Observed, why: string): Change[] {
  const holding = [...fullNodes.values()].filter((fullNode) => podAwayFrom(fullNode, resource) !== undefined);
  if (holding.length > 0)
    return holding.map((fullNode) =>
      patchAway(resource, fullNode, null, `pod ${podAwayFrom(fullNode, resource)} may come back: ${why}`),
    );
  return removeFinalizer(resource, SCHEDULED_VOLUME_SNAPSHOTS, FINALIZER, 'no pod is away for it');
}

function patchAway(
  resource: ScheduledVolumeSnapshot,
  fullNode: FullNode,
  entry: { podCandidate: string } | null,
  why: string,
  resourceVersion?: string,
): Change {
  const patch = {
    metadata: { uid: fullNode.metadata.uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    status: { scheduledSnapshotStatus: { [awayKey(resource)]: entry } },
  };
  return { verb: 'patch', type: COSMOS_FULL_NODES, key: keyOf(fullNode), why, subresource: 'status', patch };
}
