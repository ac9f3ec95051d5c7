/** Puts a chain's genesis into its place, before the first start of a node. */
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { listDatabases } from './chain-databases.ts';
import type { ChainPaths } from './chain-paths.ts';
import { isThere, moveIntoPlace } from './durable-file.ts';
import { fetchDocument } from './fetch-document.ts';
import { explainFullVolume } from './free-space.ts';
import { findDocument, GENESIS } from './json-document.ts';
import { discardInterruptedRestore } from './restore-marker.ts';
import { runScript } from './run-script.ts';
import type { DownloadSettings } from './transfer/download.ts';
import { parseDownloadUrl } from './transfer/download-url.ts';

export type FetchOptions = {
  url?: string | undefined;
  /** Of the file as it is downloaded: 64 lower-case hex digits. */
  sha256?: string | undefined;
  script?: string | undefined;
};

/** The largest known, exports of running chains, have several hundred megabytes. */
const MAX_BYTES = 8 * 1024 ** 3;

/** By script, by URL, or the one that the chain's own `init` made. A node that has databases keeps what it has. */
export async function fetchGenesis(
  options: FetchOptions,
  paths: ChainPaths,
  settings: DownloadSettings,
): Promise<void> {
  const { log } = settings;
  // What was half restored is no data; whether a snapshot is still wanted shows later.
  await discardInterruptedRestore(paths, log);
  const databases = await listDatabases(paths.dataDir);
  if (databases.length > 0) {
    return log(`keeping the genesis: the node has data already (${databases.join(', ')} in ${paths.dataDir})`);
  }
  if (options.script !== undefined) return fetchByScript(options.script, paths, log);
  if (options.url === undefined) return takeInitialGenesis(paths, log);
  const source = {
    url: parseDownloadUrl(options.url, 'spec.chain.genesisURL'),
    field: 'spec.chain.genesisURL',
    sha256: options.sha256,
    sha256Field: 'spec.chain.genesisSHA256',
    maxBytes: MAX_BYTES,
  };
  const { genesisFile: target, configDir: directory } = paths;
  await fetchDocument(
    { source, kind: GENESIS, target, name: 'genesis.json', directory, maxBytes: MAX_BYTES },
    settings,
  );
}

async function fetchByScript(script: string, { genesisFile }: ChainPaths, log: (line: string) => void): Promise<void> {
  await mkdir(dirname(genesisFile), { recursive: true });
  await runScript(script, 'spec.chain.genesisScript');
  if (!(await isThere(genesisFile))) {
    return log(`the script made no ${genesisFile}; the node must do without, or make one itself`);
  }
  try {
    const { wrapping, chainId } = await findDocument(genesisFile, GENESIS);
    if (wrapping !== '')
      throw new Error(`the genesis is inside of its member ${wrapping}; take it out, as with jq .${wrapping}`);
    log(`${genesisFile} is a genesis of chain ${chainId}`);
  } catch (error) {
    // A script that downloads only what is not there yet would keep it for ever.
    await rename(genesisFile, `${genesisFile}.invalid`);
    const reason = error instanceof Error ? error.message : error;
    throw new Error(
      `the script in spec.chain.genesisScript left a ${genesisFile} that can't be used: ${reason}; moved to ${genesisFile}.invalid`,
    );
  }
}

/** The emptyDir and the claim are different file systems, so this is a copy that takes its place at the end. */
async function takeInitialGenesis({ home, genesisFile }: ChainPaths, log: (line: string) => void): Promise<void> {
  const made = join(home, '.tmp', 'config', 'genesis.json');
  if (!(await isThere(made))) {
    const size = await stat(genesisFile).then(
      ({ size }) => size,
      () => 0,
    );
    if (size > 0) return log(`keeping ${genesisFile}: it was put there before`);
    throw new Error(
      `${made} is missing: init of the chain's program made none; give spec.chain.genesisURL or genesisScript`,
    );
  }
  await mkdir(dirname(genesisFile), { recursive: true });
  const temporary = `${genesisFile}.nodewright-tmp`;
  try {
    await copyFile(made, temporary);
    await moveIntoPlace(temporary, genesisFile);
  } catch (error) {
    throw await explainFullVolume(error, dirname(genesisFile), '');
  }
  await rm(made);
  log(`moved ${made} to ${genesisFile}`);
}
