import { describe, expect, test } from 'vitest';
import { significantPart } from './status.ts';
import type { TendermintNetworkStatus } from './status-schema.ts';

const ready = condition('Ready', 'no block since height 10');
const invalid = condition('SpecValid', 'Secret late does not exist');
const status: TendermintNetworkStatus = {
  phase: 'Degraded',
  height: 10,
  heightTime: '2026-01-01T00:00:00Z',
  nodes: [{ name: 'one', role: 'validator', state: 'InSync', inSync: true, height: 10, peers: 3, message: 'a' }],
  conditions: [ready, invalid],
};

function condition(type: string, message: string) {
  return { type, status: 'False' as const, reason: 'Some', message, lastTransitionTime: '2026-01-01T00:00:00Z' };
}

describe('the part of a status that is written at once', () => {
  const moved = {
    ...status,
    height: 12,
    heightTime: '2026-01-01T00:00:09Z',
    nodes: status.nodes?.map((node) => ({ ...node, height: 12, peers: 2, message: 'b' })) ?? [],
  };
  const changes: [string, TendermintNetworkStatus, 'at once' | 'later'][] = [
    ['heights, peers and times', moved, 'later'],
    ['a message with a height', { ...status, conditions: [condition('Ready', 'x'), invalid] }, 'later'],
    ['another phase', { ...status, phase: 'Running' }, 'at once'],
    ['the first block', { ...status, height: 0 }, 'at once'],
    [
      'another problem of the spec for the same reason',
      { ...status, conditions: [ready, condition('SpecValid', 'Secret late has no member')] },
      'at once',
    ],
  ];
  test.each(changes)('%s', (_what, changed, when) => {
    const same = JSON.stringify(significantPart(changed)) === JSON.stringify(significantPart(status));
    expect(same ? 'later' : 'at once').toBe(when);
  });
});
