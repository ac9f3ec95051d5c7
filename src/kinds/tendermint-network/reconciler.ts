/** The recipe: observe, decide, act, report. */
import type { Logger } from 'pino';
import { isNotFound } from '../../kube/api-error.ts';
import { keyOf, type Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import { act, describeFailure, isLostRace, type Outcome, worstFailure } from '../../reconcile/act.ts';
import { type Change, formatChange } from '../../reconcile/change.ts';
import { mergeConditions } from '../../reconcile/conditions.ts';
import { canonicalJson } from '../../reconcile/stamp.ts';
import { NotLeadingError } from '../../runtime/operator-kube.ts';
import { createPoller } from '../../runtime/poller.ts';
import type { KindReconciler, ReconcilerContext } from '../kind.ts';
import { findUnusable } from './check.ts';
import { stallTimeOf } from './desired/config.ts';
import { reportEvents } from './events.ts';
import { hasRunForLong, hasStarted } from './node-view.ts';
import { observe, readReadings } from './observe.ts';
import { type Plan, planNetwork } from './plan.ts';
import { type Answer, foldReading, type Reading, significanceOf } from './reading.ts';
import { askNode, broadcast, RPC_PORT } from './rpc.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from './schema.ts';
import { buildStatus, significantPart } from './status.ts';
import type { TendermintNetworkStatus } from './status-schema.ts';

const FIELD_MANAGER = 'nodewright-tendermint-network';
const POLL_INTERVAL_MS = 3000;
const POLL_TIMEOUT_MS = 2500;
const POLL_CONCURRENCY = 32;
/** A healthy network's status is written no more often than this. */
const REFRESH_MS = 60_000;
/** An operator that has not refreshed the status for this long is gone. */
const ABANDONED_AFTER_MS = 3 * REFRESH_MS;
const RESEND_MS = 15_000;
/** While something is under way, conditions that depend on time are looked at this often. */
const BUSY_MS = 4000;

export function createTendermintNetworkReconciler(context: ReconcilerContext): KindReconciler {
  const { kube, reader, podGet, options, now } = context;
  const residues = new Map<string, string>();
  /** When each transaction was last sent, milliseconds; a handful in the life of a network. */
  const sent = new Map<string, number>();
  const poller = createPoller<Reading, Answer>({
    intervalMs: POLL_INTERVAL_MS,
    timeoutMs: POLL_TIMEOUT_MS,
    concurrency: POLL_CONCURRENCY,
    significance: significanceOf,
    wake: context.wake,
    ...(context.clock === undefined ? {} : { clock: context.clock }),
    random: () => Buffer.from(context.random(4)).readUInt32LE() / 2 ** 32,
  });

  async function reconcile(
    request: { namespace: string; name: string },
    { log }: Parameters<KindReconciler['reconcile']>[1],
  ) {
    const found = await reader.get<TendermintNetwork>(TENDERMINT_NETWORKS, request);
    if (found === undefined) {
      poller.forgetOwner(request);
      return undefined;
    }
    const unusable = findUnusable(found);
    const network = unusable.length > 0 && isDeleting(found) ? withoutNodes(found) : found;
    try {
      if (unusable.length === 0 || isDeleting(found)) return await work(network, request, log);
      await reportFailure(network, 'SpecInvalid', unusable.join('; '));
      return undefined;
    } catch (error) {
      // Whatever it is, the person who looks at the resource must be able to see it.
      if (error instanceof ReportedError) throw error.cause;
      if (!isLostRace(error) && !(error instanceof NotLeadingError)) {
        await reportFailure(network, 'ReconcileFailed', error instanceof Error ? error.message : String(error));
      }
      throw error;
    }
  }

  /** One pass over a network whose spec can be worked with. */
  async function work(network: TendermintNetwork, request: { namespace: string; name: string }, log: Logger) {
    const other = otherOperator(network, options.operatorNamespace, now());
    if (other !== undefined) {
      log.warn({ operatorNamespace: other }, 'left alone: another operator manages this network');
      poller.forgetOwner(request);
      return { requeueAfterMs: REFRESH_MS };
    }
    let observed = await observe(network, reader, options.operatorNamespace, poller.state);
    watchNodes(network, [...observed.pods.values()]);
    // An operator that has just started asks before it judges: a node that was not asked yet is not unwell.
    if (
      [...observed.pods.values()].some((pod) => hasStarted(pod) && poller.state(pod.metadata.uid ?? '') === undefined)
    ) {
      await poller.pollNow(request);
      observed = { ...observed, readings: readReadings(observed.pods.values(), poller.state) };
    }
    const plan = planNetwork(network, observed, {
      now: now(),
      random: context.random,
      operatorNamespace: options.operatorNamespace,
      images: { agent: options.agentImage },
      residues,
    });
    const changes = plan.changes.filter((change) => change.verb !== 'broadcast' || !wasJustSent(change));
    for (const change of changes) log.info({ change: formatChange(change) }, 'change');
    const outcome = await act(changes, {
      kube,
      fieldManager: FIELD_MANAGER,
      broadcast: sendTransaction,
      residues,
    });
    const status = await report(network, plan, outcome);
    const failure = worstFailure(outcome);
    if (failure !== undefined) throw new ReportedError(failure.error);
    return { requeueAfterMs: isQuiet(plan) ? Math.max(1000, untilRefresh(status, now())) : BUSY_MS };
  }

  async function reportFailure(network: TendermintNetwork, reason: string, message: string): Promise<void> {
    const kept = (network.status?.conditions ?? []).filter(({ type }) => type !== 'Ready');
    const ready = { type: 'Ready', status: 'False' as const, reason, message };
    if (network.status?.conditions?.find(({ type }) => type === 'Ready')?.message === message) return;
    context.events.record(network, 'Warning', reason, message, 'Reconcile');
    const conditions = mergeConditions(
      network.status?.conditions ?? [],
      [ready, ...kept],
      network.metadata.generation ?? 0,
      now(),
    );
    await kube.mergePatch(
      TENDERMINT_NETWORKS,
      keyOf(network),
      { metadata: { uid: network.metadata.uid }, status: { ...network.status, phase: 'Invalid', conditions } },
      { fieldManager: FIELD_MANAGER, subresource: 'status' },
    );
  }

  function watchNodes(network: TendermintNetwork, pods: Pod[]): void {
    const stallAfterMs = stallTimeOf(network);
    poller.setTargets(
      { namespace: network.metadata.namespace as string, name: network.metadata.name },
      pods
        .filter((pod) => pod.status?.podIP !== undefined && pod.metadata.labels?.['nodewright.dev/node'] !== undefined)
        .map((pod) => ({
          id: pod.metadata.uid as string,
          probe: (signal) => askNode((path, abort) => podGet(pod, RPC_PORT, path, abort), signal),
          fold: (previous, answer, at) =>
            foldReading(previous, answer, at, { stallAfterMs, trustBlockTime: hasRunForLong(pod, at) }),
        })),
    );
  }

  /** A block takes its time: the same transaction is not sent again before the chain can have answered. */
  function wasJustSent({ key, transaction }: Change & { verb: 'broadcast' }): boolean {
    const last = sent.get(`${key.namespace} ${transaction}`);
    return last !== undefined && now().getTime() - last < RESEND_MS;
  }

  async function sendTransaction(change: Change & { verb: 'broadcast' }): Promise<void> {
    const pod = await reader.get<Pod>(PODS, change.key);
    if (pod === undefined) throw new Error(`Pod ${change.key.name} is gone`);
    await broadcast(
      (path, signal) => podGet(pod, RPC_PORT, path, signal),
      change.transaction,
      AbortSignal.timeout(POLL_TIMEOUT_MS),
    );
    sent.set(`${change.key.namespace} ${change.transaction}`, now().getTime());
  }

  /**
   * Once, at the end, whatever happened; and only when it says something new, or a minute has passed. Returns the status that stands now.
   */
  async function report(
    network: TendermintNetwork,
    plan: Plan,
    outcome: Outcome,
  ): Promise<TendermintNetworkStatus | undefined> {
    const failure = worstFailure(outcome);
    const sentence = failure === undefined || isLostRace(failure.error) ? undefined : describeFailure(failure);
    const status = buildStatus(network, {
      plan,
      failure: sentence,
      now: now(),
      operatorNamespace: options.operatorNamespace,
    });
    reportEvents(context.events, network, plan, outcome, status);
    const isNew = canonicalJson(significantPart(status)) !== canonicalJson(significantPart(network.status));
    if (!isNew && untilRefresh(network.status, now()) > 0) return network.status;
    try {
      await kube.mergePatch(
        TENDERMINT_NETWORKS,
        keyOf(network),
        { metadata: { uid: network.metadata.uid }, status },
        {
          fieldManager: FIELD_MANAGER,
          subresource: 'status',
        },
      );
    } catch (error) {
      // The last change of a deletion is the finalizer; after it there is nothing left to report on.
      if (!(plan.deleting && isNotFound(error))) throw error;
    }
    return status;
  }

  return { reconcile, start: () => poller.start(), stop: () => poller.stop() };
}

/** A failure that stands in the status already. */
class ReportedError extends Error {
  constructor(cause: unknown) {
    super('reported', { cause });
  }
}

function isDeleting(network: TendermintNetwork): boolean {
  return network.metadata.deletionTimestamp !== undefined;
}

/** Enough of a network to take it down, when its spec is of no use. */
function withoutNodes(network: TendermintNetwork): TendermintNetwork {
  const { deletionPolicy = 'Retain' } = network.spec ?? {};
  const validators = { replicas: 0 };
  return { ...network, spec: { chainId: '', image: '', validators, deletionPolicy } };
}

/** The namespace of another operator that has written the status within the last few refreshes; two must never act on one network. */
function otherOperator(network: TendermintNetwork, operatorNamespace: string, now: Date): string | undefined {
  const { operatorNamespace: writer, heightTime } = network.status ?? {};
  if (writer === undefined || writer === operatorNamespace || heightTime === undefined) return undefined;
  return now.getTime() - Date.parse(heightTime) < ABANDONED_AFTER_MS ? writer : undefined;
}

function isQuiet(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.waits.length === 0 && plan.nodes.every((node) => node.state === 'InSync');
}

function untilRefresh(status: TendermintNetworkStatus | undefined, now: Date): number {
  if (status?.heightTime === undefined) return 0;
  return Math.max(0, Date.parse(status.heightTime) + REFRESH_MS - now.getTime());
}
