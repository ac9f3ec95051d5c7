/** Whether a node keeps up with its network. */
import type { Reason } from '../../../reconcile/reasons.ts';
import type { NodeReading } from '../rpc/reading.ts';
import type { Judgement } from './finding.ts';

/** Two heights that were read at different moments differ for a while; a node that is really behind stays so. */
const BEHIND_FOR_MS = 120_000;
/** Alone a node cannot know whether it is behind; blocks come every half a minute. */
const STALL_AFTER_MS = 15 * 60_000;

/** @param now milliseconds since 1970 */
export function judgeHeight(reading: NodeReading | undefined, maxBlocksBehind: number, now: number): Judgement {
  const say = (status: 'True' | 'False' | 'Unknown', reason: Reason, message: string): Judgement => ({
    condition: { type: 'Synced', status, reason, message },
  });
  if (reading?.node === undefined)
    return say(
      'Unknown',
      'NotAnswering',
      `the node has not told its height: ${reading?.error ?? 'it was not asked yet'}`,
    );
  const { node, network, behindSince, advancedAt } = reading;
  if (reading.error !== undefined) return say('Unknown', 'NotAnswering', `the node does not answer: ${reading.error}`);
  if (network.value === undefined) {
    const unknown = network.error === undefined ? '' : ` (the height of the network is not known: ${network.error})`;
    if (advancedAt === undefined || now - advancedAt > STALL_AFTER_MS)
      return say('Unknown', 'NetworkUnknown', `at height ${node.height}, no new block seen${unknown}`);
    return say('True', 'Advancing', `at height ${node.height}${unknown}`);
  }
  const { height, source } = network.value;
  const behind = height - node.height;
  if (behindSince === undefined) return say('True', 'InSync', `at height ${node.height}, ${source}: ${height}`);
  const message = `${behind} blocks behind the network: at height ${node.height}, ${source}: ${height}; more than ${maxBlocksBehind} are too many`;
  if (now - behindSince < BEHIND_FOR_MS) return say('False', 'Behind', message);
  const since = new Date(behindSince).toISOString().slice(0, 16);
  return {
    ...say('False', 'Behind', message),
    finding: {
      name: 'NodeBehind' satisfies Reason,
      severity: 'warning',
      message: `${message}; since ${since}Z. Look at its log and its peers, or ask for a resync`,
    },
  };
}
