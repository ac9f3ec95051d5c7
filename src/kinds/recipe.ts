/**
 * The one path, the same for every kind: observe, plan, act, report. A kind supplies the parts as a {@link Recipe}; from them are made
 * the reconciler that the operator runs (pass.ts) and the look that `plan` and `status` take (look.ts).
 */
import type { Condition, KubeObject, Pod } from '../kube/objects.ts';
import type { Reader } from '../kube/reader.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { Outcome } from '../reconcile/act.ts';
import type { Change, Wait } from '../reconcile/change.ts';
import type { Residues } from '../reconcile/diff.ts';
import type { Measurement } from '../runtime/resource-gauges.ts';
import type { KindOptions, PodGet, ReconcilerContext } from './kind.ts';
import type { ResourceReport, Vitals } from './node-report.ts';
import type { ResourceView, ViewSource } from './node-view.ts';
import type { Problem } from './problem.ts';

export type PlanContext = {
  now: Date;
  random: (size: number) => Uint8Array;
  options: KindOptions;
  residues: Residues;
};

/** What every plan says; a kind's own says more, for its status. */
export type PlanOfAnyKind = { changes: Change[]; waits: Wait[]; problems: Pick<Problem, 'reason' | 'message'>[] };

export type StatusOfAnyKind = { conditions?: Condition[] | undefined };

/** A node to be asked how it is. `ask` throws when there was no answer. */
export type Node<State, Answer> = {
  pod: Pod;
  /** Its process was started: an operator that has just started asks it before it judges. */
  hasStarted: boolean;
  /** @param last what is known of the node so far, for what need not be asked each time */
  ask(podGet: PodGet, signal: AbortSignal, last?: State): Promise<Answer>;
  /** Pure. `now` in milliseconds since 1970. */
  fold(previous: State | undefined, answer: Answer | Error, now: number): State;
};

export type Recipe<
  Resource extends KubeObject,
  Observed extends object,
  Plan extends PlanOfAnyKind,
  Status extends StatusOfAnyKind,
  /** Left out by a kind without nodes. */
  State = never,
  Answer = never,
> = {
  /** As in Kind. */
  name: string;
  type: ResourceType;
  /** Field managers of the operator that this kind stands in for. */
  predecessors?: readonly string[];
  /** The resource as it can be worked with, or why it cannot be worked with at all. */
  makeUsable(resource: Resource): Resource | string[];
  /** `status.phase` of what cannot be worked with. */
  failedPhase?: string;
  /** In its place, where a phase tells how far things have come, or where an older CRD requires more. Pure. */
  failedStatus?(resource: Resource, message: string, now: Date): object;
  /** The options of the operator that looks after a resource, where its status tells them; for who only looks. */
  optionsOfItsOperator?(resource: Resource, options: KindOptions): KindOptions;
  /** Gives the function that says why nothing must be written for a resource: somebody else looks after it. */
  createGuard(
    context: Pick<ReconcilerContext, 'reader' | 'options' | 'now'>,
  ): (resource: Resource) => Promise<string | undefined>;
  /**
   * Everything that is decided upon, but for `readings`, which may be empty.
   * @param live reads from the API server itself: for what must not be decided by a cache that lags behind
   */
  observe(resource: Resource, reader: Reader, options: KindOptions, live: Reader): Promise<Observed>;
  /** Whom to ask; what they say comes to the plan as `readings`. */
  nodes?(resource: Resource, observed: Observed): Node<State, Answer>[];
  /** What of a state matters; a change of this text wakes the reconciler. */
  significanceOf?(state: State): string;
  /** Pure. */
  plan(resource: Resource, observed: Observed, context: PlanContext): Plan;
  /** Pure. Top-level members that are not in it belong to other writers. */
  buildStatus(
    resource: Resource,
    input: { plan: Plan; failure: string | undefined; now: Date; options: KindOptions },
  ): Status;
  /** The resource and its nodes for people, from what is known already. */
  view(resource: Resource, source: ViewSource<State>): Promise<ResourceView>;
  /** The part of a status whose change is written at once; the rest waits for the next refresh. */
  significantPart(status: Status | undefined): unknown;
  /** When the status was last written, RFC 3339, as the status itself says. */
  refreshedAt(status: Status): string | undefined;
  /**
   * Of a kind whose resources all write one object: milliseconds until a race that was lost is run again, on average. Absent: longer and longer,
   * by which the last of many would wait the longest.
   */
  retryRaceMs?: number;
  /** Of a kind whose status is no subresource. */
  wholeStatus?: WholeStatus<Resource, Status>;
  /** What the operator's metrics say of the resource and its nodes. Pure. */
  describe?(resource: Resource, plan: Plan, observed: Observed): ResourceReport;
  /** What of a node's state they say, asked at each scrape. Pure. */
  vitalsOf?(state: State): Vitals;
  /** Numbers that only this kind has, for the operator's metrics. Pure. */
  measure?(resource: Resource, plan: Plan): Measurement[];
  reportEvents(
    events: ReconcilerContext['events'],
    resource: Resource,
    plan: Plan,
    outcome: Outcome,
    status: Status,
  ): void;
  /** When to look again although nothing has called, milliseconds; undefined: at the next refresh of the status. */
  lookAgainMs(plan: Plan): number | undefined;
  /** Sends a transaction to a node; needed by kinds that plan broadcasts. */
  broadcast?(pod: Pod, transaction: string, podGet: PodGet, signal: AbortSignal): Promise<void>;
};

/** How a status is written that is no subresource: every write of it is a write of the resource, and counts as a generation. Pure. */
type WholeStatus<Resource, Status> = {
  /** The merge patch that writes it, and fails where somebody has written the resource since; undefined while there is nothing new to say. */
  patch(resource: Resource, status: Status, now: Date, refreshMs: number): object | undefined;
  /** Of a resource that cannot be worked with, complete enough for the API server. */
  failed(resource: Resource, conditions: Condition[], now: Date): Status;
};

/** A healthy resource's status is written no more often than this. */
export const REFRESH_MS = 60_000;

/** Any recipe: what its parts hand to each other is known to it alone. */
// biome-ignore lint/suspicious/noExplicitAny: the types of the parts are checked where the recipe is written
export type AnyRecipe = Recipe<any, any, any, any, any, any>;
