import { describe, expect, test } from 'vitest';
import { type NodeView, type ResourceView, viewResource } from '../kinds/node-view.ts';
import { describeMissing, isReached } from './demo-network.ts';

function view(nodes: Partial<NodeView>[], more: Partial<ResourceView> = {}): ResourceView {
  const network = { apiVersion: 'nodewright.dev/v1alpha1', kind: 'TendermintNetwork', metadata: { name: 'demo' } };
  const shown = nodes.map(
    (node, index): NodeView => ({
      ...{ name: `validator-${index}`, role: 'validator', state: 'InSync', health: 'good' },
      ...node,
    }),
  );
  return { ...viewResource(network, { nodes: shown }), ...more };
}

describe('isReached', () => {
  test.each<[string, ResourceView, boolean]>([
    ['no nodes', view([]), false],
    ['all there', view([{ height: 5 }, { height: 7 }]), true],
    ['one behind', view([{ height: 4 }, { height: 7 }]), false],
    ['one silent', view([{ state: 'Starting' }, { height: 7 }]), false],
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
  test.each<[string, ResourceView, number, string]>([
    ['nothing seen', view([]), 5, 'height 5: the operator has not looked at the network yet'],
    ['a spec that is refused', view([{}], { conditions: [invalid] }), 1, 'block 1: spec.config line 3: what is this'],
    [
      'a failed node before one that starts',
      view([{ state: 'Starting', words: 'soon' }, { state: 'Failed', words: 'ErrImagePull' }, { height: 0 }]),
      1,
      'block 1: 1 of 3 nodes answer; validator-1 is Failed: ErrImagePull',
    ],
    ['no block yet', view([{ height: 0 }, { height: 0 }]), 1, 'block 1: all 2 nodes answer'],
    [
      'the slowest',
      view([{ height: 4 }, { height: 3, state: 'CatchingUp' }]),
      5,
      'height 5: validator-1 is at 3 and CatchingUp',
    ],
    [
      'halted',
      view([{ height: 4, state: 'Stalled' }], { phase: 'Halted' }),
      5,
      'height 5: validator-0 is at 4 and Stalled; the chain has halted',
    ],
  ])('%s', (_, given, target, expected) => {
    expect(describeMissing(given, target)).toBe(expected);
  });
});
