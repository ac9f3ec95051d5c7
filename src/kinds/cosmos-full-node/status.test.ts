import { expect, test } from 'vitest';
import { atHeight, CATCHING_UP, run, settledFullNode, statusOf } from './settled-full-node.ts';
import { significantPart } from './status.ts';

test('how many are in sync, and how high the chain is', () => {
  const settled = settledFullNode({ replicas: 3 });
  run(settled, 'hub-1', CATCHING_UP);
  run(settled, 'hub-2', atHeight(120));
  expect(statusOf(settled)).toMatchObject({ inSync: '2/3', latestHeight: 120 });
});

test('a height that is not known any more stays', () => {
  const settled = settledFullNode({ replicas: 1 });
  settled.fullNode.status = { observedGeneration: 1, phase: 'Complete', latestHeight: 100 };
  run(settled, 'hub-0', { answer: undefined, error: 'connect ECONNREFUSED' });
  expect(statusOf(settled)).toMatchObject({ inSync: '0/1', latestHeight: 100 });
});

test('a new height is not written at once, a node that is in sync is', () => {
  const settled = settledFullNode({ replicas: 1 });
  const before = significantPart(statusOf(settled));
  run(settled, 'hub-0', atHeight(101));
  expect(significantPart(statusOf(settled))).toEqual(before);
  run(settled, 'hub-0', CATCHING_UP);
  expect(significantPart(statusOf(settled))).not.toEqual(before);
});
