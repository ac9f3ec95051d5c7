import { expect, test } from 'vitest';
import { compareViews, tellAll } from '../server/delta.ts';
import { sampleView } from '../server/sample-fleet.ts';
import type { ResourceView } from '../wire.ts';
import { applyDelta, NOTHING } from './fleet-state.ts';

/** As JSON has it. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));

test('the page knows what the server saw, whatever happened in between', () => {
  const steps: ResourceView[][] = [
    [sampleView('hub', [10, 10])],
    [sampleView('hub', [11, 10]), sampleView('net')],
    [sampleView('hub', [11, 12], 'Degraded'), sampleView('net', [1])],
    [{ ...sampleView('hub', [11]), height: undefined, rollout: { moving: true, reason: 'Restarting', words: 'why' } }],
    [sampleView('hub', [12])],
    [],
  ];
  let numbers = 0;
  let told = compareViews(new Map(), [], () => ++numbers).told;
  let state = applyDelta(NOTHING, { at: 0, ...tellAll(told) });
  for (const [at, views] of steps.entries()) {
    const difference = compareViews(told, views, () => ++numbers);
    told = difference.told;
    state = applyDelta(state, plain({ at, ...difference.delta }));
    expect([...state.resources.values()]).toEqual(plain(views));
    expect(state.at).toBe(at);
  }
});

test('what did not change stays the same object', () => {
  const before = applyDelta(NOTHING, { at: 0, add: { 1: sampleView('hub', [1, 1]), 2: sampleView('net', [1]) } });
  const after = applyDelta(before, { at: 1, nodes: { 1: { 0: { height: 2 } } } });
  expect(after.resources.get(2)).toBe(before.resources.get(2));
  expect(after.resources.get(1)?.nodes[1]).toBe(before.resources.get(1)?.nodes[1]);
  expect(after.resources.get(1)?.nodes[0]?.height).toBe(2);
});
