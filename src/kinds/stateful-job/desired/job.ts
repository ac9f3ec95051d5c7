/** The Job of a StatefulJob, and the claim with the data of a snapshot that it runs on (spec cosmos §3.10). Pure. */
import type { Job, ObjectMeta, PersistentVolumeClaim } from '../../../kube/objects.ts';
import { VOLUME_SNAPSHOTS } from '../../../kube/resource-types.ts';
import { ownedBy } from '../../../reconcile/ownership.ts';
import { type PodSecurity, securePod } from '../../../reconcile/pod-security.ts';
import type { VolumeSnapshot } from '../../volume-snapshot.ts';
import type { StatefulJob } from '../schema.ts';

/** On the Job and its claim; the operator's caches hold what carries them. */
export const CHILDREN = {
  'app.kubernetes.io/created-by': 'cosmos-operator',
  'app.kubernetes.io/component': 'StatefulJob',
};

const SNAPSHOT_VOLUME = 'snapshot';
const DEFAULTS = { ttlSecondsAfterFinished: 900, backoffLimit: 5, activeDeadlineSeconds: 86_400 };

/** @param restoreSize of the snapshot */
export function buildClaim(
  resource: StatefulJob,
  snapshot: VolumeSnapshot,
  restoreSize: string | number,
): PersistentVolumeClaim {
  const { accessModes = [], storageClassName } = resource.spec.volumeClaimTemplate;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: childMetadata(resource),
    spec: {
      storageClassName,
      accessModes: accessModes.length === 0 ? ['ReadWriteOnce'] : accessModes,
      dataSource: { apiGroup: VOLUME_SNAPSHOTS.group, kind: VOLUME_SNAPSHOTS.kind, name: snapshot.metadata.name },
      resources: { requests: { storage: String(restoreSize) } },
    },
  };
}

export function buildJob(resource: StatefulJob, podSecurity?: PodSecurity): Job {
  const metadata = childMetadata(resource);
  const { jobTemplate, podTemplate } = resource.spec;
  const podSpec = podTemplate.spec ?? { containers: [] };
  const claim = { name: SNAPSHOT_VOLUME, persistentVolumeClaim: { claimName: metadata.name } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      ...DEFAULTS,
      ...Object.fromEntries(Object.entries(jobTemplate ?? {}).filter(([, value]) => value !== undefined)),
      template: {
        ...(podTemplate.metadata === undefined ? {} : { metadata: podTemplate.metadata as ObjectMeta }),
        spec: securePod(
          {
            ...podSpec,
            // Jobs take no other than these two.
            restartPolicy: podSpec.restartPolicy === 'OnFailure' ? 'OnFailure' : 'Never',
            volumes: [...(podSpec.volumes ?? []), claim],
          },
          podSecurity,
        ),
      },
    },
  };
}

function childMetadata(resource: StatefulJob): ObjectMeta {
  const { name, namespace } = resource.metadata;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { ...CHILDREN },
    ...ownedBy(resource),
  };
}
