/** What has happened lately to a resource and to those of its pods that are not well. */
import type { ResourceView } from '../kinds/node-view.ts';
import { isForbidden } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';

export type RecentEvent = {
  /** RFC 3339. */
  at: string;
  type: string;
  reason: string;
  /** `Pod full-0`; absent for the resource itself. */
  about?: string;
  note: string;
  count: number;
};

/** The older API: only it can be asked for the events of one object. */
const EVENTS = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };
const EVENTS_SHOWN = 10;
const PODS_ASKED = 5;

type Event = KubeObject & {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject: { kind?: string; name?: string };
  count?: number;
  series?: { count?: number; lastObservedTime?: string };
  eventTime?: string | null;
  lastTimestamp?: string | null;
};

/** The latest last; empty where events may not be read. */
export async function findRecentEvents(
  kube: Kube,
  { kind, name, namespace, nodes }: ResourceView,
): Promise<RecentEvent[]> {
  const pods = nodes.flatMap(({ pod, health }) => (pod === undefined || health === 'good' ? [] : [pod]));
  const about = [{ kind, name }, ...pods.slice(0, PODS_ASKED).map((pod) => ({ kind: 'Pod', name: pod }))];
  try {
    const lists = await Promise.all(
      about.map((object) =>
        kube.list<Event>(EVENTS, {
          namespace,
          fieldSelector: `involvedObject.kind=${object.kind},involvedObject.name=${object.name}`,
        }),
      ),
    );
    return lists
      .flat()
      .map((event) => toRecent(event, kind))
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .slice(-EVENTS_SHOWN);
  } catch (error) {
    if (isForbidden(error)) return [];
    throw error;
  }
}

function toRecent(event: Event, kind: string): RecentEvent {
  const { involvedObject, metadata, series, count, eventTime, lastTimestamp } = event;
  const at = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
  return {
    ...{ at, type: event.type ?? 'Normal', reason: event.reason ?? '', count: series?.count ?? count ?? 1 },
    ...(involvedObject.kind === kind ? {} : { about: `${involvedObject.kind} ${involvedObject.name}` }),
    note: (event.message ?? '').trim().replace(/\s*\n\s*/g, ' '),
  };
}
