import { describe, expect, test } from 'vitest';
import { createRig, obeyAway, pass, planOf, podAway, type Rig, setSnapshot, setSync, settle } from './rig.ts';

const FINALIZER = 'nodewright.dev/scheduled-volume-snapshot';
const READY = { readyToUse: true, creationTime: '2022-09-01T02:03:05Z', restoreSize: '10Gi' };

describe('two schedules for one CosmosFullNode', () => {
  /** Both due at 02:03, one of them for hub-1, with two nodes in sync of which one may be away. */
  function rigsOfTwo(): [Rig, Rig] {
    const one = createRig({ deletePod: true, fullNodeRef: { name: 'hub', ordinal: 1 } });
    const other: Rig = { ...createRig({ deletePod: true }), fullNodes: one.fullNodes, pods: one.pods };
    other.resource.metadata.name = 'other';
    setSync(one, 'hub-2', false);
    for (const rig of [one, other]) {
      settle(rig);
      rig.now = new Date('2022-09-01T02:03:00Z');
      pass(rig);
      pass(rig);
      expect([rig.resource.status?.phase, rig.resource.metadata.finalizers, podAway(rig)]).toEqual([
        'DeletingPod',
        [FINALIZER],
        undefined,
      ]);
    }
    return [one, other];
  }

  test('do not both stop a node when both have seen the same', () => {
    const [one, other] = rigsOfTwo();
    const plans = [planOf(one), planOf(other)] as const;
    pass(one, undefined, plans[0]);
    pass(other, undefined, plans[1]);
    expect([podAway(one), podAway(other)]).toEqual(['hub-1', undefined]);
  });

  test('the second counts what is to be away for the first as away, before its pod stops and after', () => {
    const [one, other] = rigsOfTwo();
    settle(one);
    expect(one.pods.has('hub-1')).toBe(true);
    settle(other);
    expect([podAway(one), podAway(other), other.resource.status?.phase]).toEqual([
      'hub-1',
      undefined,
      'FindingCandidate',
    ]);
    expect(other.resource.status?.status).toContain('2 or more pods must be in-sync to prevent downtime, found 1');
    obeyAway(one);
    settle(one);
    setSnapshot(one, 'my-snapshot-202209010203', READY);
    settle(one);
    obeyAway(one);
    settle(other);
    expect([podAway(one), podAway(other)]).toEqual([undefined, 'hub-0']);
  });

  test('a node that is away for the first is not taken by the second', () => {
    const [one, other] = rigsOfTwo();
    setSync(one, 'hub-2', true);
    Object.assign(other.resource.spec.fullNodeRef, { ordinal: 1 });
    settle(one);
    settle(other);
    expect(other.resource.status?.status).toContain('in-sync pod with index 1 not found');
    expect(podAway(other)).toBeUndefined();
  });
});
