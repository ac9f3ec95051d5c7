import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  addonManifests,
  applyManifests,
  loadBalancer,
  localPathConfig,
  localPathProvisioner,
  snapshotController,
} from './addons.ts';
import { type BuildContext, ensureBuilt } from './builds.ts';
import { makeCgroups } from './cgroups.ts';
import type { Cluster } from './cluster.ts';
import { run, waitFor } from './commands.ts';
import { controlPlaneSettings, expectNodeReady, healthChecks } from './components.ts';
import { containerd } from './container-runtime.ts';
import {
  apiServer,
  apiServerUrl,
  type ControlPlaneSettings,
  controllerManager,
  ensureCredentials,
  ensureHealthy,
  etcd,
  findFreePorts,
  kubeconfigOf,
  scheduler,
} from './control-plane.ts';
import { type Daemon, findDaemon, logFile, logTail } from './daemons.ts';
import { ensureLoaded } from './image-store.ts';
import { ownImageName, preparedImages, prepareOwnImage, type TestImage, testImages } from './images.ts';
import { ensureForwarding, hasKubernetesChains, listTables } from './iptables.ts';
import { chooseNetwork, ensureBridge, loadModules, readKernelSettings } from './network.ts';
import { coreDNS, kubelet, kubeProxy } from './node.ts';
import { clusterPackages, ensurePackages } from './packages.ts';
import { formatElapsed } from './progress.ts';
import { type ClusterState, readState, writeState, writeWhole } from './state.ts';
import { fixedFolders, listCniResults } from './teardown.ts';
import { ensureTestStorage } from './test-storage.ts';

/**
 * Brings the cluster in `dir` up, in the order in which one thing needs another. Every step does nothing where its work
 * is done already, so this starts, completes and repairs alike. What only tests need comes with forTests.
 */
export async function bringUp(context: BuildContext, dir: string, forTests: boolean): Promise<Cluster> {
  const { progress } = context;
  const begin = Date.now();
  const built = startBuilds(context);
  await ensurePackages(progress, clusterPackages);
  const state = await ensureState(dir);
  makeCgroups();
  await ensureBridge(state.network);
  await ensureForwarding(state.network.bridge);
  const wasRunning = findDaemon(dir, 'kubelet') !== undefined;
  await startDaemon(controlPlaneSettings(dir, '', state), containerd(dir, state.network));
  const images = inBackground(progress.step('loading images', () => loadImages(context, dir)));
  const wanted = forTests ? (Object.keys(testImages) as TestImage[]) : [];
  const testOnly = inBackground(
    built['local-path-provisioner'].then(() => Promise.all(wanted.map((name) => loadTestImage(context, dir, name)))),
  );

  const settings = controlPlaneSettings(dir, await built.kube, state);
  linkPrograms(dir, settings.bin);
  await startControlPlane(settings);
  await startNodeAndAddons(settings, state, built);
  await images;
  await testOnly;
  if (forTests) await ensureTestStorage(context, settings);
  await waitFor('the node becoming Ready', 60_000, async () => {
    await expectNodeReady(settings);
    return true;
  });
  expectAllRunning(settings);
  progress.say(`the cluster ${wasRunning ? 'runs' : 'is ready'} after ${formatElapsed(Date.now() - begin)}`);
  return describeCluster(settings);
}

/** What others need to know of a cluster in this folder, which need not run. */
function describeCluster(settings: ControlPlaneSettings): Cluster {
  const { dir } = settings.folder;
  return {
    dir,
    kubeconfigPath: kubeconfigOf(dir, 'admin'),
    kubectl: join(dir, 'bin/kubectl'),
    apiServerUrl: apiServerUrl(settings),
    nodeIP: settings.address,
  };
}

/** Puts the programs at a path that stays the same whatever they were built from. */
function linkPrograms(dir: string, bin: string): void {
  const link = join(dir, 'bin');
  rmSync(`${link}.new`, { force: true });
  symlinkSync(bin, `${link}.new`);
  renameSync(`${link}.new`, link);
}

/** Builds that every cluster needs. */
type Built = Record<'kube' | 'cometbft' | 'local-path-provisioner', Promise<string>>;

