import { expect, test, vi } from 'vitest';
import { manualClock } from '../../runtime/manual-clock.ts';
import { createFeed } from './feed.ts';
import { sampleFleet, sampleView } from './sample-fleet.ts';

function setUp() {
  const clock = manualClock();
  const fleet = sampleFleet([sampleView('hub', [10])]);
  const views = vi.spyOn(fleet, 'views');
  const errors: unknown[] = [];
  return { clock, fleet, views, errors, feed: createFeed({ fleet, clock, onError: (error) => errors.push(error) }) };
}

function listener() {
  const heard: unknown[] = [];
  return { heard, hear: (delta: string) => void heard.push(JSON.parse(delta)) };
}

test('while nobody listens nothing is looked at', async () => {
  const { clock, views, feed } = setUp();
  await clock.advance(10_000);
  expect(views).not.toHaveBeenCalled();
  const { hear, heard } = listener();
  const stop = feed.listen(hear);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  stop();
  const calls = views.mock.calls.length;
  await clock.advance(10_000);
  expect(views).toHaveBeenCalledTimes(calls);
});

test('the first delta says everything, the next what changed, and none comes where nothing did', async () => {
  const { clock, fleet, feed } = setUp();
  const { hear, heard } = listener();
  feed.listen(hear);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard[0]).toMatchObject({ operator: { version: '1.2.3', leads: true }, add: { 1: { name: 'hub' } } });
  await clock.advance(2000);
  fleet.shown = [sampleView('hub', [12])];
  await clock.advance(2000);
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  expect(heard[1]).toEqual({
    at: expect.any(Number),
    set: { 1: { height: 12 } },
    nodes: { 1: { 0: { height: 12 } } },
  });
});

test('who comes later is told everything, too, and all hear the same from then on', async () => {
  const { clock, fleet, feed } = setUp();
  const [first, second] = [listener(), listener()];
  feed.listen(first.hear);
  await vi.waitFor(() => expect(first.heard).toHaveLength(1));
  feed.listen(second.hear);
  await vi.waitFor(() => expect(second.heard).toHaveLength(1));
  expect(second.heard[0]).toMatchObject({ add: { 1: { name: 'hub' } } });
  fleet.shown = [];
  await clock.advance(2000);
  await vi.waitFor(() => expect(second.heard.at(-1)).toMatchObject({ gone: [1] }));
  expect(first.heard.at(-1)).toEqual(second.heard.at(-1));
});

test('a look that fails is reported, and the next one is made all the same', async () => {
  const { clock, views, errors, feed } = setUp();
  views.mockRejectedValueOnce(new Error('no'));
  const { hear, heard } = listener();
  feed.listen(hear);
  await vi.waitFor(() => expect(errors).toHaveLength(1));
  await clock.advance(2000);
  await vi.waitFor(() => expect(heard).toHaveLength(1));
});
