/**
 * One look at a node: the sidecar beside it every time, and now and then REST, the network and the main account. The node's own answer is
 * what counts; nothing else can hold it back or spoil it.
 */
import { askAccount } from './account.ts';
import { askNetworkHeight, askRestNodes } from './chain-height.ts';
import { HEALTH_PORT, parseHealth } from './health.ts';
import type { CallOutside } from './outside.ts';
import { isDue, type NodeAnswer, type NodeReading } from './reading.ts';
import { parseRestHealth } from './rest.ts';

const REST_PORT = 3000;

export type Questions = {
  /** REST with a database, in the same pod. */
  hasFullRest: boolean;
  /** Base URL, without a slash at its end; undefined or empty: nobody is asked how far the network is. */
  nodewatch: string | undefined;
  /** Base URLs of REST of other nodes, as the peers files name them: asked where nodewatch is not, or does not answer. */
  others: readonly string[];
  /** The main account, where its links matter. */
  account?: {
    /** Base URL of REST; undefined: one that nodewatch knows. */
    rest: string | undefined;
    publicKey: Uint8Array;
    network: { identifier: number };
    /** Transactions that are followed; while there are any, they are looked after more often. */
    hashes: readonly string[];
  };
};

const NETWORK_EVERY_MS = 60_000;
const ACCOUNT_EVERY_MS = 10 * 60_000;
const TRANSACTION_EVERY_MS = 15_000;
/** For all that is not the node: the poller's own limit would take the node for silent. */
const OUTSIDE_MS = 2000;

/**
 * @param get of the pod, by port
 * @param last what is known so far; its time is taken for now
 * @param signal ends all calls
 */
export async function askNode(
  get: (port: number, path: string) => Promise<string>,
  call: CallOutside,
  questions: Questions,
  last: NodeReading | undefined,
  signal: AbortSignal,
): Promise<NodeAnswer> {
  const now = last?.at ?? 0;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(OUTSIDE_MS)]);
  const nodewatch = questions.nodewatch === '' ? undefined : questions.nodewatch;
  const { account, hasFullRest } = questions;
  const accountEveryMs = account === undefined || account.hashes.length === 0 ? ACCOUNT_EVERY_MS : TRANSACTION_EVERY_MS;
  const canAskNetwork = nodewatch !== undefined || questions.others.length > 0;
  const asksNetwork = canAskNetwork && isDue(last?.network, NETWORK_EVERY_MS, now);
  const asksAccount = account !== undefined && isDue(last?.account, accountEveryMs, now);
  const [node, rest, networkHeight, accountView] = await Promise.all([
    get(HEALTH_PORT, '/').then(parseHealth),
    hasFullRest ? settle(get(REST_PORT, '/node/health').then(parseRestHealth)) : undefined,
    asksNetwork ? settle(askNetworkHeight(call, nodewatch, questions.others, limit)) : undefined,
    asksAccount ? settle(askMainAccount(call, account, { nodewatch, others: questions.others }, limit)) : undefined,
  ]);
  return {
    node,
    ...(rest === undefined ? {} : { rest }),
    ...(networkHeight === undefined ? {} : { network: networkHeight }),
    ...(accountView === undefined ? {} : { account: accountView }),
  };
}

/** The first few nodes of the list are tried in turn: some of them are always gone. */
async function askMainAccount(
  call: CallOutside,
  { rest, publicKey, network, hashes }: NonNullable<Questions['account']>,
  { nodewatch, others }: Pick<Questions, 'nodewatch' | 'others'>,
  signal: AbortSignal,
) {
  if (rest !== undefined) return askAccount(call, rest, publicKey, network, hashes, signal);
  const nodes = others.length > 0 || nodewatch === undefined ? others : await askRestNodes(call, nodewatch, signal);
  let failure: unknown = new Error('no node with REST is known: set spec.accounts.rest');
  for (const node of nodes.slice(0, 3)) {
    try {
      return await askAccount(call, node, publicKey, network, hashes, signal);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function settle<T>(work: Promise<T>): Promise<T | Error> {
  return work.catch((error) => (error instanceof Error ? error : new Error(String(error))));
}
