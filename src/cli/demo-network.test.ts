import { describe, expect, test } from 'vitest';
import { describeMissing, isReached } from './demo-network.ts';
import type { CommonStatus, StatusEntry } from './status.ts';

type Node = NonNullable<CommonStatus['nodes']>[number];

function entry(nodes: Partial<Node>[], more: Partial<CommonStatus> = {}): StatusEntry {
  return {
    object: { apiVersion: 'nodewright.dev/v1alpha1', kind: 'TendermintNetwork', metadata: { name: 'demo' } },
    status: {
      nodes: nodes.map((node, index) => ({ name: `validator-${index}`, role: 'validator', state: 'InSync', ...node })),
      ...more,
    },
  };
}

describe('isReached', () => {
  test.each<[string, StatusEntry, boolean]>([
    ['no nodes', entry([]), false],
    ['all there', entry([{ height: 5 }, { height: 7 }]), true],
    ['one behind', entry([{ height: 4 }, { height: 7 }]), false],
    ['one silent', entry([{ state: 'Starting' }, { height: 7 }]), false],
  ])('%s', (_, given, expected) => {
    expect(isReached(given, 5)).toBe(expected);
  });
});

describe('describeMissing', () => {
  const invalid = {
    type: 'SpecValid',
    status: 'False' as const,
    reason: 'ConfigInvalid',
    message: 'spec.config line 3: what is this',
    lastTransitionTime: '',
  };
  test.each<[string, StatusEntry, number, string]>([
    ['nothing seen', entry([]), 5, 'height 5: the operator has not looked at the network yet'],
    ['a spec that is refused', entry([{}], { conditions: [invalid] }), 1, 'block 1: spec.config line 3: what is this'],
    [
      'a failed node before one that starts',
      entry([{ state: 'Starting', message: 'soon' }, { state: 'Failed', message: 'ErrImagePull' }, { height: 0 }]),
      1,
      'block 1: 1 of 3 nodes answer; validator-1 is Failed: ErrImagePull',
    ],
    ['no block yet', entry([{ height: 0 }, { height: 0 }]), 1, 'block 1: all 2 nodes answer'],
    [
      'the slowest',
      entry([{ height: 4 }, { height: 3, state: 'CatchingUp' }]),
      5,
      'height 5: validator-1 is at 3 and CatchingUp',
    ],
    [
      'halted',
      entry([{ height: 4, state: 'Stalled' }], { phase: 'Halted' }),
      5,
      'height 5: validator-0 is at 4 and Stalled; the chain has halted',
    ],
  ])('%s', (_, given, target, expected) => {
    expect(describeMissing(given, target)).toBe(expected);
  });
});
