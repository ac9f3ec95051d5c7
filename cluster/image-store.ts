import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';
import { containerdSocket, ctr } from './container-runtime.ts';
import { hex, type Image, renderIndex } from './oci-image.ts';

/** Loads an image under the given names unless they all name just this one. Returns whether anything was loaded. */
export async function ensureLoaded(dir: string, image: Image, names: readonly string[]): Promise<boolean> {
  const loaded = await listImages(dir);
  const fullNames = names.map(fullName);
  if (fullNames.every((name) => loaded.get(name) === image.digest)) return false;
  const there = new Set((await ctr(dir, 'content', 'list', '--quiet')).split('\n'));
  const index = mkdtempSync(join(dir, 'index-'));
  try {
    writeFileSync(join(index, 'index.json'), renderIndex(image, fullNames));
    // Layers that containerd has already need not travel again: the base of our image is 200 MB, our part of it two.
    const skipped = image.layers
      .filter((layer) => there.has(layer))
      .map((layer) => `--exclude=blobs/sha256/${hex(layer)}`);
    const pack = ['tar', '-c', ...skipped, '-C', index, 'index.json', '-C', image.dir, 'oci-layout', 'blobs'];
    await importTar(dir, pack);
  } finally {
    rmSync(index, { recursive: true, force: true });
  }
  return true;
}

/** Loads an image tar of any kind that containerd reads: docker save, OCI layout. Returns the names in it. */
export async function loadTar(dir: string, file: string): Promise<string[]> {
  const output = await ctr(dir, 'images', 'import', file);
  return [...output.matchAll(/^unpacking (\S+) \(/gm)].map(([, name]) => name as string);
}

/** Digest of the manifest by name. */
async function listImages(dir: string): Promise<Map<string, string>> {
  const lines = (await ctr(dir, 'images', 'list')).split('\n').slice(1);
  const images = new Map<string, string>();
  for (const line of lines) {
    const [name, , digest] = line.split(/\s+/);
    if (name !== undefined && digest !== undefined) images.set(name, digest);
  }
  return images;
}

async function importTar(dir: string, pack: string[]): Promise<void> {
  const script = 'socket=$1; shift; "$@" | ctr --address "$socket" --namespace k8s.io images import -';
  await run('/bin/sh', ['-c', script, 'sh', containerdSocket(dir), ...pack]);
}

/** The name by which a kubelet asks for an image that a pod names shortly, as Docker would. */
export function fullName(name: string): string {
  const [first] = name.split('/') as [string];
  if (!name.includes('/')) return `docker.io/library/${name}`;
  return /[.:]|^localhost$/.test(first) ? name : `docker.io/${name}`;
}
