import { describe, expect, test } from 'vitest';
import type { Reading } from '../comet-node/reading.ts';
import type { Pod } from '../kube/objects.ts';
import { type ToldNode, viewCometNode } from './comet-node-status.ts';

const NOW = new Date('2026-01-02T03:04:05Z');

const pod = {
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hub-0', uid: 'u' } },
  spec: { containers: [{ name: 'node', image: 'gaiad:v25' }] },
  status: {
    ...{ phase: 'Running', startTime: '2026-01-02T02:00:00Z' },
    containerStatuses: [{ name: 'node', state: { running: {} }, restartCount: 2 }],
  },
} as unknown as Pod;

function reading(latestHeight: number, change: Partial<Reading> = {}): Reading {
  const at = NOW.getTime();
  const status = { latestHeight, latestBlockTime: NOW.toISOString(), catchingUp: false };
  return {
    ...{ at, since: at - 60_000, error: undefined, advancedAt: at, stallAfterMs: 20_000 },
    ...{ answer: { status, peers: 7 }, ...change },
  };
}

const inSync: ToldNode = { state: 'InSync', height: 90, peers: 5 };
const halted: ToldNode = { state: 'Halted', height: 100, message: 'it has stopped at height 100' };

describe('a node', () => {
  test.each<[string, Parameters<typeof viewCometNode>[2], object]>([
    [
      'is what it says itself',
      { pod, reading: reading(100), told: { state: 'CatchingUp', height: 90 }, now: NOW },
      { state: 'InSync', health: 'good', inSync: true, height: 100, peers: 7, image: 'gaiad:v25', restarts: 2 },
    ],
    [
      'is what the status says where it was not asked',
      { pod, reading: undefined, told: inSync, now: NOW },
      { state: 'InSync', height: 90, peers: 5, words: undefined },
    ],
    [
      'is what the status says where it was asked long ago',
      { pod, reading: reading(80, { at: NOW.getTime() - 60_000 }), told: inSync, now: NOW },
      { state: 'InSync', height: 90 },
    ],
    [
      'is what the kubelet says where its pod is gone',
      { pod: undefined, reading: undefined, told: inSync, now: NOW },
      { state: 'Missing', health: 'bad', height: undefined, words: 'the pod does not exist' },
    ],
    [
      'does not answer',
      { pod, reading: reading(100, { error: 'connection refused' }), told: inSync, now: NOW },
      { state: 'Unreachable', health: 'bad', words: 'RPC: connection refused' },
    ],
    [
      'stands at the height of an upgrade, as the status knows',
      { pod, reading: reading(100), told: halted, now: NOW },
      { state: 'Halted', health: 'busy', words: 'it has stopped at height 100' },
    ],
    [
      'has gone on after the upgrade',
      { pod, reading: reading(101), told: halted, now: NOW },
      { state: 'InSync', words: undefined },
    ],
    [
      'has a problem that only the plan knows',
      { pod: undefined, reading: undefined, told: { state: 'Missing', message: 'its key is reserved' }, now: NOW },
      { state: 'Missing', words: 'its key is reserved' },
    ],
  ])('%s', (_name, input, expected) => {
    expect(viewCometNode('hub-0', 'full', input)).toMatchObject(expected);
  });
});
