import { expect, test } from 'vitest';
import { sampleView } from '../server/sample-fleet.ts';
import type { ResourceView } from '../wire.ts';
import { type Choice, chooseNodes, chooseResources, worstOf } from './rows.ts';

const ALL: Choice = { text: '', health: new Set() };

function numbered(...views: ResourceView[]): Map<number, ResourceView> {
  return new Map(views.map((view, index) => [index, view]));
}

const good = (view: ResourceView): ResourceView => ({ ...view, health: 'good' });
const fleet = numbered(
  good(sampleView('hub-10', [5, 9])),
  good(sampleView('hub-2', [7])),
  { ...sampleView('net', [1]), health: 'bad' },
  { ...sampleView('away', [1]), health: 'off' },
);

const namesOf = (choice: Partial<Choice>) =>
  chooseResources(fleet, { ...ALL, ...choice }).map(({ resource }) => resource.name);

test('what needs a person comes first, the rest by name, and what is off last', () => {
  expect(namesOf({})).toEqual(['net', 'hub-2', 'hub-10', 'away']);
});

test('by words, all of which must be found, and by how things stand', () => {
  expect(namesOf({ text: 'HUB chains' })).toEqual(['hub-2', 'hub-10']);
  expect(namesOf({ text: 'hub elsewhere' })).toEqual([]);
  expect(namesOf({ health: new Set(['bad', 'off']) })).toEqual(['net', 'away']);
});

test('nodes in the order of a column', () => {
  const heights = (descending: boolean) =>
    chooseNodes(fleet, ALL, { column: 'height', descending }).map(({ node }) => node.height);
  expect(heights(false)).toEqual([1, 1, 5, 7, 9]);
  expect(heights(true)).toEqual([9, 7, 5, 1, 1]);
});

test('a resource is as bad as the worst of its nodes, unless it is off', () => {
  const view = good(sampleView('hub', [1, 2]));
  const nodes = view.nodes.map((node, index) => ({ ...node, health: index === 1 ? ('bad' as const) : node.health }));
  expect(worstOf({ ...view, nodes })).toBe('bad');
  expect(worstOf({ ...view, nodes, health: 'off' })).toBe('off');
});