/** Two builds at a time, Kubernetes beside all the others in turn: one alone leaves a core idle whenever it links. */
function startBuilds(context: BuildContext): Built {
  const kube = inBackground(ensureBuilt('kube', context));
  const cometbft = inBackground(ensureBuilt('cometbft', context));
  const localPath = inBackground(cometbft.then(() => ensureBuilt('local-path-provisioner', context)));
  return { kube, cometbft, 'local-path-provisioner': localPath };
}

/** Lets a promise be awaited later without its failure counting as unhandled until then. */
function inBackground<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

async function ensureState(dir: string): Promise<ClusterState> {
  const known = readState(dir);
  if (known !== undefined) return known;
  if (await hasKubernetesChains()) {
    throw new Error(
      'iptables holds chains of another Kubernetes node (KUBE-…): two on one machine disturb each other. ' +
        'Use that one with --context, or remove it and its rules first',
    );
  }
  await loadModules();
  const [client, peer] = (await findFreePorts(2)) as [number, number];
  const state: ClusterState = {
    network: await chooseNetwork(),
    etcdPorts: { client, peer },
    before: {
      kernelSettings: readKernelSettings(),
      absentFolders: fixedFolders.filter((folder) => !existsSync(folder)),
      cniResults: listCniResults(),
      tables: await listTables(),
    },
  };
  writeState(dir, state);
  return state;
}

async function startControlPlane(settings: ControlPlaneSettings): Promise<void> {
  await ensureCredentials(settings);
  await startDaemon(settings, etcd(settings));
  await startDaemon(settings, apiServer(settings));
}

async function startNodeAndAddons(settings: ControlPlaneSettings, state: ClusterState, built: Built): Promise<void> {
  const { dir } = settings.folder;
  const { network } = state;
  const { bin } = settings;
  const early = [
    controllerManager(settings),
    scheduler(settings),
    kubelet(dir, bin, network),
    kubeProxy(dir, bin, network),
    coreDNS(dir, bin, network),
    loadBalancer(dir, bin, network),
  ];
  const startAddons = async () => {
    await ensureAddonObjects(dir, bin);
    await startDaemon(settings, snapshotController(dir, bin));
    writeWhole(join(dir, 'local-path.json'), localPathConfig(dir));
    await startDaemon(settings, localPathProvisioner(dir, await built['local-path-provisioner']));
  };
  await Promise.all([...early.map((daemon) => startDaemon(settings, daemon)), startAddons()]);
}

async function ensureAddonObjects(dir: string, bin: string): Promise<void> {
  const manifests = addonManifests(dir, join(bin, 'crds'));
  const hash = createHash('sha256').update(manifests).digest('hex');
  const applied = join(dir, 'addons-applied');
  if (existsSync(applied) && readFileSync(applied, 'utf8') === hash) return;
  await applyManifests(dir, join(bin, 'kubectl'), manifests);
  writeWhole(applied, hash);
}

async function startDaemon(settings: ControlPlaneSettings, daemon: Daemon): Promise<void> {
  const isHealthy = healthChecks(settings)[daemon.name] ?? (async () => {});
  await ensureHealthy(settings.folder, daemon, isHealthy);
}

/** Throws if a program ended after it looked well, as one may that has no health check. */
function expectAllRunning(settings: ControlPlaneSettings): void {
  const { dir } = settings.folder;
  for (const name of Object.keys(healthChecks(settings))) {
    if (findDaemon(dir, name) !== undefined) continue;
    throw new Error(`${name} has ended. The end of ${logFile(dir, name)}:\n${logTail(dir, name)}`);
  }
}

/** Loads every image of ours. */
async function loadImages(context: BuildContext, dir: string): Promise<void> {
  const own = async () => {
    if (!existsSync(join(context.root, 'dist/main.js'))) await bundle(context.root);
    const image = await prepareOwnImage(context, join(context.root, 'dist'));
    await ensureLoaded(dir, image, [ownImageName(context.root)]);
  };
  const prepared = preparedImages.map(async ({ names, prepare }) => {
    await ensureLoaded(dir, await prepare(context), names);
  });
  await Promise.all([...prepared, own()]);
}

/** Loads an image that only tests need, building it first. Returns its names. */
export async function loadTestImage(context: BuildContext, dir: string, name: TestImage): Promise<readonly string[]> {
  const { names, prepare } = testImages[name];
  await ensureLoaded(dir, await prepare(context), names);
  return names;
}

/** Makes dist/ from the sources. */
export async function bundle(root: string): Promise<void> {
  await run(process.execPath, ['build.mjs'], { cwd: root });
}
