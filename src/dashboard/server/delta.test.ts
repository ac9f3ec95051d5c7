import { expect, test } from 'vitest';
import { compareViews, type Told, tellAll } from './delta.ts';
import { sampleView } from './sample-fleet.ts';

function counter(): () => number {
  let number = 0;
  return () => ++number;
}

function toldOf(...views: ReturnType<typeof sampleView>[]): Told {
  return compareViews(new Map(), views, counter()).told;
}

test('what is new is told in full, with a number of its own', () => {
  const view = sampleView('hub', [10]);
  const { told, delta } = compareViews(new Map(), [view], counter());
  expect(delta).toEqual({ add: { 1: view } });
  expect(tellAll(told)).toEqual({ add: { 1: view } });
});

test('of what is known only the members that changed are told, of nodes by their place', () => {
  const { delta } = compareViews(toldOf(sampleView('hub', [10, 10])), [sampleView('hub', [11, 10])], counter());
  expect(delta).toEqual({ set: { 1: { height: 11 } }, nodes: { 1: { 0: { height: 11 }, 1: { lag: 1 } } } });
});

test('a member that is gone is told as null', () => {
  const after = sampleView('hub', [10]);
  const nodes = after.nodes.map(({ height: _, ...node }) => node);
  const { delta } = compareViews(toldOf(sampleView('hub', [10])), [{ ...after, height: undefined, nodes }], counter());
  expect(delta).toEqual({ set: { 1: { height: null } }, nodes: { 1: { 0: { height: null } } } });
});

test('other nodes than before are told as a list', () => {
  const after = sampleView('hub', [10, 10]);
  const { delta } = compareViews(toldOf(sampleView('hub', [10])), [after], counter());
  expect(delta).toEqual({ set: { 1: { nodes: after.nodes } } });
});

test('what is gone is told by its number, and nothing where nothing changed', () => {
  const told = toldOf(sampleView('hub'), sampleView('net'));
  expect(compareViews(told, [sampleView('net')], counter()).delta).toEqual({ gone: [1] });
  expect(compareViews(told, [sampleView('hub'), sampleView('net')], counter())).toMatchObject({
    delta: {},
    isEmpty: true,
  });
});
