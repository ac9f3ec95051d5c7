import { expect, test } from 'vitest';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { createPoller, type PollTarget } from './poller.ts';

type State = { answers: number; text: string };

const owner = { namespace: 'default', name: 'net' };

function setUp(concurrency = 10) {
  const clock = manualClock();
  const woken: string[] = [];
  const faults: unknown[] = [];
  const poller = createPoller<State, string>({
    intervalMs: 1000,
    perSecond: 10,
    timeoutMs: 300,
    concurrency,
    significance: (state) => state.text,
    wake: ({ name }) => woken.push(name),
    onError: (error) => faults.push(error),
    clock,
    random: () => 0.5,
  });
  return { clock, woken, faults, poller };
}

function target(id: string, probe: (signal: AbortSignal) => Promise<string>): PollTarget<State, string> {
  return {
    id,
    probe,
    fold: (previous, answer) => ({
      answers: (previous?.answers ?? 0) + 1,
      text: answer instanceof Error ? `error: ${answer.message}` : answer,
    }),
  };
}

test('asks again and again, and wakes only when something that matters changed', async () => {
  const { clock, woken, poller } = setUp();
  let height = 'low';
  poller.start();
  poller.setTargets(owner, [target('a', async () => height)]);
  await clock.advance(5500);
  expect(poller.state('a')).toEqual({ answers: 6, text: 'low' });
  expect(woken).toEqual(['net']);
  height = 'high';
  await clock.advance(3000);
  expect(woken).toEqual(['net', 'net']);
});

test('the more are as they were, the less often each is asked; one that has changed, as ever', async () => {
  const { clock, poller } = setUp();
  let isDown = false;
  const answersOf = (id: string) => poller.state(id)?.answers ?? 0;
  const answeredWithin = async (ms: number, ...ids: string[]) => {
    const before = ids.map(answersOf);
    await clock.advance(ms);
    return ids.map((id, index) => answersOf(id) - (before[index] ?? 0));
  };
  poller.start();
  const many = Array.from({ length: 30 }, (_, index) =>
    target(`${index}`, async () => {
      if (isDown && index === 0) throw new Error('refused');
      return 'up';
    }),
  );
  poller.setTargets(owner, many);
  await clock.advance(500);
  expect(await answeredWithin(50_000, '0', '1')).toEqual([50, 50]);
  await clock.advance(20_000);
  expect(await answeredWithin(30_000, '0', '1')).toEqual([10, 10]);
  isDown = true;
  await clock.advance(3000);
  expect(await answeredWithin(30_000, '0', '1')).toEqual([30, 10]);
  await clock.advance(40_000);
  expect(await answeredWithin(30_000, '0', '1')).toEqual([10, 10]);
  poller.setTargets(owner, [...many, ...many.map((one) => ({ ...one, id: `more-${one.id}` }))]);
  await clock.advance(70_000);
  expect(await answeredWithin(50_000, '1', 'more-1')).toEqual([10, 10]);
});

test.each<[string, (signal: AbortSignal) => Promise<string>, string]>([
  ['rejects', () => Promise.reject(new Error('refused')), 'error: refused'],
  [
    'throws',
    () => {
      throw new Error('at once');
    },
    'error: at once',
  ],
  ['rejects with no Error', () => Promise.reject('text'), 'error: text'],
  ['never answers', () => new Promise(() => {}), 'error: no answer within 0.3 s'],
  [
    'answers after the limit',
    (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('late'))),
    'error: no answer within 0.3 s',
  ],
])('a probe that %s is an answer', async (_, probe, text) => {
  const { clock, poller } = setUp();
  poller.start();
  poller.setTargets(owner, [target('a', probe)]);
  await clock.advance(400);
  expect(poller.state('a')).toEqual({ answers: 1, text });
  await clock.advance(1300);
  expect(poller.state('a')?.answers).toBe(2);
});

test('a fault in fold is reported, and polling goes on', async () => {
  const { clock, faults, poller } = setUp();
  poller.start();
  const bad = {
    ...target('a', async () => 'x'),
    fold: () => {
      throw new Error('fold');
    },
  };
  poller.setTargets(owner, [bad]);
  await clock.advance(1500);
  expect(faults).toEqual([new Error('fold'), new Error('fold')]);
});

test('never more probes at a time than allowed, and none starves', async () => {
  const { clock, poller } = setUp(3);
  let running = 0;
  let most = 0;
  const slow = (clockOfTest: ManualClock) => async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => clockOfTest.after(100, resolve));
    running--;
    return 'x';
  };
  poller.start();
  poller.setTargets(
    owner,
    Array.from({ length: 20 }, (_, index) => target(`${index}`, slow(clock))),
  );
  await clock.advance(3000);
  expect(most).toBe(3);
  for (let index = 0; index < 20; index++) expect(poller.state(`${index}`)?.answers).toBeGreaterThan(0);
});

test('known targets keep their state, dropped ones lose it, and late answers about them are ignored', async () => {
  const { clock, woken, poller } = setUp();
  poller.start();
  let answer: (text: string) => void = () => {};
  poller.setTargets(owner, [
    target('a', async () => 'x'),
    target(
      'b',
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    ),
  ]);
  await clock.advance(100);
  poller.setTargets(owner, [target('a', async () => 'x'), target('c', async () => 'y')]);
  answer('late');
  await clock.advance(100);
  expect([poller.state('a')?.text, poller.state('b'), poller.state('c')?.text]).toEqual(['x', undefined, 'y']);
  poller.forgetOwner(owner);
  expect(poller.state('a')).toBeUndefined();
  const before = woken.length;
  await clock.advance(10_000);
  expect(woken.length).toBe(before);
});

test('pollNow answers without waiting for the turn', async () => {
  const { clock, poller } = setUp();
  let text = 'before';
  poller.start();
  poller.setTargets(owner, [target('a', async () => text)]);
  await clock.advance(10);
  text = 'after';
  await poller.pollNow(owner);
  expect(poller.state('a')).toEqual({ answers: 2, text: 'after' });
  await clock.advance(999);
  expect(poller.state('a')?.answers).toBe(2);
});

test('pollNow does not settle for an answer to an earlier question', async () => {
  const { clock, poller } = setUp();
  let text = 'before';
  let answerFirst = () => {};
  const probe = async () => {
    const said = text;
    if (said === 'before') await new Promise<void>((resolve) => (answerFirst = resolve));
    return said;
  };
  poller.start();
  poller.setTargets(owner, [target('a', probe)]);
  await clock.advance(10);
  text = 'after';
  const asked = poller.pollNow(owner);
  answerFirst();
  await asked;
  expect(poller.state('a')).toEqual({ answers: 2, text: 'after' });
});

test('stop ends polling, start takes it up', async () => {
  const { clock, poller } = setUp();
  poller.setTargets(owner, [target('a', async () => 'x')]);
  await clock.advance(5000);
  expect(poller.state('a')).toBeUndefined();
  poller.start();
  await clock.advance(1000);
  poller.stop();
  const answers = poller.state('a')?.answers;
  await clock.advance(10_000);
  expect(poller.state('a')?.answers).toBe(answers);
  poller.start();
  await clock.advance(1000);
  expect(poller.state('a')?.answers).toBe((answers ?? 0) + 1);
});
