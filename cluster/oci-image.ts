import { createHash } from 'node:crypto';
import { createReadStream, linkSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';

// Container images without a registry or Docker: folders in the OCI image layout, which `ctr images import`, `docker
// load` and others read from a tar. Layers are not compressed, because they never leave the machine.

/** A tar of a file system (part), and its digest. */
export type Layer = { file: string; digest: string; size: number };

/** How a container of the image starts, in the words of the OCI image specification. */
export type ImageConfig = {
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  Entrypoint?: string[];
  Cmd?: string[];
  ExposedPorts?: Record<string, object>;
};

/** An image in the layout; `digest` names its manifest. */
export type Image = { dir: string; digest: string; layers: string[] };

/** Packs a folder into a layer with the same digest whenever its content is the same. Everything belongs to root. */
export async function packLayer(folder: string, file: string): Promise<Layer> {
  const stable = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=ustar'];
  await run('tar', [...stable, '-cf', file, '-C', folder, '.']);
  return readLayer(file);
}

export async function readLayer(file: string): Promise<Layer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return { file, digest: `sha256:${hash.digest('hex')}`, size: statSync(file).size };
}

/** Writes an image into `dir`; the layers' files are linked, not copied, so they must be on the same file system. */
export function writeImage(dir: string, layers: readonly Layer[], config: ImageConfig): Image {
  const blobs = join(dir, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const addBlob = (mediaType: string, content: unknown) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const digest = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, digest), bytes);
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
  };
  const platform = { architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux' };
  const configBlob = addBlob('application/vnd.oci.image.config.v1+json', {
    created: '1970-01-01T00:00:00Z',
    ...platform,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  });
  const manifest = addBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: configBlob,
    layers: layers.map(({ digest, size }) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size })),
  });
  for (const { file, digest } of layers) linkSync(file, join(blobs, hex(digest)));
  writeFileSync(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(join(dir, 'manifest-descriptor.json'), JSON.stringify({ ...manifest, platform }));
  return { dir, digest: manifest.digest, layers: layers.map(({ digest }) => digest) };
}

/** Finds again what writeImage wrote. */
export function readImage(dir: string): Image {
  const { digest } = readDescriptor(dir);
  const manifest = JSON.parse(readFileSync(join(dir, 'blobs/sha256', hex(digest)), 'utf8'));
  return { dir, digest, layers: manifest.layers.map((layer: { digest: string }) => layer.digest) };
}

/** The index of an image tar that gives `image` its names, like "docker.io/library/busybox:stable". */
export function renderIndex(image: Image, names: readonly string[]): string {
  const descriptor = readDescriptor(image.dir);
  const manifests = names.map((name) => ({ ...descriptor, annotations: { 'io.containerd.image.name': name } }));
  return JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests });
}

export function hex(digest: string): string {
  return digest.replace('sha256:', '');
}

function readDescriptor(dir: string): { digest: string } {
  return JSON.parse(readFileSync(join(dir, 'manifest-descriptor.json'), 'utf8'));
}
