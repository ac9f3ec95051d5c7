/** What the metrics say of a CometBFT node, from its last answer. Pure. */
import type { NodeAnswer, Reading } from '../comet-node/reading.ts';
import type { Vitals } from './node-report.ts';

/** Nothing of a node that did not answer when it was last asked: what it said before is no news. */
export function cometVitals({ answer, error }: Reading<NodeAnswer & { status: { version?: string } }>): Vitals {
  if (answer === undefined || error !== undefined) return {};
  const { latestHeight, latestBlockTime, version } = answer.status;
  const time = Date.parse(latestBlockTime);
  return {
    height: latestHeight,
    blockTime: latestHeight === 0 || Number.isNaN(time) ? undefined : time / 1000,
    peers: answer.peers,
    version,
  };
}
