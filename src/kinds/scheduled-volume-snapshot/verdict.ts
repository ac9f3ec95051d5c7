/** What a throw-away node says about the snapshot that it was started on. Pure. */
import { hasStarted, viewNode } from '../../comet-node/node-view.ts';
import { currentAnswer, type Reading } from '../../comet-node/reading.ts';
import { isPodReady, type Pod } from '../../kube/objects.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import { NODE } from './desired/trial-node.ts';
import type { Verification } from './schema.ts';

export type Verdict = {
  result: 'Good' | 'Bad' | 'Unknown';
  message: string;
};

export type TrialView = {
  pod: Pod | undefined;
  reading: Reading | undefined;
  /** The height that the node of the snapshot had before it was taken, at least. */
  leastHeight: number | undefined;
  /** That of the node's companions in sync; 0: nobody knows it. */
  chainHeight: number;
  isOverdue: boolean;
};

/** A node that answers is watched for so long: peers take a while to be found, and a block that does not fit ends many a node. */
const WATCH_MS = 120_000;
/** A node that ends so often before it has ever answered will not answer. */
const MAX_ENDS = 5;

/** What is known of it now: the first answer, and the verdict once there is one; otherwise what is waited for. */
export function judge(
  notes: Verification,
  view: TrialView,
  now: Date,
): { notes: Verification; verdict?: Verdict; wait: string } {
  const noted = noteFirstAnswer(notes, view.reading, now);
  const { openedAt, openedHeight } = noted;
  if (openedAt === undefined || openedHeight === undefined) return { notes: noted, ...judgeUnopened(view, now) };
  return { notes: noted, ...judgeOpened(view, openedHeight, now.getTime() - Date.parse(openedAt), now) };
}

/** A node with no block has nothing opened. */
function noteFirstAnswer(notes: Verification, reading: Reading | undefined, now: Date): Verification {
  const height = currentAnswer(reading)?.status.latestHeight ?? 0;
  if (notes.openedAt !== undefined || height === 0) return notes;
  return { ...notes, openedAt: toWireTime(now), openedHeight: height };
}

function judgeUnopened({ pod, reading, isOverdue }: TrialView, now: Date): { verdict?: Verdict; wait: string } {
  const message = viewNode(pod, reading, now.getTime()).message ?? 'it has no block';
  const wait = `the throw-away node has not opened its data so far: ${message}`;
  const ended = pod === undefined ? undefined : endOf(pod);
  const isHopeless = ended !== undefined && ended.count >= MAX_ENDS;
  if (!isOverdue && !isHopeless) return { wait };
  // A snapshot is bad when a node has tried: not when none could run, could be reached or had memory enough.
  const hasTried = pod !== undefined && !hasEnded(pod) && hasStarted(pod) && ended?.reason !== 'OOMKilled';
  if (hasTried && reading === undefined) return { wait };
  const couldNotBeAsked = reading?.error !== undefined && isPodReady(pod);
  if (!hasTried || couldNotBeAsked)
    return { wait, verdict: { result: 'Unknown', message: `nothing was learned: ${message}` } };
  return { wait, verdict: bad(`a node could not open its data: ${message}`) };
}

function judgeOpened(
  { pod, reading, leastHeight, chainHeight, isOverdue }: TrialView,
  opened: number,
  watchedMs: number,
  now: Date,
): { verdict?: Verdict; wait: string } {
  const isAnswering = reading !== undefined && reading.error === undefined && reading.answer !== undefined;
  const height = isAnswering ? (reading.answer?.status.latestHeight ?? 0) : opened;
  const peers = isAnswering ? (reading.answer?.peers ?? 0) : 0;
  const wait = `the throw-away node has opened its data at height ${opened} and is watched`;
  if (leastHeight !== undefined && opened < leastHeight)
    return {
      wait,
      verdict: bad(`a node opened its data at height ${opened}, below ${leastHeight}, which it had before`),
    };
  if (height > opened)
    return {
      wait,
      verdict: { result: 'Good', message: `a node went on from height ${opened} to ${height}` },
    };
  const isChainUnknown = peers > 0 && chainHeight === 0;
  const couldAdvance = isChainUnknown || (peers > 0 && chainHeight > height);
  if (isAnswering && watchedMs >= WATCH_MS && !couldAdvance)
    return { wait, verdict: { result: 'Good', message: describeOpened(opened, peers) } };
  // After an operator that was away, the node gets the time that it would have had.
  if (!isOverdue || watchedMs < WATCH_MS) return { wait };
  if (pod === undefined || hasEnded(pod))
    return { wait, verdict: { result: 'Unknown', message: `opened at height ${opened}, then its pod was ended` } };
  if (isAnswering && isChainUnknown) {
    const message = `opened at height ${opened}, and no block came after it; no other node was in sync to tell whether there was one`;
    return { wait, verdict: { result: 'Unknown', message } };
  }
  const then = isAnswering
    ? `has stayed there although it has ${peers} peers and the chain is at ${chainHeight}`
    : (viewNode(pod, reading, now.getTime()).message ?? 'does not answer');
  return { wait, verdict: bad(`a node opened its data at height ${opened}, and then: ${then}`) };
}

function describeOpened(height: number, peers: number): string {
  const why = peers === 0 ? 'it had no peers to get a block from' : 'the chain had no other';
  return `a node opened its data at height ${height}; no block came after it: ${why}`;
}

function bad(message: string): Verdict {
  return { result: 'Bad', message };
}

/** By the kubelet: evicted, or past its time. */
function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

/** How often the node's process has ended, and why it did last. */
function endOf({ status }: Pod): { count: number; reason: string | undefined } | undefined {
  const node = status?.containerStatuses?.find(({ name }) => name === NODE);
  const last = node?.state?.terminated ?? node?.lastState?.terminated;
  return node === undefined ? undefined : { count: node.restartCount, reason: last?.reason };
}
