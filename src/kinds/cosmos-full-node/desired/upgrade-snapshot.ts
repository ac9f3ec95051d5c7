/**
 * The VolumeSnapshot of an instance from before an upgrade. Its name follows from instance and height, so that nobody makes a second one. It
 * has no owner: like the snapshots of a schedule it outlives its resource.
 */
import { apiVersionOf, VOLUME_SNAPSHOTS } from '../../../kube/resource-types.ts';
import type { VolumeSnapshot } from '../../volume-snapshot.ts';
import type { Instance } from '../instances.ts';
import { CREATED_BY, LABEL_CREATED_BY, toLabelValue, toName } from '../names.ts';
import type { CosmosFullNode } from '../schema.ts';
import { appLabel, childMetadata, LABEL_APP, LABEL_COMPONENT, LABEL_INSTANCE } from './metadata.ts';

/** On every one; the operator's cache holds what carries them. */
export const UPGRADE_SNAPSHOTS = { [LABEL_CREATED_BY]: CREATED_BY, [LABEL_COMPONENT]: 'UpgradeSnapshot' };
/** Height of the upgrade. */
const LABEL_UPGRADE_HEIGHT = 'nodewright.dev/upgrade-height';

/** All of a resource. */
export function upgradeSnapshotLabels(fullNode: CosmosFullNode): Record<string, string> {
  return { ...UPGRADE_SNAPSHOTS, [LABEL_APP]: appLabel(fullNode) };
}

export function upgradeSnapshotName({ name }: Instance, height: number): string {
  return toName(`${name}-upgrade-${height}`);
}

/** 0 for what carries no height. */
export function upgradeHeightOf({ metadata }: VolumeSnapshot): number {
  return Number(metadata.labels?.[LABEL_UPGRADE_HEIGHT]) || 0;
}

export function buildUpgradeSnapshot(
  fullNode: CosmosFullNode,
  instance: Instance,
  height: number,
  volumeSnapshotClassName: string,
): VolumeSnapshot {
  return {
    apiVersion: apiVersionOf(VOLUME_SNAPSHOTS),
    kind: VOLUME_SNAPSHOTS.kind,
    metadata: childMetadata(fullNode, {
      name: upgradeSnapshotName(instance, height),
      ordinal: instance.ordinal,
      labels: {
        ...UPGRADE_SNAPSHOTS,
        [LABEL_INSTANCE]: toLabelValue(instance.name),
        [LABEL_UPGRADE_HEIGHT]: String(height),
      },
    }),
    spec: { source: { persistentVolumeClaimName: instance.claimName }, volumeSnapshotClassName },
  };
}
