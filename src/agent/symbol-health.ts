/**
 * The sidecar of a Symbol node: it asks the node as its peers do, and tells the readiness probe and the operator over plain HTTP what it
 * said. The operator cannot ask itself: the node takes its own certificate from the same host only.
 */
import { type Answer, serve } from './http.ts';
import type { ListenAddress } from './option-values.ts';
import { askPeer, type PeerAddress, type PeerAnswer, readPeerIdentity } from './symbol-peer.ts';

export type SymbolHealthOptions = {
  /** With the files of catapult's certificate directory; read at each call, as they are renewed. */
  certificates: string;
  peer: PeerAddress;
  listen: ListenAddress;
  timeoutMs: number;
  log: (line: string) => void;
  now: () => number;
  onListening?: (port: number) => void;
};

/** The probe and the operator ask at about the same time; a node lets one identity in a few times only. */
const KEEP_MS = 2000;

/**
 * Serves until the signal is aborted. 200 when the node answers, else 503; both times JSON, which the kind reads.
 * Logs only when the health changes.
 */
export async function runSymbolHealth(options: SymbolHealthOptions, signal: AbortSignal): Promise<void> {
  let reported = '';
  let last: { at: number; answer: Promise<Answer> } | undefined;
  const ask = async (): Promise<Answer> => {
    const { body, reason } = await checkNode(options);
    const state = reason ?? 'the node answers';
    if (state !== reported) options.log(state);
    reported = state;
    return { status: reason === undefined ? 200 : 503, type: 'application/json', body: `${JSON.stringify(body)}\n` };
  };
  const answer = (): Promise<Answer> => {
    const at = options.now();
    if (last === undefined || at - last.at >= KEEP_MS) last = { at, answer: ask() };
    return last.answer;
  };
  await serve(options.listen, answer, signal, options.onListening);
}

async function checkNode({ certificates, peer, timeoutMs }: SymbolHealthOptions) {
  try {
    const answer = await askPeer(peer, await readPeerIdentity(certificates), timeoutMs);
    return { body: describe(answer), reason: undefined };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { body: { error: reason }, reason };
  }
}

function describe({ chain, finalization, node, peers }: PeerAnswer) {
  return {
    height: chain.height,
    finalizedHeight: chain.finalizedHeight,
    finalizationEpoch: finalization?.epoch,
    peers: peers?.length,
    node,
  };
}
