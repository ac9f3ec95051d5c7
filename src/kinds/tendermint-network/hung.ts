/**
 * A node whose application has ended. CometBFT ends with it, and both are started again in their pod. Often it hangs instead (0.38.26: the
 * switch waits for the consensus, which waits for the application): its RPC answers, no peer is left, and no block comes any more.
 */
import { NODE_CONTAINER } from '../../comet-node/node-view.ts';
import type { NodeView } from './node.ts';
import type { TendermintNetwork } from './schema.ts';

/** It ends within a moment where it does not hang. */
const GRACE_MS = 30_000;

/** Why a node has to be started again that does not end by itself. Undefined for all that may still do their work. */
export function whyHung({ spec }: TendermintNetwork, { pod, reading, state }: NodeView, now: number) {
  if (spec.app?.container === undefined || state !== 'Stalled' || reading?.answer?.peers !== 0) return undefined;
  const containers = pod?.status?.containerStatuses ?? [];
  const app = containers.find(({ name }) => name === (spec.app?.container?.name ?? 'app'));
  const ended = app?.state?.terminated?.finishedAt ?? app?.lastState?.terminated?.finishedAt;
  const started = containers.find(({ name }) => name === NODE_CONTAINER)?.state?.running?.startedAt;
  if (ended === undefined || started === undefined) return undefined;
  const endedAt = Date.parse(`${ended}`);
  if (endedAt <= Date.parse(`${started}`) || now - endedAt < GRACE_MS) return undefined;
  return `its application ended at ${new Date(endedAt).toISOString()}, and the node, which should have ended with it, hangs`;
}
