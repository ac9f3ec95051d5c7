/** One resource, with all that is known of it. Pure. */
import { type NodeView, notableConditions, type ResourceView } from '../kinds/node-view.ts';
import type { Paint } from './colour.ts';
import type { RecentEvent } from './recent-events.ts';
import { countNodes, paintHealth, showNumber } from './status-summary.ts';
import { formatAge, formatTable } from './table.ts';

export function formatDetail(view: ResourceView, events: readonly RecentEvent[], paint: Paint, now: Date): string {
  const sections: [string, string][] = [
    ['Conditions', formatConditions(view, paint, now)],
    ['Nodes', formatNodes(view, paint, now)],
    ['Snapshots', formatSnapshots(view, paint, now)],
    ['Expiries', formatExpiries(view, paint, now)],
    ['Events', formatEvents(events, paint, now)],
  ];
  const shown = sections.filter(([, text]) => text !== '');
  return `${formatHead(view, paint, now)}${shown.map(([title, text]) => `\n${paint('bold', title)}\n${text}`).join('')}`;
}

function formatHead(view: ResourceView, paint: Paint, now: Date): string {
  const { kind, namespace, name, phase, health, rollout } = view;
  const title = `${paint('bold', `${kind} ${namespace}/${name}`)}: ${paintHealth(paint, health, phase)}`;
  const facts: [string, string][] = [
    ...(view.chain === undefined ? [] : [['chain', view.chain] as [string, string]]),
    ...(view.height === undefined ? [] : [['height', String(view.height)] as [string, string]]),
    ...(view.nodes.length === 0 ? [] : [['nodes in sync', countNodes(view)] as [string, string]]),
    ...view.facts.map(({ label, value }): [string, string] => [label, value]),
    ['age', formatAge(view.createdAt, now)],
    ...(view.paused ? [['paused', 'nothing is changed'] as [string, string]] : []),
    ...(rollout === undefined
      ? []
      : [[rollout.moving ? 'rollout' : 'waits', `${rollout.reason}: ${rollout.words}`] as [string, string]]),
  ];
  const width = Math.max(...facts.map(([label]) => label.length));
  return `${title}\n${facts.map(([label, value]) => `  ${paint('dim', `${label}:`.padEnd(width + 1))} ${value}\n`).join('')}`;
}

function formatConditions({ conditions }: ResourceView, paint: Paint, now: Date): string {
  if (conditions.length === 0) return '';
  const notable = new Set(notableConditions(conditions));
  return table(
    ['TYPE', 'STATUS', 'REASON', 'SINCE', 'MESSAGE'],
    conditions.map((condition) => {
      const { type, status, reason, lastTransitionTime, message } = condition;
      const shown = notable.has(condition) ? paint('yellow', status) : status;
      return [type, shown, reason, formatAge(lastTransitionTime, now), message];
    }),
  );
}

/** Columns that say something of some node. */
function formatNodes({ nodes }: ResourceView, paint: Paint, now: Date): string {
  if (nodes.length === 0) return '';
  const columns: [string, (node: NodeView) => string | undefined][] = [
    ['NAME', ({ name }) => name],
    ['ROLE', ({ role }) => role],
    ['STATE', ({ state, health }) => paintHealth(paint, health, state)],
    ['HEIGHT', ({ height }) => height?.toString()],
    ['LAG', ({ lag }) => lag?.toString()],
    ['PEERS', ({ peers }) => peers?.toString()],
    ['POWER', ({ power }) => power?.toString()],
    ['DISK', ({ diskUsed }) => (diskUsed === undefined ? undefined : `${Math.round(diskUsed)}%`)],
    ['RESTARTS', ({ restarts }) => (restarts === undefined ? undefined : showNumber(restarts))],
    ['UP', ({ startedAt }) => (startedAt === undefined ? undefined : formatAge(startedAt, now))],
    ['IMAGE', ({ image }) => image && shortImage(image)],
    ['VERSION', ({ version }) => version],
  ];
  const used = columns.filter(([, cell]) => nodes.some((node) => cell(node) !== undefined));
  const rows = nodes.map((node) => [...used.map(([, cell]) => cell(node) ?? '-'), describeNode(node)]);
  const isSaid = rows.some((row) => row.at(-1) !== '');
  return table([...used.map(([title]) => title), isSaid ? 'WHY' : ''], rows);
}

function describeNode({ words, updatePending }: NodeView): string {
  const pending = updatePending === undefined ? undefined : `next restart brings ${updatePending}`;
  return [words, pending].filter((part) => part !== undefined).join('; ');
}

/** Without the registry, and a digest shortened as Docker shows it. */
function shortImage(image: string): string {
  const [path = '', digest] = image.split('@sha256:');
  const name = path
    .split('/')
    .slice(-2)
    .join('/')
    .replace(/^[^/]*[.:][^/]*\//, '');
  return digest === undefined ? name : `${name}@${digest.slice(0, 12)}`;
}

function formatSnapshots({ snapshots }: ResourceView, paint: Paint, now: Date): string {
  if (snapshots.length === 0) return '';
  return table(
    ['NAME', 'STATE', 'AGE', 'SIZE', 'VERIFIED', ''],
    snapshots.map(({ name, state, at, size, verified, words = '' }) => [
      name,
      state === 'Failed' ? paint('red', state) : state,
      formatAge(at, now),
      size ?? '-',
      verified === undefined ? '-' : verified ? paint('green', 'good') : paint('red', 'bad'),
      words,
    ]),
  );
}

function formatExpiries({ expiries }: ResourceView, paint: Paint, now: Date): string {
  if (expiries.length === 0) return '';
  return table(
    ['WHAT', 'ENDS', 'IN', ''],
    expiries.map(({ what, at, words = '', health }) => {
      const isOver = at !== undefined && Date.parse(at) < now.getTime();
      const left = at === undefined ? '-' : isOver ? 'over' : formatAge(at, now);
      return [what, at ?? '-', health === 'good' ? left : paintHealth(paint, health, left), words];
    }),
  );
}

function formatEvents(events: readonly RecentEvent[], paint: Paint, now: Date): string {
  if (events.length === 0) return '';
  return table(
    ['AGE', 'TYPE', 'REASON', 'NOTE'],
    events.map(({ at, type, reason, about, note, count }) => [
      formatAge(at, now),
      type === 'Warning' ? paint('yellow', type) : type,
      reason,
      `${about === undefined ? '' : `${about}: `}${note}${count > 1 ? ` (x${count})` : ''}`,
    ]),
  );
}

function table(header: string[], rows: string[][]): string {
  return formatTable(header, rows).replace(/^(?=.)/gm, '  ');
}
