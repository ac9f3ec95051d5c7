/** What a throw-away node is asked. */
import type { NodeAnswer } from '../../comet-node/reading.ts';
import { parseNetInfo, parseSyncInfo } from '../../formats/comet-rpc.ts';
import type { Pod } from '../../kube/objects.ts';
import type { PodGet } from '../kind.ts';
import { NODE } from './desired/trial-node.ts';

const DEFAULT_PORT = 26657;

/** Throws when there was no answer. */
export async function askTrialNode(pod: Pod, podGet: PodGet, signal: AbortSignal): Promise<NodeAnswer> {
  const node = pod.spec?.containers.find(({ name }) => name === NODE);
  const port = node?.ports?.find(({ name }) => name === 'rpc')?.containerPort ?? DEFAULT_PORT;
  const get = (path: string) => podGet(pod, port, path, signal);
  const [status, peers] = await Promise.all([get('/status'), countPeers(get)]);
  return { status: parseSyncInfo(status), peers };
}

/** Some chains' nodes serve no /net_info. */
async function countPeers(get: (path: string) => Promise<string>): Promise<number> {
  try {
    return parseNetInfo(await get('/net_info')).peerCount;
  } catch {
    return 0;
  }
}
