/**
 * What one CometBFT node says about itself over its RPC, and what two answers in a row say about the chain. Pure; a kind makes the calls
 * and may ask for more than stands here.
 */
import type { NodeStatus } from '../formats/comet-rpc.ts';

/** The least that a kind asks a node for. */
export type NodeAnswer = {
  status: Pick<NodeStatus, 'latestHeight' | 'latestBlockTime' | 'catchingUp'>;
  peers: number;
};

export type Reading<Answer extends NodeAnswer = NodeAnswer> = {
  /** When the node was last asked, milliseconds. */
  at: number;
  /** When this pod was first asked. */
  since: number;
  /** The last good answer of this pod. */
  answer: Answer | undefined;
  /** Why the last call failed; undefined when it did not. */
  error: string | undefined;
  /** When the height was last seen to have moved; undefined while that was not seen. */
  advancedAt: number | undefined;
  /** How long the chain may stand still before that means something; Infinity where it makes no empty blocks. */
  stallAfterMs: number;
};

/** What a node said when it was last asked; undefined when it did not answer then. */
export function currentAnswer<Answer extends NodeAnswer>(
  reading: Pick<Reading<Answer>, 'answer' | 'error'> | undefined,
): Answer | undefined {
  return reading?.error === undefined ? reading?.answer : undefined;
}

export type FoldOptions = {
  stallAfterMs: number;
  /**
   * Whether the time of the latest block tells when the height last moved. True for a pod that has run for a while, so that an operator
   * that starts knows at once; a pod that has just started has to show a new block.
   */
  trustBlockTime: boolean;
};

export function foldReading<Answer extends NodeAnswer>(
  previous: Reading<Answer> | undefined,
  answer: Answer | Error,
  now: number,
  { stallAfterMs, trustBlockTime }: FoldOptions,
): Reading<Answer> {
  const since = previous?.since ?? now;
  if (answer instanceof Error) {
    const { answer: lastAnswer, advancedAt } = previous ?? { answer: undefined, advancedAt: undefined };
    return { at: now, since, answer: lastAnswer, error: answer.message, advancedAt, stallAfterMs };
  }
  const height = answer.status.latestHeight;
  const before = previous?.answer?.status.latestHeight;
  const advancedAt =
    before !== undefined && height > before
      ? now
      : (previous?.advancedAt ?? (trustBlockTime ? recentBlockTime(answer, now, stallAfterMs) : undefined));
  return { at: now, since, answer, error: undefined, advancedAt, stallAfterMs };
}

function recentBlockTime({ status }: NodeAnswer, now: number, stallAfterMs: number): number | undefined {
  const time = Math.min(Date.parse(status.latestBlockTime), now);
  return status.latestHeight > 0 && now - time <= Math.min(stallAfterMs, MAX_BLOCK_AGE_MS) ? time : undefined;
}

/** Where a chain may stand still for ever, a block of this age still says that it moved. */
const MAX_BLOCK_AGE_MS = 60_000;

/** Older readings say nothing any more: the poller asks every few seconds. */
const FRESH_MS = 20_000;

export function isFresh(reading: Pick<Reading, 'at'>, now: number): boolean {
  return now - reading.at <= FRESH_MS;
}

/**
 * What of a reading decides something: a change wakes the reconciler, anything else (a height among them) waits for the next refresh.
 * `more` is what else matters to a kind.
 */
export function significanceOf<Answer extends NodeAnswer>(
  reading: Reading<Answer>,
  more: (answer: Answer) => unknown = () => null,
): string {
  const answer = currentAnswer(reading);
  if (answer === undefined) return `error:${classify(reading.error ?? 'none')}`;
  return JSON.stringify([
    answer.status.catchingUp,
    answer.status.latestHeight > 0,
    pace(reading, reading.at),
    more(answer),
  ]);
}

/** `advancing`: the height moved within the time limit. `stalled`: it was watched for as long and did not. Otherwise not known yet. */
export function pace(reading: Reading, now: number): 'advancing' | 'stalled' | 'unknown' {
  const { stallAfterMs } = reading;
  if (reading.advancedAt !== undefined && now - reading.advancedAt <= stallAfterMs) return 'advancing';
  return now - Math.max(reading.since, reading.advancedAt ?? 0) > stallAfterMs ? 'stalled' : 'unknown';
}

/** Errors differ in ports and times from call to call; their first words do not. */
function classify(error: string): string {
  return error.replace(/[\d.:]+/g, '').slice(0, 40);
}
