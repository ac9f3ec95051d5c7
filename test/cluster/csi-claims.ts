/** Claims of the storage that a cluster for tests has (`cluster/README.md`), their snapshots, and pods that hold them. */
import type { VolumeSnapshot } from '../../src/kinds/volume-snapshot.ts';
import type { PersistentVolumeClaim, Pod } from '../../src/kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import type { Place } from './kind-access.ts';

/** Name of a StorageClass and of a VolumeSnapshotClass; the others have a suffix. */
export const TEST_CSI = 'nodewright-test-csi';

/** A claim of so much storage, empty or with the data of a snapshot. */
export function createClaim(
  { namespace, name }: Place,
  storage: string,
  options: { storageClassName?: string; snapshot?: string } = {},
): Promise<PersistentVolumeClaim> {
  const { storageClassName = TEST_CSI, snapshot } = options;
  const dataSource = { apiGroup: VOLUME_SNAPSHOTS.group, kind: VOLUME_SNAPSHOTS.kind, name: snapshot ?? '' };
  return kube.create<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { namespace, name },
    spec: {
      storageClassName,
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage } },
      ...(snapshot === undefined ? {} : { dataSource }),
    },
  });
}

/** A pod of the claim's name that has it at /data. */
export function createHolder({ namespace, name }: Place): Promise<Pod> {
  return kube.create<Pod>(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name },
    spec: {
      // With none at all it would be gone before the kubelet has unmounted its volume.
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsUser: 1025,
        runAsGroup: 1025,
        fsGroup: 1025,
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
      containers: [
        {
          name: 'holder',
          image: 'busybox:stable',
          imagePullPolicy: 'IfNotPresent',
          command: ['sleep', '1000000'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
}

/** Runs a script in /data, once the pod runs. */
export function inHolder({ namespace, name }: Place, script: string): Promise<string> {
  return eventually(90, async () =>
    (await kubectl('exec', '--namespace', namespace, name, '--', 'sh', '-euc', `cd /data; ${script}`)).trim(),
  );
}

/** Size of the file system at a path of a pod, MiB. */
export function parseSizeMiB(df: string): number {
  const blocks = /^\S+\s+(\d+)/.exec(df.split('\n').at(-1) ?? '')?.[1];
  if (blocks === undefined) throw new Error(`df says no size: ${df}`);
  return Number(blocks) / 1024;
}

export function getClaim({ namespace, name }: Place): Promise<PersistentVolumeClaim | undefined> {
  return kube.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name });
}

export function growClaim({ namespace, name }: Place, storage: string): Promise<PersistentVolumeClaim> {
  const patch = { spec: { resources: { requests: { storage } } } };
  return kube.mergePatch(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, patch);
}

/** Lets the kubelet look at a pod and its volumes now, and not only within its minute and a half. */
export async function wakeKubelet({ namespace, name }: Place): Promise<void> {
  await kube.mergePatch(PODS, { namespace, name }, { metadata: { annotations: { woken: `${Date.now()}` } } });
}

/** Waits until a claim has a condition. */
export async function untilClaimCondition(place: Place, type: string, seconds = 60): Promise<void> {
  await eventually(seconds, async () => {
    const status = (await getClaim(place))?.status;
    if (!status?.conditions?.some((condition) => condition.type === type))
      throw new Error(`claim ${place.name} has no condition ${type}: ${JSON.stringify(status)}`);
  });
}

/**
 * Waits until the volume of a claim is larger and its file system is not, or already is: a kubelet that happens to look at the pod makes it
 * so at once.
 */
export async function untilVolumeGrown(place: Place, storage: string, seconds = 60): Promise<void> {
  await eventually(seconds, async () => {
    const status = (await getClaim(place))?.status;
    const waits = status?.conditions?.some(({ type }) => type === 'FileSystemResizePending');
    if (!waits && status?.capacity?.storage !== storage)
      throw new Error(`the volume of claim ${place.name} has not grown: ${JSON.stringify(status)}`);
  });
}

/** Waits until a claim has a capacity. */
export async function untilCapacity(place: Place, storage: string, seconds = 90): Promise<void> {
  await eventually(seconds, async () => {
    const status = (await getClaim(place))?.status;
    if (status?.capacity?.storage !== storage)
      throw new Error(`claim ${place.name} has not ${storage}: ${JSON.stringify(status)}`);
  });
}

/** A snapshot of the claim `of`. */
export function createSnapshot({ namespace, name }: Place, of: string, className = TEST_CSI): Promise<VolumeSnapshot> {
  return kube.create<VolumeSnapshot>(VOLUME_SNAPSHOTS, {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { namespace, name },
    spec: { source: { persistentVolumeClaimName: of }, volumeSnapshotClassName: className },
  });
}

/** Waits for something in a snapshot's status. */
export function untilSnapshot(
  { namespace, name }: Place,
  what: string,
  isSo: (status: NonNullable<VolumeSnapshot['status']>) => boolean,
  seconds = 90,
): Promise<VolumeSnapshot> {
  return eventually(seconds, async () => {
    const snapshot = await kube.get<VolumeSnapshot>(VOLUME_SNAPSHOTS, { namespace, name });
    if (snapshot === undefined || !isSo(snapshot.status ?? {}))
      throw new Error(`VolumeSnapshot ${name} is not ${what}: ${JSON.stringify(snapshot?.status)}`);
    return snapshot;
  });
}
