import { describe, expect, test } from 'vitest';
import type { Pod } from '../../kube/objects.ts';
import type { Reading } from './node.ts';
import { NOW, run, type SettledNetwork, sentencesOf, settledNetwork } from './settled-network.ts';

const NAME = 'demo-validator-0';
const secondsAgo = (seconds: number) => new Date(NOW.getTime() - seconds * 1000).toISOString();

type Case = { ended?: number; started?: number; reading?: Partial<Reading>; peers?: number };

/** A node whose application ended and runs again, the node being stalled without peers. */
function restarts({ ended = 60, started = 3600, reading = {}, peers = 0 }: Case): string[] {
  const settled = settledNetwork({ app: { container: { image: 'app:v1' } } });
  const stalled = { advancedAt: NOW.getTime() - 90_000, ...reading };
  run(settled, NAME, stalled);
  const { observed } = settled;
  const pod = observed.pods.get(NAME) as Pod;
  const known = observed.readings.get(pod.metadata.uid as string) as Reading;
  if (known.answer !== undefined) known.answer.peers = peers;
  setContainers(settled, pod, [
    { name: 'node', state: { running: { startedAt: secondsAgo(started) } } },
    {
      name: 'app',
      state: { running: { startedAt: secondsAgo(ended - 1) } },
      lastState: { terminated: { exitCode: 137, finishedAt: secondsAgo(ended) } },
    },
  ]);
  return sentencesOf(settled);
}

function setContainers({ observed }: SettledNetwork, pod: Pod, containerStatuses: object[]): void {
  observed.pods.set(NAME, { ...pod, status: { ...pod.status, containerStatuses } } as unknown as Pod);
}

describe('a node whose application has ended', () => {
  test('is started again when it hangs, whatever the others do', () => {
    expect(restarts({})).toEqual([
      `replace Pod ${NAME}: its application ended at ${secondsAgo(60)}, and the node, which should have ended with it, hangs; it does nothing any more`,
    ]);
  });

  test.each<[string, Case]>([
    ['may still end', { ended: 20 }],
    ['was started after that', { started: 50 }],
    ['has peers', { peers: 1 }],
    ['makes blocks', { reading: { advancedAt: NOW.getTime() } }],
    ['does not answer', { reading: { error: 'connection refused' } }],
  ])('is left alone when it %s', (_, input) => {
    expect(restarts(input)).toEqual([]);
  });
});
