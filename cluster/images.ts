import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { contents } from '../image/contents.ts';
import { writeDebianSbom } from '../image/debian-sbom.ts';
import { helperImage } from './addons.ts';
import { type BuildContext, ensureBuilt, ensureCached } from './builds.ts';
import { run } from './commands.ts';
import { pauseImage } from './container-runtime.ts';
import { type Image, type ImageConfig, type Layer, packLayer, readImage, readLayer, writeImage } from './oci-image.ts';
import { versions } from './versions.ts';

/** An image by all its names, made when asked for. */
type PreparedImage = { names: readonly string[]; prepare(context: BuildContext): Promise<Image> };

const cometbftName = `cometbft/cometbft:${versions.cometbft}`;

/** The images that are loaded into every cluster besides our own. */
export const preparedImages: PreparedImage[] = [
  { names: [pauseImage], prepare: pause },
  { names: [helperImage], prepare: busybox },
  // The second name is the "new" image that tests roll nodes to.
  { names: [cometbftName, `${cometbftName}-again`], prepare: cometbft },
  { names: ['nodewright/abci-kvstore:test'], prepare: abciKvstore },
];

/** Images that only tests need, which a cluster has when one asked for them: the demo does not wait for their builds. */
export const testImages = {
  // The second name is the "new" image here too.
  simd: { names: ['nodewright/simd:test', 'nodewright/simd:test-again'], prepare: simd },
  symbol: {
    names: ['nodewright/symbol-stand-in:test', 'nodewright/symbol-stand-in:test-again'],
    prepare: symbolStandIn,
  },
  hoprd: { names: ['nodewright/hoprd:test'], prepare: hoprd },
} satisfies Record<string, PreparedImage>;

export type TestImage = keyof typeof testImages;

async function pause(context: BuildContext): Promise<Image> {
  const bin = await ensureBuilt('kube', context);
  return smallImage('pause', [{ from: join(bin, 'pause'), to: '/pause' }], context, {
    Entrypoint: ['/pause'],
    User: '65535:65535',
  });
}

function busybox(context: BuildContext): Promise<Image> {
  return smallImage('busybox', [], context, { Cmd: ['sh'] });
}

/**
 * Stands in for the official image: the same program at the same place, the same home, user and ports. The official
 * entry point also makes a configuration when there is none; this one is the bare program.
 */
async function cometbft(context: BuildContext): Promise<Image> {
  const bin = await ensureBuilt('cometbft', context);
  return smallImage('cometbft', [{ from: join(bin, 'cometbft'), to: '/usr/bin/cometbft' }], context, {
    Env: ['CMTHOME=/cometbft'],
    User: '100:1000',
    WorkingDir: '/cometbft',
    Entrypoint: ['cometbft'],
    Cmd: ['node'],
    ExposedPorts: { '26656/tcp': {}, '26657/tcp': {}, '26660/tcp': {} },
  });
}

/** An application that a node talks to over a socket: CometBFT's own example. */
async function abciKvstore(context: BuildContext): Promise<Image> {
  const bin = await ensureBuilt('cometbft', context);
  return smallImage('abci-kvstore', [{ from: join(bin, 'abci-cli'), to: '/usr/bin/abci-cli' }], context, {
    User: '65532:65532',
    Entrypoint: ['abci-cli'],
    Cmd: ['kvstore'],
  });
}

/** A chain of the Cosmos SDK: its program and a shell, which is all that the images of real chains have in common. */
async function simd(context: BuildContext): Promise<Image> {
  const bin = await ensureBuilt('simd', context);
  return smallImage('simd', [{ from: join(bin, 'simd'), to: '/usr/bin/simd' }], context, {
    User: '65532:65532',
    Entrypoint: ['simd'],
    ExposedPorts: { '1317/tcp': {}, '9090/tcp': {}, '26656/tcp': {}, '26657/tcp': {} },
  });
}

/** A script that stands in for hoprd, whose image can't be had offline; every container of its pods is made of it. */
function hoprd(context: BuildContext): Promise<Image> {
  const script = { from: join(context.root, 'cluster/hoprd/hoprd.sh'), to: '/bin/hoprd' };
  return smallImage('hoprd', [script], context, { Entrypoint: ['hoprd'] });
}

/** Instead of catapult, REST and MongoDB, which all are one program here that goes by the name of its file; `true` is what a shell is not. */
async function symbolStandIn(context: BuildContext): Promise<Image> {
  const bin = await ensureBuilt('symbol-stand-in', context);
  const catapult = ['server', 'broker', 'recovery'].map((name) => `/usr/catapult/bin/catapult.${name}`);
  const programs = [...catapult, '/usr/bin/npm', '/usr/bin/mongod', '/usr/bin/mongosh', '/usr/bin/symbol-world'];
  const files = programs.map((to) => ({ from: join(bin, 'symbol-stand-in'), to }));
  return smallImage('symbol-stand-in', [...files, { from: join(bin, 'true'), to: '/bin/true' }], context, {});
}

type File = { from: string; to: string };

