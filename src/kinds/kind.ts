/**
 * What a kind supplies to the operator, the command line and the tests. Everything chain-specific is behind this: the runtime, the
 * commands and the reconcile helpers know kinds only by it.
 */
import type { Logger } from 'pino';
import type { Kube } from '../kube/kube.ts';
import type { CustomResourceDefinition, KubeObject, Pod } from '../kube/objects.ts';
import type { Reader } from '../kube/reader.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { Change, Wait } from '../reconcile/change.ts';
import type { PodSecurity } from '../reconcile/pod-security.ts';
import type { Reason } from '../reconcile/reasons.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ResourceGauges } from '../runtime/resource-gauges.ts';
import type { WatchedType } from '../runtime/sources.ts';
import type { HoprSettings } from './hopr-settings.ts';
import type { NodeMetrics } from './node-metrics.ts';
import type { ResourceView, ViewSource } from './node-view.ts';

/** GET of a path on a port of a pod; the body, or a throw when there was no answer. */
export type PodGet = (pod: Pod, port: number, path: string, signal: AbortSignal) => Promise<string>;

export type KindOptions = {
  /** Where Leases that reserve validator keys live. */
  operatorNamespace: string;
  /** Image of what runs beside nodes: Nodewright's own. */
  agentImage: string;
  /** The only namespaces that the operator may look into; absent: all. */
  namespaces?: readonly string[];
  /** Of pods of adopted kinds. Default: Original. */
  podSecurity?: PodSecurity;
  /** How HOPR nodes are run; absent: they are left alone. */
  hopr?: HoprSettings;
};

export type PolicyRule = { apiGroups: string[]; resources: string[]; verbs: string[] };

/** A look at one resource in a cluster: what would be changed and why, and the status as it is at this moment. */
export type Look = {
  changes: Change[];
  waits: Wait[];
  problems: string[];
  status: object;
  /** The same for people, nodes included. */
  view: ResourceView;
};

/** What the operator hands to a kind's reconciler besides the request. */
export type ReconcilerContext = {
  kube: Kube;
  reader: Reader;
  podGet: PodGet;
  /** Asked before a transaction goes to a node; `kube` asks by itself. Default: always. */
  mayWrite?: () => boolean;
  options: KindOptions;
  events: {
    record(object: KubeObject, type: 'Normal' | 'Warning', reason: Reason, note: string, action?: string): void;
  };
  /** Runs the reconciler for a resource again, soon. */
  wake(request: { namespace: string; name: string }): void;
  now: () => Date;
  random: (size: number) => Uint8Array;
  /** For metrics about resources and their nodes that all kinds have. */
  nodeMetrics?: Omit<NodeMetrics, 'metrics'>;
  /** For metrics about single resources that only their kind has. */
  gauges?: Pick<ResourceGauges, 'report' | 'forget'>;
  /** Timers, where a simulation owns the time. Default: those of the system. */
  clock?: Clock;
};

export type KindReconciler = {
  reconcile(
    request: { namespace: string; name: string },
    context: { signal: AbortSignal; log: Logger },
  ): Promise<{ requeueAfterMs?: number } | undefined>;
  /** A look at a resource with what nodes have said lately; writes nothing. */
  look(object: KubeObject): Promise<Look>;
  /** What a pod's node last said; undefined where it was not asked. */
  reading(pod: Pod): unknown;
  start(): void;
  stop(): void;
};

export type Kind = {
  /** Name of the controller, in logs, metrics and as field manager `nodewright-<name>`. */
  name: string;
  type: ResourceType;
  /** Whether an operator with these options looks after it; absent: always. */
  isEnabled?(options: KindOptions): boolean;
  /** The children to watch, by the labels that they have. */
  children(options: KindOptions): readonly WatchedType[];
  /** The resources that a child without an owner concerns: what outlives its resource, and reservations. Pure. */
  ownersOf(child: KubeObject): { namespace: string; name: string }[];
  /** What the controller has to be allowed, beyond its own resource. */
  rules: readonly PolicyRule[];
  /** What it has to be allowed besides in the whole cluster, where the operator is installed with rights on volumes. */
  volumeRules?: readonly PolicyRule[];
  crd(): CustomResourceDefinition;
  /** What is wrong with an object as a user wrote it, unknown fields included; empty when nothing is. */
  check(object: KubeObject): string[];
  /** What is strange about an object that is right otherwise. */
  warn?(object: KubeObject): string[];
  /** The objects of a resource, with no cluster at all. Keys are made anew at each call. */
  render(object: KubeObject, options: KindOptions, now: Date, random: (size: number) => Uint8Array): KubeObject[];
  /** Looks at a resource as the operator would, and writes nothing. */
  look(
    object: KubeObject,
    context: Pick<ReconcilerContext, 'reader' | 'podGet' | 'options' | 'now' | 'random'> & {
      /** What nodes have said at earlier looks, by the uids of their pods: two answers tell whether a height moves. It is added to. */
      memory?: Map<string, unknown>;
    },
  ): Promise<Look>;
  /** A resource and its nodes for people, from what is known already: asks nobody and plans nothing. */
  view(object: KubeObject, source: ViewSource): Promise<ResourceView>;
  createReconciler(context: ReconcilerContext): KindReconciler;
};
