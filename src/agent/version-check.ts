/**
 * Whether a node's image is the one that its height needs (spec.chain.versions). Before the node starts, a wrong one keeps it from starting;
 * beside the node, the height is reported when the node does not answer, such as when it has stopped for an upgrade.
 */
import { reachedHeight, versionAt } from '../formats/chain-versions.ts';
import { parseSyncInfo } from '../formats/comet-rpc.ts';
import { readApplicationHeight, readUpgradeHeight } from './application-height.ts';
import { getText } from './http.ts';
import type { OwnResource, ResourceClient } from './own-resource.ts';

export type CheckedPod = {
  pod: string;
  /** That of the container `node` of this pod. */
  image: string;
  dataDir: string;
};

type Log = (line: string) => void;

const INTERVAL_MS = 10_000;
const RPC_TIMEOUT_MS = 5000;

/** Throws when the image is another one; the height is in the status of the resource by then. */
export async function checkVersion(checked: CheckedPod, client: ResourceClient, log: Log): Promise<void> {
  const resource = await client.read();
  const versions = resource.spec.chain.versions ?? [];
  if (versions.length === 0) {
    log('no versions are configured (spec.chain.versions): nothing to check');
    return;
  }
  const height = await findHeight(checked, resource, log);
  await report(checked, resource, height, client, log);
  const wanted = imageAt(resource, checked.pod, height);
  if (wanted !== undefined && wanted !== checked.image)
    throw new Error(`image mismatch for height ${height}: ${checked.image} != ${wanted}`);
  log(`at height ${height}, ${checked.image} is the right image`);
}

/** Until the signal is aborted. What fails is logged and tried again. */
export async function watchVersion(
  checked: CheckedPod,
  rpc: string,
  client: ResourceClient,
  log: Log,
  signal: AbortSignal,
  intervalMs: number = INTERVAL_MS,
): Promise<void> {
  let last = '';
  const logOnce: Log = (line) => {
    if (line !== last) log(line);
    last = line;
  };
  while (!signal.aborted) {
    try {
      // The operator sees for itself what a node says.
      if (await answers(rpc)) logOnce('the node answers: its height is known');
      else await checkVersion(checked, client, logOnce);
    } catch (error) {
      logOnce(error instanceof Error ? error.message : String(error));
    }
    await pause(intervalMs, signal);
  }
}

/** As a container of a pod that has no versions to wait for. */
export async function idle(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await pause(2 ** 30, signal);
}

async function findHeight({ pod, dataDir }: CheckedPod, { spec, status }: OwnResource, log: Log): Promise<number> {
  const [found, upgrade] = await Promise.all([readApplicationHeight(dataDir), readUpgradeHeight(dataDir)]);
  if ('committed' in found) return reachedHeight(spec.chain.versions ?? [], found.committed, upgrade);
  log(`${found.unknown}: going by upgrade-info.json and by the height that the node said last`);
  return Math.max(status?.height?.[pod] ?? 0, upgrade ?? 0);
}

async function report(
  { pod }: CheckedPod,
  { metadata, status }: OwnResource,
  height: number,
  client: ResourceClient,
  log: Log,
): Promise<void> {
  if (status?.height?.[pod] === height) return;
  await client.reportHeight(metadata.uid, pod, height);
  log(`reported height ${height}`);
}

/** What the operator would give the node: that of the instance, else that of the height, else that of the pod template. */
function imageAt({ spec }: OwnResource, pod: string, height: number): string | undefined {
  const { podTemplate, chain, instanceOverrides } = spec;
  return (
    instanceOverrides?.[pod]?.image ||
    versionAt(chain.versions ?? [], height)?.image ||
    podTemplate.containers?.find(({ name }) => name === 'node')?.image ||
    podTemplate.image
  );
}

async function answers(rpc: string): Promise<boolean> {
  try {
    return parseSyncInfo(await getText(`${rpc}/status`, { timeoutMs: RPC_TIMEOUT_MS })).latestHeight > 0;
  } catch {
    return false;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}
