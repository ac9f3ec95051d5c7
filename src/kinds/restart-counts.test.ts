import { expect, test } from 'vitest';
import type { Pod } from '../kube/objects.ts';
import { countRestarts, type RestartCounts } from './restart-counts.ts';

type End = { reason: string; at: string };

function podOf(uid: string, restartCount = 0, end?: End): Pod {
  const terminated = end && { exitCode: 1, reason: end.reason, finishedAt: end.at };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'node', uid },
    status: {
      containerStatuses: [
        {
          name: 'node',
          image: 'x',
          imageID: 'x',
          ready: true,
          restartCount,
          lastState: terminated ? { terminated } : {},
        },
        { name: 'beside', image: 'x', imageID: 'x', ready: true, restartCount: 0 },
      ],
    },
  };
}

const OOM = { reason: 'OOMKilled', at: '2026-01-01T00:00:00Z' };
const CRASH = { reason: 'Error', at: '2026-01-01T01:00:00Z' };

function fold(...pods: (Pod | undefined)[]): RestartCounts['counts'] {
  return pods.reduce<RestartCounts | undefined>((known, pod) => countRestarts(known, pod), undefined)?.counts ?? {};
}

test.each<[string, RestartCounts['counts'], (Pod | undefined)[]]>([
  ['nothing happened', {}, [podOf('a'), podOf('a')]],
  ['a pod that is missing for a while is no restart by itself', {}, [podOf('a'), undefined, podOf('a')]],
  ['another pod, stopped by others', { External: 1 }, [podOf('a'), undefined, podOf('b')]],
  [
    'containers that the kubelet started again, each for its own reason',
    { OOMKilled: 2, Error: 1 },
    [podOf('a'), podOf('a', 2, OOM), podOf('a', 2, OOM), podOf('a', 3, CRASH)],
  ],
  ['what had happened before the operator looked', { Error: 4 }, [podOf('a', 4, CRASH)]],
  [
    'a new pod counts from nothing',
    { OOMKilled: 5, External: 1, Error: 1 },
    [podOf('a', 5, OOM), podOf('b', 1, CRASH)],
  ],
  ['a reason that nobody knows is one word', { Other: 1 }, [podOf('a'), podOf('a', 1, { ...OOM, reason: 'made up' })]],
])('%s', (_name, expected, pods) => {
  expect(fold(...pods)).toEqual(expected);
});

test('a pod that the operator stopped is counted once the next one is there', () => {
  const stopped: RestartCounts = { ...countRestarts(undefined, podOf('a')), stoppedFor: 'Rollout' };
  expect(countRestarts(stopped, podOf('a')).counts).toEqual({});
  const next = countRestarts(stopped, podOf('b'));
  expect(next.counts).toEqual({ Rollout: 1 });
  expect(countRestarts(next, podOf('c')).counts).toEqual({ Rollout: 1, External: 1 });
});
