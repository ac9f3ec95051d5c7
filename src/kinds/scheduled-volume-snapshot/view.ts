/** A ScheduledVolumeSnapshot for people. */
import { type ResourceView, type ViewSource, viewResource } from '../node-view.ts';
import { viewSnapshots } from '../snapshot-view.ts';
import { listVolumeSnapshots } from '../volume-snapshot.ts';
import type { ScheduledVolumeSnapshot } from './schema.ts';
import { snapshotLabels } from './snapshots.ts';

export async function viewScheduledSnapshot(
  resource: ScheduledVolumeSnapshot,
  { reader }: ViewSource,
): Promise<ResourceView> {
  const { spec, status, metadata } = resource;
  const snapshots = await listVolumeSnapshots(reader, metadata.namespace ?? '', snapshotLabels(resource));
  return viewResource(resource, {
    snapshots: viewSnapshots(snapshots ?? []),
    facts: [
      { label: 'of', value: `CosmosFullNode ${spec.fullNodeRef.name}` },
      { label: 'schedule', value: spec.schedule },
      ...(status?.nextRunAt === undefined ? [] : [{ label: 'next run', value: status.nextRunAt }]),
      ...(status?.status === undefined ? [] : [{ label: 'now', value: status.status }]),
    ],
  });
}
