import { describe, expect, test } from 'vitest';
import type { Condition, KubeObject } from '../kube/objects.ts';
import { type NodeView, notableConditions, viewResource } from './node-view.ts';

function condition(type: string, status: Condition['status'], reason = 'Reason', message = 'words'): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-01-02T03:04:05Z' };
}

function resource(status: object | null | undefined, metadata: object = {}): KubeObject {
  return {
    ...{ apiVersion: 'nodewright.dev/v1alpha1', kind: 'TendermintNetwork' },
    metadata: { name: 'demo', namespace: 'chains', ...metadata },
    ...(status === undefined ? {} : { status }),
  };
}

const READY = condition('Ready', 'True');
const NOT_READY = condition('Ready', 'False');
const RESTARTING = condition('Progressing', 'True', 'Restarting', 'demo-validator-0: image v1 → v2');

describe('how a resource stands', () => {
  test.each<[string, KubeObject, object]>([
    [
      'is not known before its first status',
      resource(undefined),
      { health: 'busy', ready: 'Unknown', phase: 'Unknown' },
    ],
    ['is not known of a status of nothing', resource(null), { health: 'busy' }],
    ['is good', resource({ phase: 'Running', conditions: [READY] }), { health: 'good', phase: 'Running' }],
    ['is bad', resource({ phase: 'Degraded', conditions: [NOT_READY] }), { health: 'bad' }],
    [
      'is on its way during a rollout, whose reason it tells',
      resource({ phase: 'Updating', conditions: [NOT_READY, RESTARTING] }),
      { health: 'busy', rollout: { moving: true, reason: 'Restarting', words: 'demo-validator-0: image v1 → v2' } },
    ],
    [
      'is on its way while a rollout waits, although all is well',
      resource({ conditions: [READY, condition('Progressing', 'False', 'Waiting', 'why')] }),
      { health: 'busy', rollout: { moving: false, words: 'why' } },
    ],
    [
      'is off while it is paused',
      resource({ conditions: [NOT_READY] }, { annotations: { 'nodewright.dev/paused': 'true' } }),
      { health: 'off', paused: true },
    ],
    [
      'is on its way while it is deleted',
      resource({ conditions: [NOT_READY] }, { deletionTimestamp: '2026-01-02T03:04:05Z' }),
      { health: 'busy', deleting: true },
    ],
  ])('%s', (_name, object, expected) => {
    expect(viewResource(object)).toMatchObject(expected);
  });
});

test('nodes are compared with the highest of them, or with what the network has come to', () => {
  const node = (name: string, height?: number): NodeView => ({
    name,
    role: 'full',
    state: 'InSync',
    health: 'good',
    height,
  });
  const nodes = [node('a', 100), node('b', 97), node('c')];
  expect(viewResource(resource({}), { nodes })).toMatchObject({ height: 100, nodes: [{ lag: 0 }, { lag: 3 }, {}] });
  expect(viewResource(resource({}), { nodes, height: 120 })).toMatchObject({
    height: 120,
    nodes: [{ lag: 20 }, { lag: 23 }, {}],
  });
});

test('of conditions a person is shown what is not as it should be', () => {
  const conditions = [
    ...[READY, condition('Progressing', 'False'), condition('CorruptData', 'False'), condition('SpecValid', 'True')],
    ...[condition('UpdatePending', 'True'), condition('DrainsBlocked', 'True'), condition('Synced', 'Unknown')],
    condition('Paused', 'True'),
  ];
  expect(notableConditions(conditions).map(({ type }) => type)).toEqual([
    'UpdatePending',
    'DrainsBlocked',
    'Synced',
    'Paused',
  ]);
});
