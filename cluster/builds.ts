import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { run, tryRun } from './commands.ts';
import { withLock } from './process-lock.ts';
import type { Progress } from './progress.ts';
import { versions } from './versions.ts';

/** Where builds come from and go to, and who is told. */
export type BuildContext = { root: string; cache: string; progress: Progress };

type Build = {
  /** Everything that decides the result, beside the Go version and the architecture. */
  inputs(root: string): string;
  /** Puts the result into `out`, an empty folder that becomes the cached one. */
  make(out: string, root: string): Promise<void>;
};

/** Programs of the multicall binary that get a link of their own name. */
const kubePrograms = [
  'coredns',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'snapshot-controller',
];

/** Between a storage driver and the API server; the versions are in csi/go.mod. */
const csiSidecars = [
  'github.com/kubernetes-csi/external-provisioner/v5/cmd/csi-provisioner',
  'github.com/kubernetes-csi/external-resizer/cmd/csi-resizer',
  'github.com/kubernetes-csi/external-snapshotter/v8/cmd/csi-snapshotter',
];

const kwokModule = 'sigs.k8s.io/kwok';

/** What kwok's nodes and pods do, as files of its module: become ready at once, and go when they are deleted. */
const kwokStages = ['node/fast/node-initialize', 'pod/fast/pod-ready', 'pod/fast/pod-complete', 'pod/fast/pod-delete'];

/** What can be built, each on its own and only when something asks for it with ensureBuilt. */
const builds = {
  kube: {
    inputs: (root) => hashGoSources(join(root, 'cluster/kube')),
    async make(out, root) {
      const dir = join(root, 'cluster/kube');
      const goMod = readFileSync(join(dir, 'go.mod'), 'utf8');
      const version = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(goMod);
      if (version === null) throw new Error(`${dir}/go.mod names no version of k8s.io/kubernetes`);
      const stamp = 'k8s.io/component-base/version';
      const stamps = `-X ${stamp}.gitVersion=${version[1]} -X ${stamp}.gitMajor=${version[2]} -X ${stamp}.gitMinor=${version[3]}`;
      await go(['build', '-ldflags', `-s -w ${stamps}`, '-o', join(out, 'kube'), '.'], dir);
      await go(['build', '-ldflags', '-s -w', '-o', join(out, 'pause'), './pause'], dir);
      for (const program of kubePrograms) symlinkSync('kube', join(out, program));
      await copySnapshotCRDs(dir, join(out, 'crds'));
    },
  },
  'local-path-provisioner': goInstall('github.com/rancher/local-path-provisioner', versions.localPathProvisioner, [
    '.',
  ]),
  cometbft: goInstall('github.com/cometbft/cometbft', versions.cometbft, ['./cmd/cometbft', './abci/cmd/abci-cli']),
  simd: {
    inputs: (root) => hashGoSources(join(root, 'cluster/simd')),
    async make(out, root) {
      await go(['build', '-ldflags', '-s -w', '-o', join(out, 'simd'), '.'], join(root, 'cluster/simd'));
    },
  },
  csi: {
    inputs: (root) => `${hashGoSources(join(root, 'cluster/csi'))} ${csiSidecars.join(' ')}`,
    async make(out, root) {
      await go(['build', '-ldflags', '-s -w', '-o', `${out}/`, '.', ...csiSidecars], join(root, 'cluster/csi'));
    },
  },
  helm: {
    inputs: (root) => hashGoSources(join(root, 'cluster/helm')),
    async make(out, root) {
      const dir = join(root, 'cluster/helm');
      const client = (await go(['list', '-m', '-f', '{{.Version}}', 'k8s.io/client-go'], dir)).trim();
      // The Kubernetes that charts are rendered for where no cluster is asked; without it, 1.20.
      const stamps = ['chartutil', 'lint/rules'].flatMap((path) => [
        `-X helm.sh/helm/v3/pkg/${path}.k8sVersionMajor=1`,
        `-X helm.sh/helm/v3/pkg/${path}.k8sVersionMinor=${client.split('.')[1]}`,
      ]);
      const flags = ['-s', '-w', ...stamps].join(' ');
      await go(['build', '-ldflags', flags, '-o', join(out, 'helm'), 'helm.sh/helm/v3/cmd/helm'], dir);
    },
  },
  promtool: {
    inputs: (root) => hashGoSources(join(root, 'cluster/promtool')),
    async make(out, root) {
      // Without what finds targets at cloud providers, which is half of it.
      const flags = ['-tags', 'remove_all_sd', '-ldflags', '-s -w', '-o', join(out, 'promtool')];
      await go(['build', ...flags, 'github.com/prometheus/prometheus/cmd/promtool'], join(root, 'cluster/promtool'));
    },
  },
  'symbol-stand-in': {
    inputs: (root) => hashGoSources(join(root, 'test/symbol-stand-in')),
    async make(out, root) {
      const programs = ['-o', `${out}/`, '.', './true'];
      await go(['build', '-ldflags', '-s -w', ...programs], join(root, 'test/symbol-stand-in'));
    },
  },
  kwok: {
    inputs: () => `${kwokModule}@${versions.kwok} ${kwokStages.join(' ')}`,
    async make(out) {
      await installGoPrograms(out, kwokModule, versions.kwok, ['./cmd/kwok']);
      await copyKwokStages(out);
    },
  },
} satisfies Record<string, Build>;

