/** What a recovery needs to know besides: volumes, which nobody watches, and all snapshots that may be taken. Read only where there is cause. */
import { isForbidden } from '../../kube/api-error.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { PERSISTENT_VOLUMES } from '../../kube/resource-types.ts';
import { listVolumeSnapshots, type VolumeSnapshot } from '../volume-snapshot.ts';
import { isSuspect } from './corrupt-data.ts';
import { recoveryOf } from './desired/broken-claim.ts';
import { appLabel, LABEL_APP } from './desired/metadata.ts';
import { listInstances } from './instances.ts';
import { CREATED_BY, LABEL_CREATED_BY } from './names.ts';
import type { CosmosFullNode } from './schema.ts';

export type RecoveryView = {
  /** By name; undefined where there is none of that name. */
  volumes: ReadonlyMap<string, PersistentVolume | 'forbidden' | undefined>;
  /** That may be taken, in any state; undefined where the cluster has no such API. */
  snapshots: readonly VolumeSnapshot[] | undefined;
};

export const NOTHING_TO_RECOVER: RecoveryView = { volumes: new Map(), snapshots: [] };

/** @param live reads from the API server itself: what is done to a volume must not rest on a cache */
export async function viewRecovery(
  fullNode: CosmosFullNode,
  claims: ReadonlyMap<string, PersistentVolumeClaim>,
  pods: ReadonlyMap<string, Pod>,
  live: Reader,
): Promise<RecoveryView> {
  const recovery = fullNode.spec.selfHeal?.corruptDataRecovery;
  const suspects = listInstances(fullNode).filter(({ name }) => {
    const pod = pods.get(name);
    return recovery !== undefined && pod !== undefined && isSuspect(recovery, pod);
  });
  const names = new Set([
    ...suspects.flatMap(({ claimName }) => claims.get(claimName)?.spec?.volumeName ?? []),
    ...[...claims.values()].flatMap((claim) => recoveryOf(claim)?.volumeName ?? []),
  ]);
  if (names.size === 0) return NOTHING_TO_RECOVER;
  const [volumes, snapshots] = await Promise.all([
    Promise.all([...names].map(async (name) => [name, await readVolume(name, live)] as const)),
    listVolumeSnapshots(live, fullNode.metadata.namespace ?? '', snapshotSelector(fullNode)),
  ]);
  return { volumes: new Map(volumes), snapshots };
}

export function snapshotSelector(fullNode: CosmosFullNode): Record<string, string> {
  const given = fullNode.spec.selfHeal?.corruptDataRecovery?.volumeSnapshotSelector ?? {};
  // Without any label it would be those of every chain of the namespace.
  return Object.keys(given).length > 0 ? given : { [LABEL_CREATED_BY]: CREATED_BY, [LABEL_APP]: appLabel(fullNode) };
}

async function readVolume(name: string, live: Reader): Promise<PersistentVolume | 'forbidden' | undefined> {
  try {
    return await live.get<PersistentVolume>(PERSISTENT_VOLUMES, { name });
  } catch (error) {
    if (isForbidden(error)) return 'forbidden';
    throw error;
  }
}
