/** Fills the data directory of a new node from a snapshot, so that it need not replay the chain. */
import { mkdir, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ArchiveError, nameFile } from './archive/archive-error.ts';
import { extractTar } from './archive/extract.ts';
import { openFile } from './archive/open-file.ts';
import { formatBytes } from './byte-size.ts';
import { listDatabases } from './chain-databases.ts';
import type { ChainPaths } from './chain-paths.ts';
import { startChild } from './child-process.ts';
import { isThere } from './durable-file.ts';
import type { FetchOptions } from './fetch-genesis.ts';
import { checkFreeSpace, explainFullVolume } from './free-space.ts';
import {
  discardInterruptedRestore,
  MARKER_NAME,
  markRestore,
  type RestoreMarker,
  SIGN_STATE,
} from './restore-marker.ts';
import { runScript } from './run-script.ts';
import { keepLaterSignState } from './sign-state.ts';
import { type Body, type DownloadSettings, download } from './transfer/download.ts';
import { describeUrl, parseDownloadUrl } from './transfer/download-url.ts';
import { formatSeconds } from './transfer/progress.ts';

/** Where a sign state of the archive waits, below the data directory. */
const FOUND_SIGN_STATE = `.nodewright-${SIGN_STATE}`;

/** Does nothing to a node that has databases, unless they are those of a restore that was interrupted. */
export async function restoreSnapshot(
  options: FetchOptions,
  paths: ChainPaths,
  settings: DownloadSettings,
): Promise<void> {
  const { log, now } = settings;
  await discardInterruptedRestore(paths, log);
  const databases = await listDatabases(paths.dataDir);
  if (databases.length > 0) {
    return log(`no snapshot is restored: the node has data already (${databases.join(', ')} in ${paths.dataDir})`);
  }
  await mkdir(paths.dataDir, { recursive: true });
  const begin = now();
  const received = { bytes: 0, of: undefined as number | undefined };
  try {
    if (options.script === undefined) await restoreByUrl(options, paths, settings, received);
    else await restoreByScript(options.script, paths);
  } catch (error) {
    throw await explainFullVolume(error, paths.chainHome, describeReceived(received));
  }
  await warnWithoutDatabases(paths, log);
  log(`restored the snapshot in ${formatSeconds((now() - begin) / 1000)}`);
}

async function restoreByScript(script: string, paths: ChainPaths): Promise<void> {
  const marker = await markRestore(paths);
  // As with the Cosmos Operator: a command that fails ends the script.
  await runScript(script, 'spec.chain.snapshotScript', ['-eu']);
  await finish(paths, marker);
}

/** Of the archive; `of` is undefined while its size is not known. */
type Received = { bytes: number; of: number | undefined };

async function restoreByUrl(
  options: FetchOptions,
  paths: ChainPaths,
  settings: DownloadSettings,
  received: Received,
): Promise<void> {
  const { log } = settings;
  const source = {
    url: parseDownloadUrl(options.url ?? '', 'spec.chain.snapshotURL'),
    field: 'spec.chain.snapshotURL',
    sha256: options.sha256,
    sha256Field: 'spec.chain.snapshotSHA256',
  };
  const marker = await nameFile(describeUrl(source.url), `check ${source.field}`, () =>
    download(source, settings, async (body) => {
      Object.assign(received, { bytes: 0, of: body.totalBytes });
      // At a second start, of what the first one wrote.
      await discardInterruptedRestore(paths, log);
      const marker = await markRestore(paths);
      await unpack({ ...body, chunks: countBytes(body.chunks, received) }, source.url.pathname, marker, paths, log);
      return marker;
    }),
  );
  await keepLaterSignState(join(paths.dataDir, SIGN_STATE), join(paths.dataDir, FOUND_SIGN_STATE), log);
  await finish(paths, marker);
}

async function unpack(
  { chunks, totalBytes }: Body,
  path: string,
  marker: RestoreMarker,
  paths: ChainPaths,
  log: (line: string) => void,
): Promise<void> {
  const need = 'a tar archive, plain or compressed by gzip, lz4, zstd or xz';
  await openFile(chunks, path, need, async ({ format, compressed, content }) => {
    if (format !== 'tar') throw new ArchiveError(`found a ${format} file, need ${need}`);
    // What is compressed won't become less; a plain archive is a little more than its files.
    if (compressed && totalBytes !== undefined) await checkFreeSpace(paths.chainHome, totalBytes, 'the archive');
    await extractTar(content, { target: paths.chainHome, place: placeBy(paths, marker, log) });
  });
}

/** Where an archive's entry goes: what the node was given as configuration and keys is not replaced. */
function placeBy({ chainHome, dataDir, configDir }: ChainPaths, marker: RestoreMarker, log: (line: string) => void) {
  const data = relative(chainHome, dataDir);
  const config = relative(chainHome, configDir);
  return async (path: string): Promise<string | undefined> => {
    if (path === MARKER_NAME) return undefined;
    if (path === `${data}/${SIGN_STATE}`) return `${data}/${FOUND_SIGN_STATE}`;
    const [top = ''] = path.split('/');
    if (path.startsWith(`${config}/`)) {
      if (!(await isThere(join(chainHome, path)))) return path;
      log(`kept ${join(chainHome, path)}: the archive has another one`);
      return undefined;
    }
    if (top !== data && top !== config && !(await isThere(join(chainHome, top)))) await marker.noteMade(top);
    return path;
  };
}

/** What was written is on the disk before the mark goes. */
async function finish({ chainHome }: ChainPaths, marker: RestoreMarker): Promise<void> {
  const failure = await startChild('sync', ['-f', chainHome], { stdin: 'ignore', stdout: 'inherit' }).failure;
  if (failure !== undefined) throw new Error(`${chainHome} can't be written to the disk: sync ${failure}`);
  await marker.remove();
}

async function warnWithoutDatabases({ chainHome, dataDir }: ChainPaths, log: (line: string) => void): Promise<void> {
  if ((await listDatabases(dataDir)).length > 0) return;
  const names = (await readdir(chainHome)).sort().join(', ');
  log(
    `warning: the snapshot left no *.db in ${dataDir}, so the node will begin from its genesis; ${chainHome} has ${names}`,
  );
}

async function* countBytes(source: AsyncIterable<Buffer>, received: Received): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    received.bytes += chunk.length;
    yield chunk;
  }
}

function describeReceived({ bytes, of }: Received): string {
  if (bytes === 0) return '';
  const total = of === undefined ? '' : ` of ${formatBytes(of)}`;
  return `, and ${formatBytes(bytes)}${total} of the archive are unpacked`;
}
