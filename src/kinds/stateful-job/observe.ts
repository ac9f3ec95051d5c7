/** Everything about one StatefulJob that is decided upon, read into one plain value. */
import { type Job, keyOf, type PersistentVolumeClaim } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { PERSISTENT_VOLUME_CLAIMS } from '../../kube/resource-types.ts';
import { listVolumeSnapshots, type VolumeSnapshot } from '../volume-snapshot.ts';
import { JOBS, type StatefulJob } from './schema.ts';

export type Observed = {
  /** What has the name of the Job, whoever made it. */
  job: Job | undefined;
  claim: PersistentVolumeClaim | undefined;
  /** With the labels of the selector; undefined where the cluster has no such API. */
  snapshots: readonly VolumeSnapshot[] | undefined;
};

export async function observe(resource: StatefulJob, reader: Reader): Promise<Observed> {
  const key = keyOf(resource);
  const [job, claim, snapshots] = await Promise.all([
    reader.get<Job>(JOBS, key),
    reader.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, key),
    listVolumeSnapshots(reader, key.namespace ?? '', resource.spec.selector),
  ]);
  return { job, claim, snapshots };
}
