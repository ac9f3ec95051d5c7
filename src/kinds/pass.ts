/** The pass over a resource, as the operator makes it again and again: observe, plan, act, report (recipe.ts). */
import type { Logger } from 'pino';
import { isNotFound } from '../kube/api-error.ts';
import { type KubeObject, keyOf, type Pod, uidOf } from '../kube/objects.ts';
import { liveReader } from '../kube/reader.ts';
import { PODS } from '../kube/resource-types.ts';
import { act, describeFailure, isLostRace, type Outcome, worstFailure } from '../reconcile/act.ts';
import { type Change, formatChange } from '../reconcile/change.ts';
import { mergeConditions } from '../reconcile/conditions.ts';
import type { Reason } from '../reconcile/reasons.ts';
import { canonicalJson } from '../reconcile/stamp.ts';
import { statusPatch } from '../reconcile/status-patch.ts';
import { NotLeadingError } from '../runtime/operator-kube.ts';
import { createPoller } from '../runtime/poller.ts';
import type { Kind, KindReconciler, ReconcilerContext } from './kind.ts';
import { lookAt } from './look.ts';
import type { Vitals } from './node-report.ts';
import { type AnyRecipe, type Node, type PlanOfAnyKind, REFRESH_MS, type StatusOfAnyKind } from './recipe.ts';
import { createTransactionSender } from './transactions.ts';
import { createWholeStatusWriter } from './whole-status.ts';

const POLL_INTERVAL_MS = 3000;
const POLL_TIMEOUT_MS = 2500;
const POLL_CONCURRENCY = 32;
/** With hundreds of nodes that are as they were, the operator would else do little but ask them. */
const POLLS_PER_SECOND = 40;
/** The first status of a resource is written then at the latest. */
const BEGINNING_MS = 1000;
/** Whether somebody else still looks after a resource is looked at this often. */
const STAND_BACK_MS = 10_000;

export function reconcilerBy(recipe: AnyRecipe): Kind['createReconciler'] {
  return (context) => createReconciler(recipe, context);
}

