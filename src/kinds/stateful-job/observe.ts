/** Everything about one StatefulJob that is decided upon, read into one plain value. */
import { type Job, keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { PERSISTENT_VOLUME_CLAIMS, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import { listVolumeSnapshots, type VolumeSnapshot } from '../volume-snapshot.ts';
import { JOBS, type StatefulJob } from './schema.ts';

export type Observed = {
  /** What has the name of the Job, whoever made it. */
  job: Job | undefined;
  claim: PersistentVolumeClaim | undefined;
  /** With the labels of the selector; undefined where the cluster has no such API. */
  snapshots: readonly VolumeSnapshot[] | undefined;
  /** What a claim that has no data yet is to get it from, whatever the selector is by now; undefined where that is gone. */
  source: VolumeSnapshot | undefined;
};

export async function observe(resource: StatefulJob, reader: Reader): Promise<Observed> {
  const key = keyOf(resource);
  const [job, claim, snapshots] = await Promise.all([
    reader.get<Job>(JOBS, key),
    reader.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, key),
    listVolumeSnapshots(reader, key.namespace ?? '', resource.spec.selector),
  ]);
  return { job, claim, snapshots, source: await findSource(claim, snapshots, reader) };
}

async function findSource(
  claim: PersistentVolumeClaim | undefined,
  snapshots: Observed['snapshots'],
  reader: Reader,
): Promise<VolumeSnapshot | undefined> {
  const { kind, name } = claim?.spec?.dataSource ?? {};
  if (claim?.status?.phase !== 'Pending' || kind !== VOLUME_SNAPSHOTS.kind || name === undefined) return undefined;
  const listed = snapshots?.find(({ metadata }) => metadata.name === name);
  return listed ?? reader.get<VolumeSnapshot>(VOLUME_SNAPSHOTS, { namespace: claim.metadata.namespace, name });
}
