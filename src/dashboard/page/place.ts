/** Where in the page one is: in the address, so that a link leads there and the browser's buttons work. */
import { computed, signal } from '@preact/signals';
import { idOf, type ResourceId, type ResourceView } from '../wire.ts';
import { fleet } from './stream.ts';

export const TABS = ['overview', 'plan', 'events', 'conditions'] as const;
export type Tab = (typeof TABS)[number];

type Place = { id: string; tab: Tab } | undefined;

export const place = signal<Place>(readPlace());

/** The resource that is open; undefined where none is, or none of that name exists. */
export const opened = computed<ResourceView | undefined>(() => {
  const id = place.value?.id;
  return id === undefined ? undefined : [...fleet.value.resources.values()].find((view) => idOf(view) === id);
});

export function followAddress(): void {
  addEventListener('hashchange', () => {
    place.value = readPlace();
  });
}

export function close(): void {
  location.hash = '#/';
}

export function addressOf(resource: ResourceId, tab: Tab = 'overview'): string {
  return `#/${idOf(resource)}${tab === 'overview' ? '' : `?${tab}`}`;
}

function readPlace(): Place {
  const [id = '', tab] = decodeURIComponent(location.hash).replace(/^#\//, '').split('?');
  return id === '' ? undefined : { id, tab: TABS.find((known) => known === tab) ?? 'overview' };
}
