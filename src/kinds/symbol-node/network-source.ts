/**
 * What is fetched from outside the cluster: packages of networks, and what nodewatch knows. Nothing is fetched before a node needs it, no
 * pass waits longer than a moment, and what could not be had is tried again after a while.
 */
import { createHash } from 'node:crypto';
import { type NetworkPackage, unpackNetworkPackage } from '../../formats/symbol-network-package.ts';
import type { CallOutside } from './rpc/outside.ts';
import { parseNodewatchHeight } from './rpc/rest.ts';

/** Something that is fetched: a value, or why there is none, or neither while it is under way. */
export type Fetched<T> = { value?: T; error?: string };

/** The bytes behind a URL. Throws with a phrase fit for a status. */
export type Download = (url: string) => Promise<Uint8Array>;

/** Whether a name has an address. Throws where nobody could be asked. */
export type FindHost = (host: string) => Promise<boolean>;

export type NetworkHeight = { height: number; finalizedHeight: number };

export type NetworkSource = {
  /** The zip file of a network: `mainnet`, `sai`, or the URL of one. `edition` tells a repeated wish from the first. */
  fetchPackage(network: string, edition: string): Promise<Fetched<Uint8Array>>;
  /** A package that is in hand; unpacked once. Throws a FormatError that names `where`. */
  unpack(zip: Uint8Array, where: string, sha256?: string): Promise<NetworkPackage>;
  fetchHeight(nodewatch: string): Promise<Fetched<NetworkHeight>>;
  /** Whether a name has an address. */
  findHost(host: string): Promise<Fetched<boolean>>;
  /** Nodewatch's list of nodes with a role, as it came. */
  fetchNodes(nodewatch: string, role: 'peer' | 'api'): Promise<Fetched<unknown>>;
};

const RELEASES = 'https://api.github.com/repos/symbol/symbol/releases';
const SAI = 'https://github.com/symbol/networks/archive/refs/heads/sai.zip';

const MINUTE = 60_000;
const KEEP_PACKAGE_MS = 60 * MINUTE;
const KEEP_HEIGHT_MS = MINUTE;
const KEEP_NODES_MS = 10 * MINUTE;
const RETRY_MS = 30_000;
const TIMEOUT_MS = 15_000;
/** A small package is there within it, so that a first pass has all it needs. */
const PATIENCE_MS = 3000;
const MAX_UNPACKED = 8;

type Entry = { running: Promise<void>; fetched: Fetched<unknown>; at: number | undefined };

export function createNetworkSource(outside: {
  call: CallOutside;
  download: Download;
  findHost: FindHost;
  now: () => number;
}): NetworkSource {
  const entries = new Map<string, Entry>();
  /** By SHA-256 of the zip file. */
  const unpacked = new Map<string, NetworkPackage>();

  async function fetchOnce<T>(key: string, keepMs: number, work: () => Promise<T>): Promise<Fetched<T>> {
    const known = entries.get(key);
    const age = known?.at === undefined ? 0 : outside.now() - known.at;
    const limit = known?.fetched.error === undefined ? keepMs : RETRY_MS;
    const entry = known !== undefined && age < limit ? known : start(key, work, known);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS);
    });
    if (entry.at === undefined) await Promise.race([entry.running, patience]);
    clearTimeout(timer);
    return entry.fetched as Fetched<T>;
  }

  /** While it runs, what was known before stays known. */
  function start<T>(key: string, work: () => Promise<T>, before: Entry | undefined): Entry {
    const entry: Entry = { running: Promise.resolve(), fetched: before?.fetched ?? {}, at: undefined };
    entries.set(key, entry);
    entry.running = work()
      .then(
        (value) => ({ value }),
        (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
      )
      .then((fetched) => {
        entry.fetched = fetched;
        entry.at = outside.now();
      });
    return entry;
  }

  async function get(url: string): Promise<string> {
    const { status, body } = await outside.call(url, { timeoutMs: TIMEOUT_MS });
    if (status === 200) return body;
    throw new Error(`${url}: answered with status ${status}`);
  }

  return {
    fetchPackage: (network, edition) =>
      fetchOnce(`package ${network} ${edition}`, KEEP_PACKAGE_MS, async () => {
        const url = network === 'sai' ? SAI : network === 'mainnet' ? findMainnetAsset(await get(RELEASES)) : network;
        return outside.download(url);
      }),
    async unpack(zip, where, sha256) {
      const found = sha256Of(zip);
      const known = sha256 === undefined || sha256.toLowerCase() === found ? unpacked.get(found) : undefined;
      if (known !== undefined) return known;
      const made = await unpackNetworkPackage(zip, where, sha256);
      const oldest = unpacked.size >= MAX_UNPACKED ? unpacked.keys().next().value : undefined;
      if (oldest !== undefined) unpacked.delete(oldest);
      unpacked.set(found, made);
      return made;
    },
    fetchHeight: (nodewatch) =>
      fetchOnce(`height ${nodewatch}`, KEEP_HEIGHT_MS, async () =>
        parseNodewatchHeight(await get(`${nodewatch}/api/symbol/height`)),
      ),
    findHost: (host) => fetchOnce(`host ${host}`, KEEP_NODES_MS, () => outside.findHost(host)),
    fetchNodes: (nodewatch, role) =>
      fetchOnce(`nodes ${nodewatch} ${role}`, KEEP_NODES_MS, async () =>
        JSON.parse(await get(`${nodewatch}/api/symbol/nodes/${role}`)),
      ),
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The configuration that belongs to the newest release of the node. */
function findMainnetAsset(releases: string): string {
  type Release = { tag_name?: string; assets?: { name?: string; browser_download_url?: string }[] };
  const list = JSON.parse(releases) as Release[];
  const release = Array.isArray(list)
    ? list.find(({ tag_name = '' }) => tag_name.startsWith('client/catapult'))
    : undefined;
  const asset = release?.assets?.find(({ name = '' }) => name.startsWith('configuration-mainnet'));
  if (asset?.browser_download_url !== undefined) return asset.browser_download_url;
  throw new Error(`${RELEASES}: names no release client/catapult… with a file configuration-mainnet…`);
}
