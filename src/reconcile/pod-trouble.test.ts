import { describe, expect, test } from 'vitest';
import type { Pod } from '../kube/objects.ts';
import { describePodTrouble } from './pod-trouble.ts';

function podWith(status: Pod['status']): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, ...(status === undefined ? {} : { status }) };
}

const container = { name: 'operator', image: 'i', imageID: '', ready: false, restartCount: 1 };

describe('describePodTrouble', () => {
  test.each<[string, Pod['status'], string | undefined]>([
    ['new', undefined, undefined],
    ['running', { containerStatuses: [{ ...container, ready: true, state: { running: {} } }] }, undefined],
    [
      'starting',
      { containerStatuses: [{ ...container, state: { waiting: { reason: 'ContainerCreating' } } }] },
      undefined,
    ],
    [
      'unschedulable',
      { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }] },
      'not scheduled: 0/1 nodes',
    ],
    [
      'no image',
      {
        containerStatuses: [{ ...container, state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } }],
      },
      'container operator: ErrImagePull; no such host',
    ],
    [
      'crashing',
      {
        containerStatuses: [
          {
            ...container,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
          },
        ],
      },
      'container operator: CrashLoopBackOff; ended with exit code 137 (OOMKilled)',
    ],
    [
      'just ended',
      { containerStatuses: [{ ...container, state: { terminated: { exitCode: 1, reason: 'Error' } } }] },
      'container operator ended with exit code 1 (Error)',
    ],
    [
      'init container done',
      { initContainerStatuses: [{ ...container, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] },
      undefined,
    ],
  ])('%s', (_, status, expected) => {
    expect(describePodTrouble(podWith(status))).toBe(expected);
  });
});