/** An image of a few static programs and, but for pause, Debian's static busybox as its shell. */
async function smallImage(name: string, files: File[], context: BuildContext, config: ImageConfig): Promise<Image> {
  const shell = name === 'pause' ? undefined : '/bin/busybox';
  const sources = [...files.map(({ from }) => from), ...(shell === undefined ? [] : [shell])];
  const inputs = JSON.stringify([smallImageVersion, files.map(({ to }) => to), config, ...sources.map(hashFile)]);
  const dir = await ensureCached(`image-${name}`, inputs, context, async (out) => {
    const root = join(out, 'root');
    for (const { from, to } of files) placeFile(root, from, to, 0o755);
    if (shell !== undefined) await addShell(root, shell);
    const layer = await packLayer(root, join(out, 'layer.tar'));
    writeImage(out, [layer], withPath(config));
    rmSync(root, { recursive: true });
    rmSync(layer.file);
  });
  return readImage(dir);
}

/** Changes when what smallImage puts into an image besides its files does. */
const smallImageVersion = 1;

async function addShell(root: string, busyboxProgram: string): Promise<void> {
  placeFile(root, busyboxProgram, '/bin/busybox', 0o755);
  for (const applet of (await run(busyboxProgram, ['--list'])).trim().split('\n')) {
    const path = join(root, 'bin', applet);
    if (!existsSync(path)) symlinkSync('busybox', path);
  }
  mkdirSync(join(root, 'etc'));
  const users = [
    'root:x:0:0:root:/:/bin/sh',
    'tmuser:x:100:1000::/cometbft:/bin/sh',
    'nonroot:x:65532:65532::/:/bin/sh',
  ];
  writeFileSync(join(root, 'etc/passwd'), `${users.join('\n')}\n`);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\ntmuser:x:1000:\nnonroot:x:65532:\n');
  for (const writable of ['tmp', 'cometbft']) {
    mkdirSync(join(root, writable));
    chmodSync(join(root, writable), 0o1777);
  }
}

/** nodewright/nodewright:<version in package.json>. */
export function ownImageName(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return `${contents.name}:${version}`;
}

/**
 * Our image as the checkout has it in `dist`, a folder with main.js and agent.js. The base is made once; making it
 * again after a change of code takes well under a second.
 */
export async function prepareOwnImage(context: BuildContext, dist: string): Promise<Image> {
  const base = await baseLayer(context);
  const files = contents.files.map(({ from, ...rest }) => ({ ...rest, from: locateFile(from, context.root, dist) }));
  const config: ImageConfig = {
    User: `${contents.user.id}:${contents.user.id}`,
    WorkingDir: '/',
    Entrypoint: [...contents.entrypoint],
  };
  const inputs = JSON.stringify([base.digest, contents, config, ...files.map(({ from }) => hashFile(from))]);
  const dir = await ensureCached('image-nodewright', inputs, context, async (out) => {
    const root = join(out, 'root');
    for (const { from, to, mode } of files) placeFile(root, from, to, Number.parseInt(mode, 8));
    for (const { from, to } of contents.links) {
      mkdirSync(join(root, dirname(from)), { recursive: true });
      symlinkSync(to, join(root, from));
    }
    const layer = await packLayer(root, join(out, 'layer.tar'));
    writeImage(out, [base, layer], withPath(config));
    rmSync(root, { recursive: true });
    rmSync(layer.file);
  });
  forgetOldImages(dir);
  return readImage(dir);
}

/** Every change of code makes an image; those of an hour ago are of no use any more. */
function forgetOldImages(current: string): void {
  const builds = dirname(current);
  for (const name of readdirSync(builds).filter((name) => name.startsWith('image-nodewright-'))) {
    const dir = join(builds, name);
    if (dir === current || Date.now() - statSync(dir).mtimeMs < 3_600_000) continue;
    rmSync(dir, { recursive: true, force: true });
  }
}

function locateFile(from: string, root: string, dist: string): string {
  const file = from.startsWith('dist/') ? join(dist, from.slice('dist/'.length)) : join(root, from);
  if (!existsSync(file)) throw new Error(`${file} is missing, and our image needs it: run "npm run build"`);
  return file;
}

/** The Debian system that our image stands on, as one layer. */
async function baseLayer(context: BuildContext): Promise<Layer> {
  const { packages, node, excludedPaths, includedPaths, user } = contents;
  const included = [...packages, node.debianPackage];
  const inputs = JSON.stringify([versions.debian, included, excludedPaths, includedPaths, user, writeDebianSbom]);
  const dir = await ensureCached('image-base', inputs, context, async (out) => {
    const file = join(out, 'layer.tar');
    const passwd = `${user.name}:x:${user.id}:${user.id}::/:/usr/sbin/nologin`;
    await run('mmdebstrap', [
      '--quiet',
      '--variant=minbase',
      `--include=${included.join(',')}`,
      ...excludedPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
      ...includedPaths.map((path) => `--dpkgopt=path-include=${path}`),
      `--customize-hook=echo '${passwd}' >> "$1/etc/passwd"; echo '${user.name}:x:${user.id}:' >> "$1/etc/group"`,
      `--customize-hook=chroot "$1" /bin/sh -eu <<'END'\n${writeDebianSbom}\nEND\n`,
      versions.debian,
      file,
    ]);
    writeFileSync(join(out, 'layer.json'), JSON.stringify(await readLayer(file)));
  });
  return { ...JSON.parse(readFileSync(join(dir, 'layer.json'), 'utf8')), file: join(dir, 'layer.tar') };
}

function withPath(config: ImageConfig): ImageConfig {
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return { ...config, Env: [path, ...(config.Env ?? [])] };
}

function placeFile(root: string, from: string, to: string, mode: number): void {
  mkdirSync(join(root, dirname(to)), { recursive: true });
  copyFileSync(from, join(root, to));
  chmodSync(join(root, to), mode);
}

function hashFile(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
