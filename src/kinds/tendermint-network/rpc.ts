/** The calls to a node's RPC. Everything that can go wrong with an answer ends as an Error with a phrase that a person understands. */
import {
  type ActiveValidator,
  CometRpcError,
  parseBroadcastTx,
  parseNetInfo,
  parseSigners,
  parseStatus,
  parseValidators,
} from '../../formats/comet-rpc.ts';
import type { Answer } from './node.ts';

export const RPC_PORT = 26657;

/** GET of a path of a node's RPC. Returns the body; throws when there was no answer at all. */
export type RpcGet = (path: string, signal: AbortSignal) => Promise<string>;

/** Asks one node for what the operator needs to know. */
export async function askNode(get: RpcGet, signal: AbortSignal): Promise<Answer> {
  const [status, netInfo] = await Promise.all([get('/status', signal), get('/net_info', signal)]);
  const answer = { status: parseStatus(status), peers: parseNetInfo(netInfo).peerCount };
  if (answer.status.latestHeight === 0) return { ...answer, validators: undefined, signers: undefined };
  const [{ validators }, commit] = await Promise.all([askValidators(get, signal), get('/commit', signal)]);
  return { ...answer, validators, signers: parseSigners(commit) };
}

/** Sends a transaction to the node's mempool; one that is there already is as good as sent. Throws with the application's own words when it is refused. */
export async function broadcast(get: RpcGet, transaction: string, signal: AbortSignal): Promise<void> {
  const body = await get(`/broadcast_tx_sync?tx=${encodeURIComponent(JSON.stringify(transaction))}`, signal);
  try {
    const result = parseBroadcastTx(body);
    if (result.code !== 0)
      throw new Error(`the application refused the transaction with code ${result.code}: ${result.log}`);
  } catch (error) {
    if (!(error instanceof CometRpcError && error.data.includes('already exists in cache'))) throw error;
  }
}

/** The whole set, and the height that it votes on: one above the last block. */
export async function askValidators(
  get: RpcGet,
  signal: AbortSignal,
): Promise<{ height: number; validators: ActiveValidator[] }> {
  const found: ActiveValidator[] = [];
  for (let page = 1; ; page++) {
    const set = parseValidators(await get(`/validators?per_page=100&page=${page}`, signal));
    found.push(...set.validators);
    if (found.length >= set.total || set.validators.length === 0) return { height: set.height, validators: found };
  }
}
