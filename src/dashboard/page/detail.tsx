/** One resource: what is going on, its nodes, and on request what would be changed and what has happened. */
import { useEffect, useRef } from 'preact/hooks';
import type { ResourceView } from '../wire.ts';
import { Answered } from './answered.tsx';
import { Conditions } from './conditions.tsx';
import { EventList } from './event-list.tsx';
import { HealthMark } from './health-mark.tsx';
import { Overview } from './overview.tsx';
import { addressOf, close, opened, place, TABS, type Tab } from './place.ts';
import { PlanList } from './plan-list.tsx';
import { worstOf } from './rows.ts';
import { fleet } from './stream.ts';
import { spell } from './words.ts';

const TITLES: Record<Tab, string> = { overview: 'Overview', plan: 'Plan', events: 'Events', conditions: 'Conditions' };

export function Detail() {
  const heading = useRef<HTMLHeadingElement>(null);
  const resource = opened.value;
  const { id, tab = 'overview' } = place.value ?? {};

  useEffect(() => {
    if (id !== undefined) heading.current?.focus();
  }, [id]);

  if (id === undefined || (resource === undefined && fleet.value.at === undefined)) return null;
  return (
    <aside class="detail" aria-labelledby="detail-title">
      <header class="detail-head">
        {resource === undefined ? null : <HealthMark health={worstOf(resource)} />}
        <div class="title">
          <h2 id="detail-title" ref={heading} tabIndex={-1}>
            {resource?.name ?? 'Gone'}
          </h2>
          <small>
            {resource === undefined ? id : `${resource.kind} · ${resource.namespace} · ${spell(resource.phase)}`}
          </small>
        </div>
        <button type="button" class="icon" onClick={close} aria-label="Close" title="Close (Esc)">
          ✕
        </button>
      </header>
      {resource === undefined ? (
        <p class="empty">There is no such resource any more.</p>
      ) : (
        <Tabs resource={resource} tab={tab} />
      )}
    </aside>
  );
}

function Tabs({ resource, tab }: { resource: ResourceView; tab: Tab }) {
  return (
    <>
      <nav class="tabs" aria-label="About this resource">
        {TABS.map((one) => (
          <a key={one} href={addressOf(resource, one)} aria-current={one === tab ? 'page' : undefined}>
            {TITLES[one]}
          </a>
        ))}
      </nav>
      <div class="detail-body">{renderTab(resource, tab)}</div>
    </>
  );
}

function renderTab(resource: ResourceView, tab: Tab) {
  switch (tab) {
    case 'plan':
      return <Answered key="plan" resource={resource} path="plan" render={(plan) => <PlanList plan={plan} />} />;
    case 'events':
      return (
        <Answered key="events" resource={resource} path="events" render={(events) => <EventList events={events} />} />
      );
    case 'conditions':
      return <Conditions conditions={resource.conditions} />;
    default:
      return <Overview resource={resource} />;
  }
}
