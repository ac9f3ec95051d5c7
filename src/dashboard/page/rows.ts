/** Which rows the list shows, and in which order. Pure. */
import type { Health, NodeView, ResourceView } from '../wire.ts';

export type NodeRow = { resource: ResourceView; number: number; node: NodeView };
export type ResourceRow = { resource: ResourceView; number: number };

export type Choice = {
  text: string;
  /** Empty: all. */
  health: ReadonlySet<Health>;
};

/** What a person should look at comes first. */
const URGENCY: Record<Health, number> = { bad: 0, busy: 1, good: 2, off: 3 };

export function chooseResources(resources: ReadonlyMap<number, ResourceView>, choice: Choice): ResourceRow[] {
  return [...resources]
    .map(([number, resource]) => ({ resource, number }))
    .filter(({ resource }) => isChosen(choice, worstOf(resource), wordsOfResource(resource)))
    .sort(
      (a, b) => URGENCY[worstOf(a.resource)] - URGENCY[worstOf(b.resource)] || compareNames(a.resource, b.resource),
    );
}

export const NODE_COLUMNS = ['state', 'name', 'resource', 'height', 'lag', 'peers', 'restarts'] as const;
export type NodeColumn = (typeof NODE_COLUMNS)[number];
export type Order = { column: NodeColumn; descending: boolean };

export function chooseNodes(resources: ReadonlyMap<number, ResourceView>, choice: Choice, order: Order): NodeRow[] {
  const compare = COMPARE[order.column];
  return [...resources]
    .flatMap(([number, resource]) => resource.nodes.map((node) => ({ resource, number, node })))
    .filter(({ resource, node }) =>
      isChosen(choice, node.health, () => `${wordsOfResource(resource)()} ${node.name} ${node.state} ${node.role}`),
    )
    .sort((a, b) => {
      const result = compare(a, b);
      return (order.descending ? -result : result) || compareNames(a.resource, b.resource) || compareNodeNames(a, b);
    });
}

const COMPARE: Record<NodeColumn, (a: NodeRow, b: NodeRow) => number> = {
  state: (a, b) => URGENCY[a.node.health] - URGENCY[b.node.health] || compareTexts(a.node.state, b.node.state),
  name: (a, b) => compareTexts(a.node.name, b.node.name),
  resource: (a, b) => compareNames(a.resource, b.resource),
  height: (a, b) => (a.node.height ?? -1) - (b.node.height ?? -1),
  lag: (a, b) => (a.node.lag ?? -1) - (b.node.lag ?? -1),
  peers: (a, b) => (a.node.peers ?? -1) - (b.node.peers ?? -1),
  restarts: (a, b) => (a.node.restarts ?? -1) - (b.node.restarts ?? -1),
};

/** A resource is as bad as the worst of itself and its nodes; one that is off is off. */
export function worstOf({ health, nodes }: ResourceView): Health {
  if (health === 'off') return 'off';
  const all = [health, ...nodes.map((node) => node.health)].filter((one) => one !== 'off');
  return all.sort((a, b) => URGENCY[a] - URGENCY[b])[0] ?? health;
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

function wordsOfResource({ kind, namespace, name, phase, chain = '' }: ResourceView): () => string {
  return () => `${kind} ${namespace}/${name} ${phase} ${chain}`;
}

function compareNames(a: ResourceView, b: ResourceView): number {
  return compareTexts(a.namespace, b.namespace) || compareTexts(a.name, b.name) || compareTexts(a.kind, b.kind);
}

function compareNodeNames(a: NodeRow, b: NodeRow): number {
  return compareTexts(a.node.name, b.node.name);
}

const collator = new Intl.Collator('en', { numeric: true });

function compareTexts(a: string, b: string): number {
  return collator.compare(a, b);
}
