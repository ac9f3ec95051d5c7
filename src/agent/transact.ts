/** Sends transactions to a kvstore network at a steady rate. */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { CometRpcError, parseBroadcastTx } from '../formats/comet-rpc.ts';
import { getText } from './http.ts';

export type TransactOptions = {
  /** Base URLs; taken in turn. */
  nodes: readonly string[];
  /** Transactions a second over all nodes. */
  rate: number;
  /** At most so many requests at a time. */
  connections: number;
  /** Makes the keys of this run unlike those of any other. */
  keyPrefix: string;
  log: (line: string) => void;
  reportMs?: number;
};

type Counts = { sent: number; accepted: number; refused: number; unreachable: number; reason: string | undefined };

const rpcTimeoutMs = 5000;
/** A node that did not answer is left out for so long. */
const avoidMs = 5000;
const tickMs = 20;

/** Runs until the signal is aborted, then lets the requests under way finish. */
export async function runTransact(options: TransactOptions, signal: AbortSignal): Promise<void> {
  const { nodes, rate, connections, keyPrefix, log } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const avoidedUntil = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  const reportMs = options.reportMs ?? 10_000;
  let counts = noCounts();
  let sequence = 0;
  let turn = 0;
  let due = 0;
  let last = performance.now();
  let nextReport = last + reportMs;

  const pickNode = (now: number): string | undefined => {
    for (let tried = 0; tried < nodes.length; tried++) {
      const node = nodes[turn++ % nodes.length] as string;
      if ((avoidedUntil.get(node) ?? 0) <= now) return node;
    }
    return undefined;
  };
  const send = async (node: string): Promise<void> => {
    counts.sent++;
    sequence++;
    try {
      await sendTransaction(node, `${keyPrefix}-${sequence}=${sequence}`, agent);
      counts.accepted++;
    } catch (error) {
      const refused = error instanceof Refusal || error instanceof CometRpcError;
      counts[refused ? 'refused' : 'unreachable']++;
      counts.reason = `${node}: ${error instanceof Error ? error.message : error}`;
      if (!refused) avoidedUntil.set(node, performance.now() + avoidMs);
    }
  };

  log(`sending ${rate} transactions a second to ${nodes.join(', ')}`);
  while (!signal.aborted) {
    const now = performance.now();
    // What could not be sent in time is not made up for beyond one second, so that a pause never ends in a flood.
    due = Math.min(due + ((now - last) / 1000) * rate, Math.max(rate, 1));
    last = now;
    while (due >= 1 && underWay.size < connections) {
      const node = pickNode(now);
      if (node === undefined) break;
      due--;
      const request = send(node).finally(() => underWay.delete(request));
      underWay.add(request);
    }
    if (now >= nextReport) {
      log(describeCounts(counts, nodes.length, [...avoidedUntil.values()].filter((until) => until > now).length));
      counts = noCounts();
      nextReport = now + reportMs;
    }
    await sleep(tickMs, undefined, { signal }).catch(() => {});
  }
  await Promise.all(underWay);
  log(describeCounts(counts, nodes.length, 0));
  agent.destroy();
}

class Refusal extends Error {}

/** Throws a Refusal when the app says no, and CometRpcError when the node does (a full mempool). */
async function sendTransaction(node: string, transaction: string, agent: Agent): Promise<void> {
  const hex = Buffer.from(transaction).toString('hex');
  const result = parseBroadcastTx(
    await getText(`${node}/broadcast_tx_sync?tx=0x${hex}`, { timeoutMs: rpcTimeoutMs, agent }),
  );
  if (result.code !== 0)
    throw new Refusal(`the app answers code ${result.code}${result.log === '' ? '' : `: ${result.log}`}`);
}

function noCounts(): Counts {
  return { sent: 0, accepted: 0, refused: 0, unreachable: 0, reason: undefined };
}

function describeCounts(counts: Counts, nodes: number, avoided: number): string {
  const { sent, accepted, refused, unreachable, reason } = counts;
  const parts = [`sent ${sent}`, `accepted ${accepted}`, `refused ${refused}`, `unreachable ${unreachable}`];
  if (avoided > 0) parts.push(`${avoided} of ${nodes} nodes left out for now`);
  return parts.join(', ') + (reason === undefined ? '' : `; last failure: ${reason}`);
}