function createReconciler(recipe: AnyRecipe, context: ReconcilerContext): KindReconciler {
  const { kube, reader, podGet, options, now } = context;
  const fieldManager = `nodewright-${recipe.name}`;
  const residues = new Map<string, string>();
  /** What was last written as status, by resource: an API server with an older CRD does not give all of it back. */
  const written = new Map<string, { uid: string; significant: string; at: number }>();
  /** New resources whose children were made in the last pass: the pass that these call has more to say than that none was there. */
  const beginnings = new Set<string>();
  /** Why resources are left alone, as it was last logged. */
  const leftAlone = new Map<string, string>();
  const whyStandBack = recipe.createGuard({ reader, options, now });
  const live = liveReader(kube);
  const transactions = createTransactionSender(recipe, context, POLL_TIMEOUT_MS);
  const wholeStatuses = createWholeStatusWriter({ kube, recipe, fieldManager, now });
  const poller = createPoller<unknown, unknown>({
    intervalMs: POLL_INTERVAL_MS,
    timeoutMs: POLL_TIMEOUT_MS,
    concurrency: POLL_CONCURRENCY,
    perSecond: POLLS_PER_SECOND,
    significance: recipe.significanceOf ?? (() => ''),
    wake: context.wake,
    ...(context.clock === undefined ? {} : { clock: context.clock }),
    random: fraction,
  });

  function fraction(): number {
    return Buffer.from(context.random(4)).readUInt32LE() / 2 ** 32;
  }

  async function reconcile(
    request: { namespace: string; name: string },
    { log }: Parameters<KindReconciler['reconcile']>[1],
  ) {
    for (let isAsked = false; ; isAsked = true) {
      const result = await reconcileOnce(request, log, isAsked);
      if (result !== 'ask first') return result;
      await poller.pollNow(request);
    }
  }

  /** `isAsked`: the nodes of the resource were all asked just now. */
  async function reconcileOnce(request: { namespace: string; name: string }, log: Logger, isAsked: boolean) {
    const found = await reader.get<KubeObject & { status?: StatusOfAnyKind }>(recipe.type, request);
    if (found === undefined) {
      poller.forgetOwner(request);
      written.delete(nameOf(request));
      beginnings.delete(nameOf(request));
      wholeStatuses.forget(request);
      context.gauges?.forget(measuredAs(request));
      context.nodeMetrics?.forget(recipe.type, request);
      leftAlone.delete(nameOf(request));
      return undefined;
    }
    try {
      if (await standsBack(found, request, log)) return { requeueAfterMs: STAND_BACK_MS };
      const usable = recipe.makeUsable(found);
      if (!Array.isArray(usable)) return await work(usable, request, log, isAsked);
      await reportFailure(found, 'SpecInvalid', usable.join('; '));
      return undefined;
    } catch (error) {
      // Whatever it is, the person who looks at the resource must be able to see it.
      if (error instanceof ReportedError) throw error.cause;
      if (!isLostRace(error) && !(error instanceof NotLeadingError)) {
        await reportFailure(found, 'ReconcileFailed', error instanceof Error ? error.message : String(error));
      }
      throw error;
    }
  }

  /** Whether nothing must be written because somebody else looks after the resource; the log says why. */
  async function standsBack(resource: KubeObject, request: { namespace: string; name: string }, log: Logger) {
    const refusal = await whyStandBack(resource);
    if (refusal !== leftAlone.get(nameOf(request))) {
      if (refusal === undefined) leftAlone.delete(nameOf(request));
      else {
        leftAlone.set(nameOf(request), refusal);
        log.warn({ why: refusal }, 'left alone');
      }
    }
    if (refusal !== undefined) {
      poller.forgetOwner(request);
      context.nodeMetrics?.reportFailed(recipe.type, request, { managed: false, failed: [] });
    }
    return refusal !== undefined;
  }

  /** A function of its own: what it leaves with the poller would else keep all of the pass, its plan too, until the next one. */
  function pollFromNowOn(request: { namespace: string; name: string }, nodes: readonly Node<unknown, unknown>[]): void {
    const targets = nodes.map(({ pod, ask, fold }) => ({
      id: uidOf(pod),
      probe: (signal: AbortSignal) => ask(podGet, signal, poller.state(uidOf(pod))),
      fold,
    }));
    poller.setTargets(request, targets);
  }

  /** One pass over a resource whose spec can be worked with. */
  async function work(
    resource: KubeObject,
    request: { namespace: string; name: string },
    log: Logger,
    isAsked: boolean,
  ): Promise<{ requeueAfterMs: number } | 'ask first'> {
    const observed = await recipe.observe(resource, reader, options, live);
    const nodes: Node<unknown, unknown>[] = recipe.nodes?.(resource, observed) ?? [];
    pollFromNowOn(request, nodes);
    // A node that was not asked yet is not unwell.
    if (nodes.some(({ pod, hasStarted }) => hasStarted && poller.state(uidOf(pod)) === undefined))
      await poller.pollNow(request);
    const readings = new Map(
      nodes.flatMap(({ pod }) => {
        const state = poller.state(uidOf(pod));
        return state === undefined ? [] : [[uidOf(pod), state] as const];
      }),
    );
    const plan: PlanOfAnyKind = recipe.plan(
      resource,
      { ...observed, readings },
      { now: now(), random: context.random, options, residues },
    );
    const changes = plan.changes.filter((change) => change.verb !== 'broadcast' || !transactions.wasJustSent(change));
    // Since the last poll another node may have gone down, of which too many are down then, or a validator got its power.
    if (!isAsked && nodes.length > 0 && changes.some(dependsOnNodes)) return 'ask first';
    for (const change of changes) log.info({ change: formatChange(change) }, 'change');
    const outcome = await act(changes, {
      kube,
      fieldManager,
      ...(recipe.predecessors === undefined ? {} : { predecessors: recipe.predecessors }),
      broadcast: transactions.send,
      residues,
    });
    if (recipe.measure !== undefined) context.gauges?.report(measuredAs(request), recipe.measure(resource, plan));
    const refreshInMs = await report(resource, request, { observed, plan, outcome });
    const failure = worstFailure(outcome);
    if (failure !== undefined) {
      const { retryRaceMs } = recipe;
      if (retryRaceMs !== undefined && isLostRace(failure.error))
        return { requeueAfterMs: retryRaceMs * (0.5 + fraction()) };
      throw new ReportedError(failure.error);
    }
    return { requeueAfterMs: recipe.lookAgainMs(plan) ?? Math.max(1000, refreshInMs) };
  }

  async function reportFailure(
    resource: KubeObject & { status?: StatusOfAnyKind },
    reason: Reason,
    message: string,
  ): Promise<void> {
    const before = resource.status?.conditions ?? [];
    const ready = { type: 'Ready', status: 'False' as const, reason, message };
    const { namespace = '', name } = resource.metadata;
    context.nodeMetrics?.reportFailed(
      recipe.type,
      { namespace, name },
      { managed: true, failed: reason === 'SpecInvalid' ? ['Ready', 'SpecValid'] : ['Ready'] },
    );
    if (before.find(({ type }) => type === 'Ready')?.message === message) return;
    context.events.record(resource, 'Warning', reason, message, 'Reconcile');
    const generation = resource.metadata.generation ?? 0;
    const conditions = mergeConditions(
      before,
      [ready, ...before.filter(({ type }) => type !== 'Ready')],
      generation,
      now(),
    );
    if (recipe.wholeStatus !== undefined) {
      await wholeStatuses.write(resource, recipe.wholeStatus.failed(resource, conditions, now()));
      return;
    }
    await kube.mergePatch(
      recipe.type,
      keyOf(resource),
      {
        metadata: { uid: resource.metadata.uid },
        status: {
          observedGeneration: generation,
          ...(recipe.failedStatus?.(resource, message, now()) ?? { phase: recipe.failedPhase }),
          conditions,
        },
      },
      { fieldManager, subresource: 'status' },
    );
    // What was written before does not stand there any more: the next pass that succeeds says so at once.
    written.delete(nameOf(resource.metadata));
  }

  /**
   * Once, at the end, whatever happened; and only when it says something new, or a minute has passed. Returns the time until the next
   * refresh, milliseconds.
   */
  async function report(
    resource: KubeObject & { status?: StatusOfAnyKind },
    request: { namespace: string; name: string },
    { observed, plan, outcome }: { observed: object; plan: PlanOfAnyKind; outcome: Outcome },
  ): Promise<number> {
    const failure = worstFailure(outcome);
    const sentence = failure === undefined || isLostRace(failure.error) ? undefined : describeFailure(failure);
    const status = recipe.buildStatus(resource, { plan, failure: sentence, now: now(), options });
    recipe.reportEvents(context.events, resource, plan, outcome, status);
    context.nodeMetrics?.report(recipe.type, request, {
      ...recipe.describe?.(resource, plan, observed),
      conditions: status.conditions ?? [],
      done: outcome.done,
      waits: plan.waits.length,
      vitals: vitalsOf,
    });
    if (recipe.wholeStatus !== undefined) return wholeStatuses.write(resource, status, outcome);
    const uid = uidOf(resource);
    const significant = canonicalJson(recipe.significantPart(status));
    const lastWritten = written.get(nameOf(resource.metadata));
    const last = (lastWritten?.uid === uid ? lastWritten : undefined) ?? {
      significant: canonicalJson(recipe.significantPart(resource.status)),
      at: Date.parse((resource.status && recipe.refreshedAt(resource.status)) ?? '') || 0,
    };
    const dueInMs = last.at + REFRESH_MS - now().getTime();
    if (significant === last.significant && dueInMs > 0) return dueInMs;
    const hasBegun = resource.status === undefined && failure === undefined && outcome.done.length > 0;
    if (hasBegun && !beginnings.has(nameOf(request))) {
      beginnings.add(nameOf(request));
      return BEGINNING_MS;
    }
    beginnings.delete(nameOf(request));
    try {
      await kube.mergePatch(
        recipe.type,
        keyOf(resource),
        { metadata: { uid }, status: statusPatch(resource.status, status) },
        { fieldManager, subresource: 'status' },
      );
      // What was written together is not refreshed together for ever.
      const spreadMs = (REFRESH_MS / 10) * fraction();
      written.set(nameOf(resource.metadata), { uid, significant, at: now().getTime() + spreadMs });
      return REFRESH_MS + spreadMs;
    } catch (error) {
      // The last change of a deletion is the finalizer; after it there is nothing left to report on.
      if (resource.metadata.deletionTimestamp === undefined || !isNotFound(error)) throw error;
    }
    return REFRESH_MS;
  }

  function reading(pod: Pod): unknown {
    return poller.state(uidOf(pod));
  }

  /** Of the node in a pod that is there; a reading from before it was lost sight of says nothing. */
  function vitalsOf(uid: string): Vitals | undefined {
    const state = poller.state(uid);
    return state === undefined ? undefined : recipe.vitalsOf?.(state);
  }

  function measuredAs(request: { namespace: string; name: string }): string {
    return `${recipe.name} ${nameOf(request)}`;
  }

  return {
    reconcile,
    look: (object) => lookAt(recipe, object, context, { live, known: reading }),
    reading,
    start: () => poller.start(),
    stop: () => poller.stop(),
  };
}

/** What must not be done by what nodes said a while ago. */
function dependsOnNodes({ verb, type }: Change): boolean {
  return verb === 'broadcast' || (verb === 'delete' && type === PODS);
}

/** A failure that stands in the status already. */
class ReportedError extends Error {
  constructor(cause: unknown) {
    super('reported', { cause });
  }
}

function nameOf({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return `${namespace}/${name}`;
}
