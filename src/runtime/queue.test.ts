import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from './manual-clock.ts';
import { type Request, WorkQueue } from './queue.ts';

const a = { namespace: 'default', name: 'a' };
const b = { namespace: 'default', name: 'b' };

test('a key stands in line once, in order of the first add', async () => {
  const queue = new WorkQueue();
  for (const request of [a, b, a, b, a]) queue.add(request);
  expect(queue.depth).toBe(2);
  expect([await queue.take(), await queue.take()]).toEqual([a, b]);
});

test('a key added while worked on is given out again, after done', async () => {
  const queue = new WorkQueue();
  queue.add(a);
  await queue.take();
  queue.add(a);
  queue.add(a);
  expect(queue.depth).toBe(0);
  queue.done(a);
  expect(queue.depth).toBe(1);
  expect(await queue.take()).toEqual(a);
  queue.done(a);
  expect(queue.depth).toBe(0);
});

test('a waiting worker gets the next key', async () => {
  const queue = new WorkQueue();
  const taken = queue.take();
  queue.add(b);
  expect(await taken).toEqual(b);
});

test('of several delays the earliest wins', async () => {
  const clock = manualClock();
  const queue = new WorkQueue({ clock });
  queue.addAfter(a, 500);
  queue.addAfter(a, 100);
  queue.addAfter(a, 300);
  await clock.advance(99);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(queue.depth).toBe(1);
  queue.done((await queue.take()) as Request);
  await clock.advance(10_000);
  expect(queue.depth).toBe(0);
});

test('a delay longer than the longest timer is kept', async () => {
  const clock = manualClock();
  const capped = { ...clock, after: (ms: number, callback: () => void) => clock.after(Math.min(ms, 1000), callback) };
  const queue = new WorkQueue({ clock: capped });
  queue.addAfter(a, 3500);
  await clock.advance(3499);
  expect(queue.depth).toBe(0);
  await clock.advance(1);
  expect(queue.depth).toBe(1);
});

test('retries double from 5 ms up to the limit, and forget starts over', async () => {
  const clock = manualClock();
  const queue = new WorkQueue({ clock, maxDelayMs: 30 });
  const delays: (number | undefined)[] = [];
  for (let retry = 0; retry < 5; retry++) {
    queue.addRateLimited(a);
    delays.push(clock.nextTimer());
    await clock.advance(30);
    queue.done((await queue.take()) as Request);
  }
  expect(delays).toEqual([5, 10, 20, 30, 30]);
  expect(queue.retries(a)).toBe(5);
  queue.forget(a);
  queue.addRateLimited(a);
  expect(clock.nextTimer()).toBe(5);
});

test('shutdown frees waiting workers, drops the line and waits for running keys', async () => {
  const queue = new WorkQueue();
  queue.add(a);
  await queue.take();
  const waiting = queue.take();
  let drained = false;
  const shutDown = queue.shutDown().then(() => {
    drained = true;
  });
  expect(await waiting).toBeUndefined();
  queue.add(b);
  queue.addAfter(b, 1);
  expect(await queue.take()).toBeUndefined();
  expect(drained).toBe(false);
  queue.done(a);
  await shutDown;
});

test('whatever the order of adds: never one key twice at a time, and nothing added is forgotten', async () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    verb: fc.constantFrom('add', 'addAfter', 'addRateLimited', 'finish', 'advance'),
    ms: fc.nat(50),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), async (steps, workers) => {
      const clock = manualClock();
      const queue = new WorkQueue({ clock });
      const running = new Map<string, () => void>();
      const addedAt = new Map<string, number>();
      const startedAt = new Map<string, number>();
      let time = 0;
      const work = async () => {
        for (;;) {
          const request = await queue.take();
          if (!request) return;
          expect(running.has(request.name)).toBe(false);
          startedAt.set(request.name, ++time);
          await new Promise<void>((resolve) => running.set(request.name, resolve));
          running.delete(request.name);
          queue.done(request);
        }
      };
      const all = Array.from({ length: workers }, work);
      for (const { key, verb, ms } of steps) {
        const request = { namespace: 'default', name: key };
        if (verb === 'add') queue.add(request);
        if (verb === 'addAfter') queue.addAfter(request, ms);
        if (verb === 'addRateLimited') queue.addRateLimited(request);
        if (verb.startsWith('add')) addedAt.set(key, ++time);
        if (verb === 'finish') running.get(key)?.();
        await clock.advance(verb === 'advance' ? ms : 0);
      }
      for (let rest = 0; rest < 100; rest++) {
        for (const finish of running.values()) finish();
        await clock.advance(1_000_000);
      }
      for (const [key, at] of addedAt) expect(startedAt.get(key)).toBeGreaterThan(at);
      await queue.shutDown();
      await Promise.all(all);
    }),
    { numRuns: 50 },
  );
});
