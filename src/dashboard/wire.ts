/** What goes between the dashboard's server and its page, as JSON. Members that are undefined are left out; `null` in a delta takes one away. */
import type { NodeView, ResourceView } from '../kinds/node-view.ts';

export type { Health, NodeView, ResourceView } from '../kinds/node-view.ts';

/** About the process that serves the page. */
export type OperatorView = {
  version: string;
  /** Only who leads asks nodes; from others come the words of the status, which are up to a minute old. */
  leads: boolean;
  /** Pod, or machine, that leads as far as is known. */
  leader?: string | undefined;
  /** What is not listed yet, in words. */
  missing: readonly string[];
  /** Milliseconds between two deltas. */
  everyMs: number;
};

/** Members that have changed. */
export type Changed<T> = { [Key in keyof T]?: T[Key] | null };

/**
 * What has changed since the last one; the first says everything. Resources go by numbers that the stream gave them, nodes by their place in
 * the list of their resource.
 */
export type Delta = {
  /** Milliseconds since 1970, by the server's clock. */
  at: number;
  operator?: OperatorView | undefined;
  add?: Record<number, ResourceView> | undefined;
  set?: Record<number, Changed<ResourceView>> | undefined;
  nodes?: Record<number, Record<number, Changed<NodeView>>> | undefined;
  gone?: number[] | undefined;
};

type PlannedChange = { verb: string; kind: string; name: string; why: string; disrupts: boolean };

/** The diff of `nodewright plan`. */
export type PlanView = {
  changes: PlannedChange[];
  waits: { what: string; why: string }[];
  problems: string[];
};

export type EventView = {
  /** RFC 3339. */
  at: string;
  type: string;
  reason: string;
  note: string;
  /** Such as `Pod demo-validator-0`. */
  about: string;
  count: number;
};

/** Which resource is meant. */
export type ResourceId = Pick<ResourceView, 'apiVersion' | 'kind' | 'namespace' | 'name'>;

export function idOf({ apiVersion, kind, namespace, name }: ResourceId): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}
