import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killAllInCgroups, removeCgroups } from './cgroups.ts';
import { tryRun } from './commands.ts';
import { cniNetworkName } from './container-runtime.ts';
import { listDaemons, stopDaemon } from './daemons.ts';
import { listTables, removeRules } from './iptables.ts';
import { removeBridge, restoreKernelSettings } from './network.ts';
import { readState } from './state.ts';

/** Folders that programs of a node make at fixed places; removed if `up` saw them absent. */
export const fixedFolders = [
  '/run/containerd',
  '/run/netns',
  '/var/lib/cni',
  '/var/lib/cni/results',
  '/var/log/containers',
  '/var/log/pods',
  '/var/lib/kubelet',
];

/** The kubelet listens there whatever its root folder is. */
const devicePluginSocket = '/var/lib/kubelet/device-plugins/kubelet.sock';

/**
 * Ends a cluster and removes every trace of it. It asks no program of the cluster for help, so it works on one that is
 * half made or half broken as well. Throws, with what is left, when something can't be removed.
 */
export async function tearDown(dir: string): Promise<void> {
  const state = readState(dir);
  // The cgroups know every process, but only a node has them; the pid files know the daemons in any case.
  await killAllInCgroups();
  for (const name of listDaemons(dir)) await stopDaemon(dir, name);
  const shims = listShimSockets(dir);
  await unmountBelow(dir);
  await detachLoopDevices(dir);
  for (const socket of shims) rmSync(socket, { force: true });
  removeContainerLogLinks(dir);
  removeCniResults(state?.before.cniResults ?? listCniResults());
  await removeBridge();
  await removeRules(state?.before.tables ?? (await listTables()));
  await removeCgroups();
  if (state !== undefined) {
    restoreKernelSettings(state.before.kernelSettings);
    if (state.before.absentFolders.includes('/var/lib/kubelet')) rmSync(devicePluginSocket, { force: true });
    for (const folder of state.before.absentFolders) removeEmptyFolders(folder);
  }
  rmSync(dir, { recursive: true, force: true });
}

/** Shims listen in a folder of the machine's, each with its socket's name written down in its own folder of ours. */
function listShimSockets(dir: string): string[] {
  const tasks = join(dir, 'containerd-state/io.containerd.runtime.v2.task/k8s.io');
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks)
    .map((task) => join(tasks, task, 'address'))
    .filter(existsSync)
    .map((file) => readFileSync(file, 'utf8').replace('unix://', '').trim())
    .filter((socket) => socket.startsWith('/run/containerd/s/'));
}

async function unmountBelow(dir: string): Promise<void> {
  const points = () =>
    readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => unescapeMountPoint(line.split(' ')[1] ?? ''))
      .filter((point) => point.startsWith(`${dir}/`));
  // The last mounted first; lazily, for a network namespace may still be going away.
  for (const point of points().reverse()) await tryRun('umount', ['--lazy', point]);
  const left = points();
  if (left.length > 0) throw new Error(`these mounts could not be removed: ${left.join(', ')}`);
}

/** Those of the storage for tests go with their mounts, but for one that was attached and not mounted any more. */
async function detachLoopDevices(dir: string): Promise<void> {
  for (const name of readdirSync('/sys/block').filter((name) => name.startsWith('loop'))) {
    const file = join('/sys/block', name, 'loop/backing_file');
    if (existsSync(file) && readFileSync(file, 'utf8').startsWith(`${dir}/`))
      await tryRun('losetup', ['--detach', `/dev/${name}`]);
  }
}

function unescapeMountPoint(field: string): string {
  return field.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The kubelet links the logs of its containers at a fixed place, too. */
function removeContainerLogLinks(dir: string): void {
  const folder = '/var/log/containers';
  if (!existsSync(folder)) return;
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink())) {
    const link = join(folder, name);
    if (readlinkSync(link).startsWith(`${dir}/`)) rmSync(link);
  }
}

/** containerd's CNI library remembers there what it did for each pod, and forgets to forget it. */
const cniResultsFolder = '/var/lib/cni/results';

export function listCniResults(): string[] {
  return existsSync(cniResultsFolder) ? readdirSync(cniResultsFolder) : [];
}

function removeCniResults(before: readonly string[]): void {
  const networks = [`${cniNetworkName}-`, 'cni-loopback-'];
  for (const name of listCniResults()) {
    const ours = networks.some((network) => name.startsWith(network)) && !before.includes(name);
    if (ours) rmSync(join(cniResultsFolder, name));
  }
}

/** Removes a folder and those below it, as far as nothing is in them. */
function removeEmptyFolders(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmptyFolders(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch {} // someone else's files are in it
}
