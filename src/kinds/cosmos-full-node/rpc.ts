/** What a node is asked. Everything that can go wrong with an answer ends as an Error with a phrase that a person understands. */
import type { NodeAnswer } from '../../comet-node/reading.ts';
import { parseNetInfo, parseSyncInfo } from '../../formats/comet-rpc.ts';

/** @param get a path of the node's RPC; throws when there was no answer */
export async function askNode(get: (path: string) => Promise<string>): Promise<NodeAnswer> {
  const [status, netInfo] = await Promise.all([get('/status'), get('/net_info').catch(() => undefined)]);
  return { status: parseSyncInfo(status), peers: countPeers(netInfo) };
}

/** Some chains' nodes serve no /net_info; that makes them no worse. */
function countPeers(netInfo: string | undefined): number {
  try {
    return netInfo === undefined ? 0 : parseNetInfo(netInfo).peerCount;
  } catch {
    return 0;
  }
}
