/**
 * A node whose application has ended. CometBFT ends with it, and both are started again in their pod. Often it hangs instead (0.38.26: the
 * switch waits for the consensus, which waits for the application): its RPC answers, no peer is left, and no block comes any more.
 */
import { NODE_CONTAINER } from '../../comet-node/node-view.ts';
import { appContainerName } from './desired/app-containers.ts';
import type { NodeView } from './node.ts';
import type { TendermintNetwork } from './schema.ts';

/** It ends within a moment where it does not hang. */
const GRACE_MS = 30_000;

/** Why a node has to be started again that does not end by itself. Undefined for all that may still do their work. */
export function whyHung(
  network: TendermintNetwork,
  { pod, reading, state }: NodeView,
  now: number,
): string | undefined {
  const appName = appContainerName(network);
  if (appName === undefined || state !== 'Stalled' || reading?.answer?.peers !== 0) return undefined;
  const statusOf = (container: string) => pod?.status?.containerStatuses?.find(({ name }) => name === container);
  const app = statusOf(appName);
  const ended = app?.state?.terminated?.finishedAt ?? app?.lastState?.terminated?.finishedAt;
  const started = statusOf(NODE_CONTAINER)?.state?.running?.startedAt;
  if (ended === undefined || started === undefined) return undefined;
  const endedAt = Date.parse(ended);
  if (endedAt <= Date.parse(started) || now - endedAt < GRACE_MS) return undefined;
  return `its application ended at ${new Date(endedAt).toISOString()}, and the node, which should have ended with it, hangs`;
}
