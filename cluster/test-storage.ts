import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { applyManifests } from './addons.ts';
import { type BuildContext, ensureBuilt } from './builds.ts';
import { type ControlPlaneSettings, ensureHealthy, kubeconfigOf, nodeName } from './control-plane.ts';
import { type Daemon, findDaemon, stopDaemon } from './daemons.ts';
import { type DebianPackage, ensurePackages } from './packages.ts';

// Storage with snapshots and volumes that grow, for tests: the driver in csi/ with the real sidecars, as daemons of the
// host. Only `up --for-tests` brings it.

/** Of the driver, and of the classes with its usual behaviour. The name is in csi/main.go, too. */
const driver = 'test-csi.nodewright.dev';
const className = 'nodewright-test-csi';

const packages: readonly DebianPackage[] = [
  { name: 'mount', provides: ['mount', 'umount', 'losetup'] },
  { name: 'xfsprogs', provides: ['mkfs.xfs', 'xfs_growfs'] },
];

/** The daemons; `status` shows those that were started once. */
export const testStorageDaemons = ['test-csi', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter'];

/**
 * Makes sure that the driver and its sidecars run and their classes exist, in a cluster whose kubelet has started.
 * Builds them first, which takes minutes on a new machine.
 */
export async function ensureTestStorage(context: BuildContext, settings: ControlPlaneSettings): Promise<void> {
  await ensurePackages(context.progress, packages);
  const programs = await ensureBuilt('csi', context);
  const { dir } = settings.folder;
  const folder = join(dir, 'test-csi');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socket = join(folder, 'csi.sock');
  // A sidecar whose driver was another process ends when it next needs it.
  if (findDaemon(dir, 'test-csi') === undefined) for (const name of testStorageDaemons) await stopDaemon(dir, name);
  await ensureHealthy(settings.folder, csiDriver(dir, programs, folder, socket), () => Promise.resolve());
  for (const sidecar of sidecars(dir, programs, socket)) {
    await ensureHealthy(settings.folder, sidecar, () => Promise.resolve());
  }
  await applyManifests(dir, join(settings.bin, 'kubectl'), objects.map((object) => stringify(object)).join('\n---\n'));
}

function csiDriver(dir: string, programs: string, folder: string, socket: string): Daemon {
  const args = [`--folder=${folder}`, `--socket=${socket}`, `--registry=${join(dir, 'kubelet/plugins_registry')}`];
  return { name: 'test-csi', command: join(programs, 'csi'), args: [...args, `--node=${nodeName}`] };
}

function sidecars(dir: string, programs: string, socket: string): Daemon[] {
  const args = [
    `--kubeconfig=${kubeconfigOf(dir, 'admin')}`,
    `--csi-address=${socket}`,
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    // A test that waits for a snapshot, or for the next try, is not to wait for minutes.
    '--retry-interval-start=500ms',
    '--retry-interval-max=2s',
  ];
  const sidecar = (name: string, ...own: string[]) => ({
    name,
    command: join(programs, name),
    args: [...args, ...own],
  });
  return [sidecar('csi-provisioner', '--extra-create-metadata'), sidecar('csi-resizer'), sidecar('csi-snapshotter')];
}

function storageClass(name: string, parameters?: Record<string, string>) {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: driver,
    parameters,
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Delete',
    allowVolumeExpansion: true,
  };
}

function snapshotClass(name: string, parameters?: Record<string, string>, annotations?: Record<string, string>) {
  return {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name, annotations },
    driver,
    parameters,
    deletionPolicy: 'Delete',
  };
}

/** What the parameters mean is in csi/controller.go. */
const objects: readonly unknown[] = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: driver },
    spec: { attachRequired: false, fsGroupPolicy: 'File', volumeLifecycleModes: ['Persistent'] },
  },
  storageClass(className),
  storageClass(`${className}-grows-unused`, { grows: 'unused' }),
  snapshotClass(className, undefined, { 'snapshot.storage.kubernetes.io/is-default-class': 'true' }),
  snapshotClass(`${className}-slow`, { readyAfter: '15s' }),
  snapshotClass(`${className}-never`, { readyAfter: 'never' }),
  snapshotClass(`${className}-failed`, { failWith: 'the test wants this snapshot to fail' }),
];
