/** Several resources, a line each. Pure. */
import { type Health, type NodeView, notableConditions, type ResourceView } from '../kinds/node-view.ts';
import type { Colour, Paint } from './colour.ts';
import { formatAge, formatTable } from './table.ts';

const COLOURS: Record<Health, Colour> = { good: 'green', busy: 'yellow', bad: 'red', off: 'dim' };

export function paintHealth(paint: Paint, health: Health, text: string): string {
  return paint(COLOURS[health], text);
}

export type SummaryOptions = { paint: Paint; now: Date; allNamespaces: boolean; wide: boolean };

export function formatSummary(views: readonly ResourceView[], options: SummaryOptions): string {
  const { paint, now, allNamespaces, wide } = options;
  const header = ['RESOURCE', 'PHASE', 'NODES', 'HEIGHT', 'LAG', 'AGE', ...(wide ? ['CHAIN', 'IMAGE'] : []), 'NOTE'];
  const rows = views.map((view) => {
    const cells = [
      `${view.kind.toLowerCase()}/${view.name}`,
      paintHealth(paint, view.health, view.phase),
      countNodes(view),
      showNumber(view.height),
      showNumber(largestLag(view.nodes)),
      formatAge(view.createdAt, now),
      ...(wide ? [view.chain ?? '-', imagesOf(view.nodes)] : []),
      wide ? noteOn(view) : shorten(noteOn(view)),
    ];
    return allNamespaces ? [view.namespace, ...cells] : cells;
  });
  return formatTable(allNamespaces ? ['NAMESPACE', ...header] : header, rows);
}

/** In sync, of all; `-` for what has no nodes. */
export function countNodes({ nodes }: Pick<ResourceView, 'nodes'>): string {
  if (nodes.length === 0) return '-';
  const wanted = nodes.filter(({ health }) => health !== 'off');
  return `${wanted.filter(({ health }) => health === 'good').length}/${wanted.length}`;
}

function largestLag(nodes: readonly NodeView[]): number | undefined {
  const lags = nodes.flatMap(({ lag }) => lag ?? []);
  return lags.length === 0 ? undefined : Math.max(...lags);
}

function imagesOf(nodes: readonly NodeView[]): string {
  const images = [...new Set(nodes.flatMap(({ image }) => image ?? []))];
  return images.length === 0 ? '-' : images.join(',');
}

/** The one thing that a person should know first. */
function noteOn(view: ResourceView): string {
  if (view.paused) return 'paused: nothing is changed';
  if (view.conditions.length === 0 && view.phase === 'Unknown')
    return 'no operator has reported on it; nodewright doctor tells why';
  const invalid = view.conditions.find(({ type, status }) => type === 'SpecValid' && status === 'False');
  if (invalid !== undefined) return `${invalid.reason}: ${invalid.message}`;
  if (view.rollout !== undefined) return `${view.rollout.reason}: ${view.rollout.words}`;
  const [condition] = notableConditions(view.conditions);
  if (condition !== undefined) return `${condition.reason}: ${condition.message}`;
  const ending = view.expiries.find(({ health }) => health !== 'good');
  if (ending !== undefined) return `${ending.what}${ending.at === undefined ? '' : ` ends ${ending.at}`}`;
  // What has no nodes is known by little else.
  return view.nodes.length > 0 ? '' : view.facts.map(({ label, value }) => `${label} ${value}`).join(', ');
}

/** In a table; the whole of it is in the detail view. */
const NOTE_LENGTH = 120;

function shorten(note: string): string {
  return note.length > NOTE_LENGTH ? `${note.slice(0, NOTE_LENGTH - 1)}…` : note;
}

export function showNumber(value: number | undefined): string {
  return value === undefined ? '-' : String(value);
}
