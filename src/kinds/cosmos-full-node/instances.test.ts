import { describe, expect, test } from 'vitest';
import { sampleFullNode } from './desired/sample-full-node.ts';
import { claimWanted, isAwayForSnapshot, listInstances, podWanted } from './instances.ts';

describe('instances', () => {
  test('ordinals begin where they are told to', () => {
    const fullNode = sampleFullNode({ replicas: 5, ordinals: { start: 2 } }, { metadata: { name: 'agoric' } });
    expect(listInstances(fullNode).map(({ name, ordinal, index }) => [name, ordinal, index])).toEqual([
      ['agoric-2', 2, 0],
      ['agoric-3', 3, 1],
      ['agoric-4', 4, 2],
      ['agoric-5', 5, 3],
      ['agoric-6', 6, 4],
    ]);
  });

  test('names of what belongs to one', () => {
    expect(listInstances(sampleFullNode({ replicas: 1 }))).toEqual([
      {
        name: 'osmosis-0',
        ordinal: 0,
        index: 0,
        override: undefined,
        claimName: 'pvc-osmosis-0',
        p2pServiceName: 'osmosis-p2p-0',
        privvalServiceName: 'osmosis-privval-0',
      },
    ]);
  });

  test('long names keep the ordinal, and 253 characters', () => {
    const fullNode = sampleFullNode({ replicas: 1, ordinals: { start: 125 } }, { metadata: { name: 'a'.repeat(253) } });
    const [instance] = listInstances(fullNode);
    expect(instance?.name).toMatch(/^a{249}-125$/);
    expect(instance?.claimName).toMatch(/^pvc-a{245}-125$/);
    expect(instance?.p2pServiceName).toMatch(/^a{31}-[0-9a-f]{8}-a{14}-p2p-125$/);
  });

  test('Pod keeps the claim, All keeps nothing', () => {
    const fullNode = sampleFullNode(
      {
        replicas: 6,
        ordinals: { start: 2 },
        instanceOverrides: {
          'agoric-4': { disable: 'Pod' },
          'agoric-6': { disable: 'All' },
          'agoric-99': { disable: 'All' },
        },
      },
      { metadata: { name: 'agoric' } },
    );
    const named = (wanted: (instance: ReturnType<typeof listInstances>[number]) => boolean) =>
      listInstances(fullNode)
        .filter(wanted)
        .map(({ ordinal }) => ordinal);
    expect(named((instance) => podWanted(fullNode, instance))).toEqual([2, 3, 5, 7]);
    expect(named(claimWanted)).toEqual([2, 3, 4, 5, 7]);
  });

  test('candidates of scheduled snapshots are away', () => {
    const candidates = {
      a: { podCandidate: 'osmosis-0' },
      b: { podCandidate: 'osmosis-2' },
      c: { podCandidate: 'osmosis-99' },
    };
    const fullNode = sampleFullNode({}, { status: { scheduledSnapshotStatus: candidates } });
    expect(listInstances(fullNode).map((instance) => podWanted(fullNode, instance))).toEqual([false, true, false]);
    expect(listInstances(fullNode).map((instance) => isAwayForSnapshot(fullNode, instance))).toEqual([
      true,
      false,
      true,
    ]);
  });
});
