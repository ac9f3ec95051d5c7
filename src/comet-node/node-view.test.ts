import { describe, expect, test } from 'vitest';
import type { Pod } from '../kube/objects.ts';
import { viewNode } from './node-view.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const failed = { exitCode: 1, reason: 'Error', message: 'downloading\ncannot download x: 404 Not Found' };

function podWith(status: object): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: {}, status } as unknown as Pod;
}

const waitsForInit = [{ name: 'node', state: { waiting: { reason: 'PodInitializing' } }, restartCount: 0 }];

describe('a pod whose steps before the node fail', () => {
  test.each<[string, object, string]>([
    [
      'waits before the next try',
      {
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } },
        lastState: { terminated: failed },
      },
      'container fetch: CrashLoopBackOff; it ended with exit code 1: cannot download x: 404 Not Found',
    ],
    [
      'is tried again',
      { state: { running: {} }, lastState: { terminated: failed } },
      'container fetch ended with exit code 1: cannot download x: 404 Not Found; it is tried again',
    ],
    [
      'has just failed',
      { state: { terminated: failed } },
      'container fetch ended with exit code 1: cannot download x: 404 Not Found; it is tried again',
    ],
  ])('%s', (_name, status, message) => {
    const done = { name: 'prepare', state: { terminated: { exitCode: 0 } }, lastState: {} };
    const pod = podWith({
      phase: 'Pending',
      initContainerStatuses: [done, { name: 'fetch', ...status }],
      containerStatuses: waitsForInit,
    });
    expect(viewNode(pod, undefined, NOW)).toMatchObject({ state: 'Failed', message, processDown: true });
  });

  test('once it has succeeded, what went wrong before does not count', () => {
    const status = { name: 'fetch', state: { terminated: { exitCode: 0 } }, lastState: { terminated: failed } };
    const next = { name: 'merge', state: { running: {} } };
    const pod = podWith({
      phase: 'Pending',
      initContainerStatuses: [status, next],
      containerStatuses: waitsForInit,
    });
    expect(viewNode(pod, undefined, NOW)).toMatchObject({
      state: 'Starting',
      message: expect.stringContaining('starting'),
    });
  });
});

describe('a pod that is not there yet', () => {
  test('says which step it has come to', () => {
    const done = { name: 'prepare', state: { terminated: { exitCode: 0 } } };
    const pod = podWith({
      phase: 'Pending',
      initContainerStatuses: [done, { name: 'restore', state: { running: {} } }],
      containerStatuses: waitsForInit,
    });
    expect(viewNode(pod, undefined, NOW).message).toBe('the pod is starting (restore runs)');
  });

  test('that waits for its volumes says where it is told why', () => {
    const message = 'pod has unbound immediate PersistentVolumeClaims.';
    const pod = podWith({
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', message }],
    });
    pod.spec = { containers: [], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'pvc-a' } }] };
    expect(viewNode(pod, undefined, NOW).message).toBe(
      `not scheduled: ${message}; see kubectl describe persistentvolumeclaim pvc-a`,
    );
  });
});
