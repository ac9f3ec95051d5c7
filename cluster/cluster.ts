import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bringUp, bundle, loadTestImage as loadTestImageInto } from './bring-up.ts';
import type { BuildContext } from './builds.ts';
import { containerdSocket } from './container-runtime.ts';
import { kubeconfigOf } from './control-plane.ts';
import { cacheFolder, clusterFolder, findProjectRoot } from './folders.ts';
import { ensureLoaded, loadTar } from './image-store.ts';
import { ownImageName, prepareOwnImage, type TestImage } from './images.ts';
import { withLock } from './process-lock.ts';
import { type Progress, startProgress } from './progress.ts';
import { tearDown } from './teardown.ts';

export { type ControlPlane, startControlPlane } from './bare-control-plane.ts';
export { startKwok } from './kwok.ts';
export { clusterStatus } from './status.ts';

export type ClusterOptions = {
  /** The checkout; found from the running script or the working directory when not given. */
  root?: string;
  /** Folder of this cluster; clusterFolder() when not given. */
  dir?: string;
  /** Where progress goes, a line at a time; standard error when not given. */
  print?: (line: string) => void;
};

export type UpOptions = ClusterOptions & {
  /** Whether to build and load what only tests need, too: images, and storage with snapshots; false when not given. */
  forTests?: boolean;
};

/** A running cluster. */
export type Cluster = {
  dir: string;
  /** A kubeconfig for administrators, readable by its owner only. */
  kubeconfigPath: string;
  /** A kubectl of the cluster's version. */
  kubectl: string;
  apiServerUrl: string;
  /** Address of the node and of the cluster's DNS server, on the bridge. */
  nodeIP: string;
};

/**
 * Makes sure that the cluster runs, with all images loaded, and returns it. Builds and installs what is missing first,
 * which takes minutes on a new machine. Starts only what doesn't run, so it also completes an earlier call that was
 * killed. Throws with what is missing or the end of the log of what doesn't start.
 */
export async function clusterUp(options: UpOptions = {}): Promise<Cluster> {
  expectSuitableMachine();
  const { context, dir, progress } = open(options);
  try {
    return await withLock(`${dir}.lock`, tellWaiting(progress), () => bringUp(context, dir, options.forTests === true));
  } finally {
    progress.stop();
  }
}

/** Ends the cluster and removes it, leaving the build cache and installed packages. Nothing happens if there is none. */
export async function clusterDown(options: ClusterOptions = {}): Promise<void> {
  const { dir, progress } = open(options);
  if (!existsSync(dir) && !existsSync(`${dir}.lock`)) return;
  try {
    await withLock(`${dir}.lock`, tellWaiting(progress), () =>
      progress.step('removing the cluster', () => tearDown(dir)),
    );
  } finally {
    progress.stop();
  }
}

export type LoadOptions = ClusterOptions & {
  /** Name of our image in the cluster; nodewright/nodewright:<version in package.json> when not given. */
  name?: string;
  /** Folder with main.js and agent.js; the checkout's dist/, bundled anew, when not given. */
  dist?: string;
};

/** Loads our own image, as the code is now, into the running cluster. Returns the name by which pods get it. */
export async function loadOwnImage(options: LoadOptions = {}): Promise<string> {
  const { context, dir, progress } = open(options);
  try {
    expectContainerd(dir);
    if (options.dist === undefined) await bundle(context.root);
    const name = options.name ?? ownImageName(context.root);
    const image = await prepareOwnImage(context, options.dist ?? join(context.root, 'dist'));
    await ensureLoaded(dir, image, [name]);
    return name;
  } finally {
    progress.stop();
  }
}

/** Loads an image that only tests need into the running cluster, building it first. Returns its names. */
export async function loadTestImage(name: TestImage, options: ClusterOptions = {}): Promise<readonly string[]> {
  const { context, dir, progress } = open(options);
  try {
    expectContainerd(dir);
    return await loadTestImageInto(context, dir, name);
  } finally {
    progress.stop();
  }
}

/** Loads an image tar (docker save, OCI layout) into the running cluster and returns the names it brought. */
export async function loadImageTar(file: string, options: ClusterOptions = {}): Promise<string[]> {
  const dir = options.dir ?? clusterFolder();
  expectContainerd(dir);
  return loadTar(dir, file);
}

function open(options: ClusterOptions): { context: BuildContext; dir: string; progress: Progress } {
  const progress = startProgress(options.print ?? ((line) => process.stderr.write(`${line}\n`)));
  const root = options.root ?? findProjectRoot();
  return { context: { root, cache: cacheFolder(), progress }, dir: options.dir ?? clusterFolder(), progress };
}

function tellWaiting(progress: Progress): (owner: number) => void {
  return (owner) => progress.say(`waiting for process ${owner}, which is at this cluster already`);
}

function expectSuitableMachine(): void {
  const without =
    'Without one there is no cluster here: use one of yours with --context. The tests of the API alone still run, ' +
    'they need etcd and an API server only.';
  if (process.platform !== 'linux') {
    throw new Error(`A node needs Linux, and this is ${process.platform}. ${without}`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`A node needs root, for containers, control groups and network rules. ${without}`);
  }
}

/** The kubeconfig of the cluster in `dir`, whether it runs or not; undefined when there is none. */
export function findKubeconfig(dir: string = clusterFolder()): string | undefined {
  const file = kubeconfigOf(dir, 'admin');
  return existsSync(file) ? file : undefined;
}

function expectContainerd(dir: string): void {
  if (!existsSync(containerdSocket(dir))) throw new Error('no cluster runs here: npm run cluster -- up');
}
