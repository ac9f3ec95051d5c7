import { expect, test } from 'vitest';
import { sampleView } from '../server/sample-fleet.ts';
import { createHistory } from './height-history.ts';

const hub = (...heights: number[]) => sampleView('hub', heights);

test('heights by node, with holes where there were none', () => {
  const history = createHistory();
  history.record(1000, [hub(1)]);
  history.record(3000, [hub(2, 7)]);
  history.record(5000, []);
  expect(history.heights(hub(), ['hub-0', 'hub-1', 'other'])).toEqual({
    times: [1, 3, 5],
    heights: [
      [1, 2, null],
      [null, 7, null],
      [null, null, null],
    ],
  });
});

test('it does not grow for ever, and forgets who is gone', () => {
  const history = createHistory(10);
  for (let time = 0; time < 40; time++) history.record(time * 1000, [time < 10 ? hub(time, time) : hub(time)]);
  const { times, heights } = history.heights(hub(), ['hub-0', 'hub-1']);
  expect(times).toEqual(heights[0]);
  expect(times).toHaveLength(10);
  expect(heights[1]?.every((height) => height === null)).toBe(true);
});

test('the pace of blocks, once it can be told', () => {
  const history = createHistory();
  for (let time = 0; time <= 8; time += 2) history.record(time * 1000, [hub(time * 2)]);
  expect(history.secondsPerBlock(hub())).toBeUndefined();
  for (let time = 10; time <= 90; time += 2) history.record(time * 1000, [hub(time * 2)]);
  expect(history.secondsPerBlock(hub())).toBeCloseTo(0.5);
  expect(history.secondsPerBlock(sampleView('other'))).toBeUndefined();
});
