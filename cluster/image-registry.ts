/**
 * A registry of test images on the loopback device, for pods whose images are pulled at each start: images that are loaded into the cluster are
 * no use to them. Read-only, and only as much of the protocol as containerd asks for.
 */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { cacheFolder, findProjectRoot } from './folders.ts';
import { type TestImage, testImages } from './images.ts';
import { hex, type Image } from './oci-image.ts';
import { startProgress } from './progress.ts';

export type ImageRegistry = {
  /** `<address>/<name of the image>`; any tag of it is the same image. */
  nameOf(image: TestImage): string;
  close(): Promise<void>;
};

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

export async function serveTestImages(names: readonly TestImage[]): Promise<ImageRegistry> {
  const progress = startProgress(() => {});
  const context = { root: findProjectRoot(), cache: cacheFolder(), progress };
  const images = new Map<string, Image>();
  try {
    for (const name of names) images.set(name, await testImages[name].prepare(context));
  } finally {
    progress.stop();
  }
  const server = createServer((request, response) =>
    answer(request.url ?? '', request.method === 'HEAD', images, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    nameOf: (image) => `127.0.0.1:${port}/${image}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(url: string, isHead: boolean, images: ReadonlyMap<string, Image>, response: ServerResponse): void {
  const [, name = '', kind, reference = ''] = /^\/v2\/([^/]+)\/(manifests|blobs)\/([^/?]+)/.exec(url) ?? [];
  const image = images.get(name);
  if (url === '/v2/') return void response.end('{}');
  if (image === undefined) return void response.writeHead(404).end();
  const digest = reference.startsWith('sha256:') ? reference : image.digest;
  const file = join(image.dir, 'blobs/sha256', hex(digest));
  if (!existsSync(file)) return void response.writeHead(404).end();
  const type = kind === 'manifests' ? MANIFEST : 'application/octet-stream';
  response.setHeader('content-type', type).setHeader('docker-content-digest', digest);
  if (kind === 'manifests') {
    const manifest = readFileSync(file);
    response.setHeader('content-length', manifest.length).end(isHead ? undefined : manifest);
  } else if (isHead) response.end();
  else createReadStream(file).pipe(response);
}
