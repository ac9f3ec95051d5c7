import { describe, expect, test } from 'vitest';
import { pass, type Rig, setSync, settle } from './rig.ts';
import { ANNOTATION_HEIGHT } from './snapshots.ts';
import { at, markOf, NAME, rigWithTrial, runTrial, trials, verified } from './trial-rig.ts';

describe('the verdict', () => {
  test.each<[string, (rig: Rig) => void, string | undefined, string]>([
    [
      'its state opens where there are no peers',
      (rig) => {
        runTrial(rig, { height: 100, peers: 0 });
        settle(rig);
        at(rig, '02:06:00');
      },
      'true',
      'Good: a node opened its data at height 100; no block came after it: it had no peers',
    ],
    [
      'its state opens where the chain stands still',
      (rig) => {
        runTrial(rig, { height: 100, peers: 3 });
        settle(rig);
        at(rig, '02:06:00');
      },
      'true',
      'the chain had no other',
    ],
    [
      'it takes no block in time, and no node in sync tells of any',
      (rig) => {
        for (const pod of ['hub-0', 'hub-1', 'hub-2']) setSync(rig, pod, false);
        runTrial(rig, { height: 100, peers: 3 });
        settle(rig);
        at(rig, '03:04:00');
      },
      undefined,
      'Unknown: opened at height 100, and no block came after it',
    ],
    [
      'it takes no block in time, and nobody has looked at the nodes for long',
      (rig) => {
        for (const pod of ['hub-0', 'hub-1', 'hub-2']) setSync(rig, pod, true, '2022-09-01T02:00:00Z');
        runTrial(rig, { height: 100, peers: 3 });
        settle(rig);
        at(rig, '03:04:00');
      },
      undefined,
      'Unknown: opened at height 100, and no block came after it',
    ],
    [
      'it opens, and takes no block although there are some',
      (rig) => {
        Object.assign(rig.snapshots?.get(NAME)?.metadata.annotations ?? {}, { [ANNOTATION_HEIGHT]: '90' });
        runTrial(rig, { height: 90, peers: 3 });
        settle(rig);
        at(rig, '03:04:00');
      },
      'false',
      'Bad: a node opened its data at height 90, and then: has stayed there although it has 3 peers and the chain is at 100',
    ],
    [
      'it opens at a height below that of its node',
      (rig) => runTrial(rig, { height: 12 }),
      'false',
      'Bad: a node opened its data at height 12, below 100, which it had before',
    ],
    [
      'the node ends again and again',
      (rig) => runTrial(rig, { ends: 5, reason: 'Error' }),
      'false',
      'Bad: a node could not open its data: container node: CrashLoopBackOff; it ended with exit code 1',
    ],
    [
      'the node does not answer in time',
      (rig) => {
        runTrial(rig, { error: 'connect ECONNREFUSED' });
        at(rig, '03:04:00');
      },
      'false',
      'RPC: connect ECONNREFUSED',
    ],
    [
      'the node has too little memory',
      (rig) => runTrial(rig, { ends: 5, reason: 'OOMKilled' }),
      undefined,
      'Unknown: nothing was learned',
    ],
    [
      'the node was never started',
      (rig) => at(rig, '03:04:00'),
      undefined,
      'Unknown: nothing was learned: the pod is starting',
    ],
    [
      'the kubelet finds it well, but the operator cannot reach it',
      (rig) => {
        runTrial(rig, { error: 'no route', ready: true });
        at(rig, '03:04:00');
      },
      undefined,
      'Unknown: nothing was learned: RPC: no route',
    ],
    [
      'its node has another image by now',
      (rig) => {
        const pod = rig.pods.get('hub-0');
        Object.assign(pod?.spec?.containers[0] ?? {}, { image: 'gaia:v2' });
      },
      undefined,
      'Unknown: pod hub-0 has image gaia:v2 now, and had gaia:v1 when the snapshot was taken',
    ],
  ])('%s', (_what, happen, label, words) => {
    const rig = rigWithTrial();
    happen(rig);
    settle(rig);
    expect(markOf(rig)).toEqual([label, expect.stringContaining(words)]);
    expect(trials(rig)).toEqual([]);
    expect(verified(rig)?.message).toContain(NAME);
  });

  test('does not come early where nobody knows whether the chain goes on', () => {
    const rig = rigWithTrial();
    for (const pod of ['hub-0', 'hub-1', 'hub-2']) setSync(rig, pod, false);
    runTrial(rig, { height: 100, peers: 3 });
    settle(rig);
    at(rig, '02:30:00');
    settle(rig);
    expect([markOf(rig), trials(rig).length]).toEqual([[undefined, undefined], 2]);
    runTrial(rig, { height: 101, peers: 3 });
    settle(rig);
    expect(markOf(rig)[0]).toBe('true');
  });

  test('comes only after the node could be watched for a while, whenever the operator looks', () => {
    const rig = rigWithTrial();
    at(rig, '05:00:00');
    runTrial(rig, { height: 100, peers: 3 });
    pass(rig);
    expect([markOf(rig)[0], rig.resource.status?.verification?.openedHeight]).toEqual([undefined, 100]);
    runTrial(rig, { height: 101, peers: 3 });
    pass(rig);
    expect(markOf(rig)[0]).toBe('true');
  });
});
