/** Downloads a genesis or an address book, plain, compressed or in an archive, and puts it into its place when it is complete. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArchiveError, nameFile } from './archive/archive-error.ts';
import { extractTar } from './archive/extract.ts';
import { limitBytes } from './archive/limit-bytes.ts';
import { openFile } from './archive/open-file.ts';
import { listZip, readFromZip } from './archive/zip.ts';
import { isThere, moveIntoPlace } from './durable-file.ts';
import { explainFullVolume } from './free-space.ts';
import { type DocumentKind, findDocument } from './json-document.ts';
import { type DownloadSettings, download, type RemoteFile } from './transfer/download.ts';
import { describeUrl } from './transfer/download-url.ts';

export type DocumentRequest = {
  source: RemoteFile;
  kind: DocumentKind;
  /** Where the document goes. */
  target: string;
  /** Its name in an archive. */
  name: string;
  /** Where the rest of a tar archive goes. */
  directory: string;
  /** Of the document when it is decompressed. */
  maxBytes: number;
};

/** Files of a node that no archive from the network replaces. */
const PRIVATE = ['node_key.json', 'priv_validator_key.json'];

/** Until the document is complete and checked, all of it is in a directory beside the target, which a next run removes. */
export async function fetchDocument(request: DocumentRequest, settings: DownloadSettings): Promise<void> {
  const { source, kind, target, directory } = request;
  const url = describeUrl(source.url);
  for (const dir of [dirname(target), directory]) await mkdir(dir, { recursive: true });
  const staging = join(dirname(target), `.nodewright-${basename(target)}`);
  try {
    const { document, place } = await nameFile(url, `check ${source.field}`, async () => {
      const document = await download(source, settings, ({ chunks }) => stageDocument(chunks, staging, request));
      return { document, place: await findDocument(document, kind) };
    });
    const finished = join(staging, 'finished');
    if (place.wrapping === '') await rename(document, finished);
    else await pipeline(createReadStream(document, { start: place.start, end: place.end - 1 }), createFile(finished));
    await moveFiles(join(staging, 'files'), directory, settings.log);
    await moveIntoPlace(finished, target);
    const chain = place.chainId === '' ? '' : ` of chain ${place.chainId}`;
    settings.log(`wrote ${target}: ${kind.name}${chain}`);
  } catch (error) {
    throw await explainFullVolume(error, dirname(target), '');
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Returns the path of the document in the staging directory. */
async function stageDocument(
  chunks: AsyncIterable<Buffer>,
  staging: string,
  { source, kind, name, maxBytes }: DocumentRequest,
): Promise<string> {
  await rm(staging, { recursive: true, force: true });
  const files = join(staging, 'files');
  await mkdir(files, { recursive: true, mode: 0o700 });
  const need = `${kind.name} in JSON, or a tar or zip archive with it`;
  return openFile(chunks, source.url.pathname, need, async ({ format, content }) => {
    const limited = limitBytes(content, maxBytes);
    if (format === 'tar') {
      await extractTar(limited, { target: files, place: async (path) => path });
      return join(files, chooseDocument(await listFiles(files), name));
    }
    const downloaded = join(staging, 'downloaded');
    await pipeline(limited, createFile(downloaded));
    if (format === 'json') return downloaded;
    const document = join(staging, 'unzipped');
    const inZip = readFromZip(downloaded, chooseDocument(await listZip(downloaded), name));
    await pipeline(limitBytes(inZip, maxBytes), createFile(document));
    return document;
  });
}

function createFile(path: string): Writable {
  return createWriteStream(path, { mode: 0o644 });
}

/** The file of that name, the one nearest to the top; or the only file there is. */
function chooseDocument(paths: readonly string[], name: string): string {
  const depth = (path: string) => path.split('/').length;
  const named = paths.filter((path) => basename(path) === name).sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  const chosen = named[0] ?? (paths.length === 1 ? paths[0] : undefined);
  if (chosen !== undefined) return chosen;
  const some = paths.slice(0, 5).join(', ');
  throw new ArchiveError(
    `the archive has no ${name}, but ${paths.length === 0 ? 'nothing' : `${paths.length} files: ${some}`}`,
  );
}

/** Paths of the regular files below a directory. */
async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(dir, join(entry.parentPath, entry.name)));
}

/** What else a tar archive held is unpacked too, as with the Cosmos Operator, but no key is replaced. */
async function moveFiles(from: string, to: string, log: (line: string) => void): Promise<void> {
  for (const path of await listFiles(from)) {
    const target = join(to, path);
    if (PRIVATE.includes(basename(path)) && (await isThere(target))) {
      log(`kept ${target}: a key is not replaced by one from an archive`);
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await rename(join(from, path), target);
    log(`wrote ${target}, which was in the archive too`);
  }
}
