/** What a node is asked. Everything that can go wrong with an answer ends as an Error with a phrase that a person understands. */
import type { NodeAnswer } from '../../comet-node/reading.ts';
import { parseNetInfo, parseStatus, parseSyncInfo } from '../../formats/comet-rpc.ts';
import type { Reading } from './node.ts';

/**
 * @param get a path of the node's RPC; throws when there was no answer
 * @param knownPeers their number where it is known well enough: the answer with it is some ten times as long as the other
 */
export async function askNode(
  get: (path: string) => Promise<string>,
  knownPeers?: number,
): Promise<NodeAnswer & { signsFor: string | undefined }> {
  const [status, peers] = await Promise.all([get('/status'), knownPeers ?? askPeers(get)]);
  return { status: parseSyncInfo(status), peers, signsFor: findSigner(status) };
}

/** In place of the address of a validator: the node has no voting power. */
export const NOBODY = 'none';

/** Address of the validator that a node signs for, or NOBODY; undefined where it says nothing of it. */
function findSigner(status: string): string | undefined {
  // Most nodes have none, and are asked all the time.
  if (/"voting_power":\s*"0"/.test(status)) return NOBODY;
  try {
    const { votingPower, address } = parseStatus(status);
    return votingPower > 0n ? address : NOBODY;
  } catch {
    return undefined;
  }
}

/**
 * Whether it is time to ask for the peers again, at the time of the last reading. They decide nothing; the status shows them. A node that
 * has none yet, or catches up, is asked every time: there they tell what is going on.
 */
export function arePeersDue(last: Reading | undefined): boolean {
  if (last?.answer === undefined || last.peersAt === undefined) return true;
  const { peers, status } = last.answer;
  return peers === 0 || status.catchingUp || last.at - last.peersAt >= PEERS_EVERY_MS;
}

const PEERS_EVERY_MS = 27_000;

/** Some chains' nodes serve no /net_info; that makes them no worse. */
async function askPeers(get: (path: string) => Promise<string>): Promise<number> {
  try {
    return parseNetInfo(await get('/net_info')).peerCount;
  } catch {
    return 0;
  }
}
