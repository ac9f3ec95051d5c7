/** Which rows the list shows, and in which order. Pure. */
import type { Health, NodeView, ResourceView } from '../wire.ts';

export type NodeRow = { resource: ResourceView; node: NodeView };
export type ResourceRow = { resource: ResourceView; health: Health };

export type Choice = {
  text: string;
  /** Empty: all. */
  health: ReadonlySet<Health>;
};

/** What a person should look at comes first. */
const URGENCY: Record<Health, number> = { bad: 0, busy: 1, good: 2, off: 3 };

export function chooseResources(resources: ReadonlyMap<number, ResourceView>, choice: Choice): ResourceRow[] {
  return [...resources.values()]
    .map((resource) => ({ resource, health: worstOf(resource) }))
    .filter(({ resource, health }) => isChosen(choice, health, () => wordsOfResource(resource)))
    .sort((a, b) => URGENCY[a.health] - URGENCY[b.health] || compareNames(a.resource, b.resource));
}

export const NODE_COLUMNS = ['state', 'name', 'resource', 'height', 'lag', 'peers', 'restarts'] as const;
export type NodeColumn = (typeof NODE_COLUMNS)[number];
export type Order = { column: NodeColumn; descending: boolean };

export function chooseNodes(resources: ReadonlyMap<number, ResourceView>, choice: Choice, order: Order): NodeRow[] {
  const compare = COMPARE[order.column];
  return [...resources.values()]
    .flatMap((resource) => resource.nodes.map((node) => ({ resource, node })))
    .filter(({ resource, node }) =>
      isChosen(choice, node.health, () => `${wordsOfResource(resource)} ${node.name} ${node.state} ${node.role}`),
    )
    .sort((a, b) => {
      const result = compare(a, b);
      return (order.descending ? -result : result) || COMPARE.resource(a, b) || COMPARE.name(a, b);
    });
}

const COMPARE: Record<NodeColumn, (a: NodeRow, b: NodeRow) => number> = {
  state: (a, b) => URGENCY[a.node.health] - URGENCY[b.node.health] || compareTexts(a.node.state, b.node.state),
  name: (a, b) => compareTexts(a.node.name, b.node.name),
  resource: (a, b) => compareNames(a.resource, b.resource),
  height: byNumber('height'),
  lag: byNumber('lag'),
  peers: byNumber('peers'),
  restarts: byNumber('restarts'),
};

/** What is not known comes before the least. */
function byNumber(column: 'height' | 'lag' | 'peers' | 'restarts') {
  return (a: NodeRow, b: NodeRow) => (a.node[column] ?? -1) - (b.node[column] ?? -1);
}

/** A resource is as bad as the worst of itself and its nodes; one that is off is off. */
export function worstOf({ health, nodes }: ResourceView): Health {
  if (health === 'off') return 'off';
  return nodes.reduce<Health>((worst, node) => (URGENCY[node.health] < URGENCY[worst] ? node.health : worst), health);
}

type Tally = Record<Health, number>;

export function countHealth(healths: Iterable<Health>): Tally {
  const tally: Tally = { good: 0, busy: 0, bad: 0, off: 0 };
  for (const health of healths) tally[health]++;
  return tally;
}

function isChosen(choice: Choice, health: Health, words: () => string): boolean {
  if (choice.health.size > 0 && !choice.health.has(health)) return false;
  if (choice.text === '') return true;
  const text = words().toLowerCase();
  return choice.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function wordsOfResource({ kind, namespace, name, phase, chain = '' }: ResourceView): string {
  return `${kind} ${namespace}/${name} ${phase} ${chain}`;
}

function compareNames(a: ResourceView, b: ResourceView): number {
  return compareTexts(a.namespace, b.namespace) || compareTexts(a.name, b.name) || compareTexts(a.kind, b.kind);
}

const collator = new Intl.Collator('en', { numeric: true });

function compareTexts(a: string, b: string): number {
  return collator.compare(a, b);
}
