/** Puts an address book into its place. One that is there already is the node's own, and better. */
import { mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ChainPaths } from './chain-paths.ts';
import { isThere } from './durable-file.ts';
import { fetchDocument } from './fetch-document.ts';
import type { FetchOptions } from './fetch-genesis.ts';
import { ADDRESS_BOOK, findDocument } from './json-document.ts';
import { runScript } from './run-script.ts';
import type { DownloadSettings } from './transfer/download.ts';
import { parseDownloadUrl } from './transfer/download-url.ts';

/** The largest have a few megabytes. */
const MAX_BYTES = 256 * 1024 ** 2;

export async function fetchAddressBook(
  options: Omit<FetchOptions, 'sha256'>,
  { addrbookFile, configDir }: ChainPaths,
  settings: DownloadSettings,
): Promise<void> {
  const { log } = settings;
  if (options.script === undefined && options.url === undefined) {
    return log('no address book is configured (spec.chain.addrbookURL or addrbookScript): the node makes its own');
  }
  if (await isThere(addrbookFile)) return log(`keeping ${addrbookFile}: it is there already`);
  if (options.script !== undefined) return fetchByScript(options.script, addrbookFile, log);
  const source = {
    url: parseDownloadUrl(options.url as string, 'spec.chain.addrbookURL'),
    field: 'spec.chain.addrbookURL',
    sha256Field: '',
    maxBytes: MAX_BYTES,
  };
  const name = 'addrbook.json';
  const request = { source, kind: ADDRESS_BOOK, target: addrbookFile, name, directory: configDir, maxBytes: MAX_BYTES };
  await fetchDocument(request, settings);
}

async function fetchByScript(script: string, target: string, log: (line: string) => void): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await runScript(script, 'spec.chain.addrbookScript');
  if (!(await isThere(target))) return log(`the script made no ${target}: the node makes its own`);
  try {
    await findDocument(target, ADDRESS_BOOK);
  } catch (error) {
    // It would be kept by the next run.
    await rename(target, `${target}.invalid`);
    const reason = error instanceof Error ? error.message : error;
    throw new Error(
      `the script in spec.chain.addrbookScript left a ${target} that can't be used: ${reason}; moved to ${target}.invalid`,
    );
  }
}
