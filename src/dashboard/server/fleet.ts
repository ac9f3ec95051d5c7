/**
 * What the dashboard shows, from what the operator holds already: its caches and what nodes have said to its pollers. Nothing is kept here,
 * and nothing is read from the API server but events, when a person asks for them.
 */
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Kind, KindOptions, KindReconciler } from '../../kinds/kind.ts';
import type { ResourceView } from '../../kinds/node-view.ts';
import { isForbidden } from '../../kube/api-error.ts';
import type { Kube } from '../../kube/kube.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { Reader } from '../../kube/reader.ts';
import { apiVersionOf, EVENTS } from '../../kube/resource-types.ts';
import { describeVerb } from '../../reconcile/change.ts';
import type { EventView, OperatorView, PlanView, ResourceId } from '../wire.ts';

export type Fleet = {
  operator(): Omit<OperatorView, 'everyMs'>;
  /** All resources of all kinds, in a stable order. */
  views(): Promise<ResourceView[]>;
  /** Undefined for a resource that does not exist. */
  plan(id: ResourceId): Promise<PlanView | undefined>;
  /** The newest first; undefined for a resource that does not exist. */
  events(id: ResourceId): Promise<EventView[] | undefined>;
};

export type FleetSource = {
  kinds: readonly { kind: Kind; reconciler: Pick<KindReconciler, 'look' | 'reading'> }[];
  /** Knows what is cached, and asks nobody else. */
  cached: Reader;
  kube: Pick<Kube, 'list'>;
  options: KindOptions;
  operator: Fleet['operator'];
  now(): Date;
};

/** So many views are made before others have a turn: a fleet takes tens of milliseconds. */
const AT_ONCE = 20;
const MAX_EVENTS = 100;
/** Besides the resource, events of so many of its pods. */
const MAX_PODS = 8;

export function operatorFleet({ kinds, cached, kube, options, operator, now }: FleetSource): Fleet {
  function viewOf({ kind, reconciler }: FleetSource['kinds'][number], object: KubeObject): Promise<ResourceView> {
    return kind.view(object, { reader: cached, reading: reconciler.reading, options, now: now() });
  }

  async function find(id: ResourceId) {
    const part = kinds.find(({ kind: { type } }) => type.kind === id.kind && apiVersionOf(type) === id.apiVersion);
    const object = part && (await cached.get<KubeObject>(part.kind.type, id));
    return part === undefined || object === undefined ? undefined : { ...part, object };
  }

  return {
    operator,
    async views() {
      const views: ResourceView[] = [];
      for (const part of kinds) {
        for (const object of await cached.list<KubeObject>(part.kind.type, {})) {
          if (views.length % AT_ONCE === AT_ONCE - 1) await yieldToOthers();
          views.push(await viewOf(part, object));
        }
      }
      return views;
    },
    async plan(id) {
      const found = await find(id);
      if (found === undefined) return undefined;
      const { changes, waits, problems } = await found.reconciler.look(found.object);
      return {
        changes: changes.map((change) => ({
          ...{ verb: describeVerb(change), kind: change.type.kind, name: change.key.name, why: change.why },
          disrupts: change.verb === 'delete' && change.disrupts,
        })),
        waits: waits.map(({ what, why }) => ({ what, why })),
        problems,
      };
    },
    async events(id) {
      const found = await find(id);
      if (found === undefined) return undefined;
      const { nodes } = await viewOf(found, found.object);
      const worstFirst = [...nodes].sort((a, b) => Number(a.health === 'good') - Number(b.health === 'good'));
      const pods = worstFirst.flatMap(({ pod }) => pod ?? []).slice(0, MAX_PODS);
      const about = [{ kind: id.kind, name: id.name }, ...pods.map((name) => ({ kind: 'Pod', name }))];
      const lists = await Promise.all(about.map((one) => listEvents(kube, id.namespace, one)));
      return lists
        .flat()
        .sort((a, b) => (a.at < b.at ? 1 : -1))
        .slice(0, MAX_EVENTS);
    },
  };
}

type KubeEvent = KubeObject & {
  type?: string;
  reason?: string;
  note?: string;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string } | null;
  deprecatedLastTimestamp?: string | null;
  deprecatedCount?: number;
  regarding?: { kind?: string; name?: string };
};

async function listEvents(
  kube: FleetSource['kube'],
  namespace: string,
  { kind, name }: { kind: string; name: string },
): Promise<EventView[]> {
  try {
    const events = await kube.list<KubeEvent>(EVENTS, {
      namespace,
      fieldSelector: `regarding.kind=${kind},regarding.name=${name}`,
    });
    return events.map(viewEvent);
  } catch (error) {
    if (isForbidden(error)) throw new Error(`the operator may not list events in namespace ${namespace}`);
    throw error;
  }
}

/** Older components write the members that are called deprecated here. */
function viewEvent({ metadata, series, regarding, ...event }: KubeEvent): EventView {
  const at = series?.lastObservedTime ?? event.deprecatedLastTimestamp ?? event.eventTime ?? metadata.creationTimestamp;
  return {
    at: at ?? '',
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    note: event.note ?? '',
    about: `${regarding?.kind ?? ''} ${regarding?.name ?? ''}`,
    count: series?.count ?? event.deprecatedCount ?? 1,
  };
}
