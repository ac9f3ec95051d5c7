import { describe, expect, test } from 'vitest';
import { planRollout, type RolloutMember } from './rollout.ts';

const member = (name: string, rest: Partial<RolloutMember> = {}): RolloutMember => ({
  name,
  health: 'healthy',
  settled: true,
  ...rest,
});
const stale = (name: string, rest: Partial<RolloutMember> = {}) => member(name, { restart: 'image a → b', ...rest });
const always = () => undefined;
const never = () => 'quorum';

describe('planRollout', () => {
  test.each<[string, RolloutMember[], (member: RolloutMember) => string | undefined, string[], string | undefined]>([
    ['nothing to do', [member('a')], always, [], undefined],
    ['one at a time', [stale('a'), stale('b')], always, ['a: image a → b; 1 at a time, 1 more to go'], undefined],
    ['the last one', [member('a'), stale('b')], always, ['b: image a → b; 1 at a time, the last one'], undefined],
    [
      'the sick first',
      [stale('a'), stale('b', { health: 'unproven', settled: false })],
      always,
      ['b: image a → b; 1 at a time, 1 more to go'],
      undefined,
    ],
    [
      'what is down goes at once',
      [stale('a', { health: 'down' }), stale('b', { health: 'down' })],
      never,
      ['a: image a → b; it is down already', 'b: image a → b; it is down already'],
      undefined,
    ],
    [
      'nothing else beside it',
      [stale('a', { health: 'down' }), stale('b')],
      always,
      ['a: image a → b; it is down already'],
      'a has to be in sync again first',
    ],
    [
      'a node that was restarted comes back first',
      [member('a', { settled: false, health: 'unproven' }), stale('b')],
      always,
      [],
      'a has to be in sync again first',
    ],
    [
      'also while it is still being stopped',
      [stale('a', { health: 'changing', settled: false }), stale('b')],
      always,
      [],
      'a has to be in sync again first',
    ],
    ['a refusal', [stale('a')], never, [], 'quorum'],
    [
      'another one where the first may not',
      [stale('a'), stale('b')],
      ({ name }) => (name === 'a' ? 'quorum' : undefined),
      ['b: image a → b; 1 at a time, 1 more to go'],
      undefined,
    ],
  ])('%s', (_name, members, mayStop, restarts, wait) => {
    const decision = planRollout(members, { mayStop });
    expect(decision.restart.map(({ name, why }) => `${name}: ${why}`)).toEqual(restarts);
    expect(decision.wait?.why).toBe(wait);
  });

  test.each<[string, number, RolloutMember[], string[], string | undefined]>([
    ['as many as the budget says', 2, [stale('a'), stale('b'), stale('c')], ['a', 'b'], undefined],
    [
      'fewer where one is out of service anyway',
      2,
      [member('x', { health: 'unproven', settled: false }), stale('a'), stale('b')],
      ['a'],
      undefined,
    ],
    [
      'none where the budget is used up by a node that has nothing to do with it',
      1,
      [member('x', { health: 'unproven', settled: false }), stale('a')],
      [],
      'x has to be in sync again first',
    ],
    [
      'the sick count as out of service already',
      2,
      [stale('a'), stale('b'), stale('c', { health: 'unproven', settled: false })],
      ['c', 'a'],
      undefined,
    ],
    [
      'where nobody is in sync, no more at a time than the budget',
      2,
      ['a', 'b', 'c'].map((name) => stale(name, { health: 'unproven', settled: true })),
      ['a', 'b'],
      undefined,
    ],
  ])('budget: %s', (_name, maxUnavailable, members, restarts, wait) => {
    const decision = planRollout(members, { maxUnavailable });
    expect(decision.restart.map(({ name }) => name)).toEqual(restarts);
    expect(decision.wait?.why).toBe(wait);
  });
});