export type BuildName = keyof typeof builds;

/**
 * The folder with a build's results, made first where it isn't in the cache. Builds of the same thing in other
 * processes are waited for. Throws with the compiler's output where a build fails.
 */
export async function ensureBuilt(name: BuildName, context: BuildContext): Promise<string> {
  const build: Build = builds[name];
  return ensureCached(name, `${build.inputs(context.root)} ${await goVersion()}`, context, (out) =>
    build.make(out, context.root),
  );
}

/** Like ensureBuilt for anything that is a function of `inputs`: `make` fills a folder that appears when complete. */
export async function ensureCached(
  name: string,
  inputs: string,
  context: BuildContext,
  make: (out: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(inputs).digest('hex').slice(0, 16);
  const dir = join(context.cache, 'builds', `${name}-${hash}`);
  if (existsSync(dir)) return dir;
  mkdirSync(join(context.cache, 'builds'), { recursive: true });
  const tellWaiting = (owner: number) =>
    context.progress.say(`waiting for process ${owner}, which is building ${name}`);
  await withLock(`${dir}.lock`, tellWaiting, async () => {
    if (existsSync(dir)) return;
    await context.progress.step(`building ${name}`, async () => {
      const unfinished = `${dir}.unfinished`;
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished);
      await make(unfinished);
      renameSync(unfinished, dir);
    });
  });
  return dir;
}

/** The VolumeSnapshot CRDs come with the client module of the snapshot controller. */
async function copySnapshotCRDs(goModule: string, out: string): Promise<void> {
  const client = 'github.com/kubernetes-csi/external-snapshotter/client/v8';
  const crds = join((await go(['list', '-m', '-f', '{{.Dir}}', client], goModule)).trim(), 'config/crd');
  mkdirSync(out);
  for (const file of readdirSync(crds)) {
    if (file.startsWith('snapshot.storage.k8s.io_')) await copyFile(join(crds, file), join(out, file));
  }
}

/** kwok does nothing without stages, and none come with the program. */
async function copyKwokStages(out: string): Promise<void> {
  const { Dir } = JSON.parse(await go(['mod', 'download', '-json', `${kwokModule}@${versions.kwok}`], out));
  mkdirSync(join(out, 'stages'));
  for (const stage of kwokStages) {
    await copyFile(join(Dir, 'kustomize/stage', `${stage}.yaml`), join(out, 'stages', `${basename(stage)}.yaml`));
  }
}

function goInstall(module: string, version: string, packages: string[]): Build {
  return {
    inputs: () => `${module}@${version} ${packages.join(' ')}`,
    make: (out) => installGoPrograms(out, module, version, packages),
  };
}

async function installGoPrograms(out: string, module: string, version: string, packages: string[]): Promise<void> {
  const paths = packages.map((path) => `${join(module, path)}@${version}`);
  await go(['install', '-ldflags', '-s -w', ...paths], out, { GOBIN: out });
}

/**
 * Runs go. Without cgo, so that no C compiler is needed and the programs run in any image; at low priority, because a
 * build takes every core for minutes.
 */
function go(args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const goFlags = '-trimpath -buildvcs=false -mod=readonly';
  return run('nice', ['-n', '5', 'go', ...args], {
    cwd,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: goFlags, GOWORK: 'off', ...env },
  });
}

let knownGoVersion: Promise<string> | undefined;

function goVersion(): Promise<string> {
  knownGoVersion ??= tryRun('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH']).then((result) => {
    if (result.status === 0) return result.stdout.trim().replaceAll('\n', ' ');
    throw new Error(
      `the cluster is compiled from Go modules and there is no working "go" on the PATH (${result.stderr.trim()}): ` +
        'install Go 1.26 or later, or name a cluster of yours with --context',
    );
  });
  return knownGoVersion;
}

function hashGoSources(dir: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.go$|^go\.(mod|sum)$/.test(file)) continue;
    hash.update(`${file}\0`).update(readFileSync(join(dir, file)));
  }
  return hash.digest('hex');
}
