import { describe, expect, test } from 'vitest';
import type { Pod } from '../../kube/objects.ts';
import type { CosmosFullNodeStatus } from './schema.ts';
import {
  atHeight,
  carryOut,
  change,
  NOW,
  planOf,
  run,
  type SettledFullNode,
  sentencesOf,
  settledFullNode,
  statusOf,
  waitsOf,
} from './settled-full-node.ts';

const chain = () => settledFullNode().fullNode.spec.chain;
const restarts = (settled: SettledFullNode) => sentencesOf(settled).filter((line) => line.startsWith('replace Pod'));

/** Carries plans out with every node at this height and moving. */
function settleAt(settled: SettledFullNode, height: number): void {
  for (let pass = 0; pass < 20; pass++) {
    carryOut(settled, planOf(settled).changes);
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(height));
  }
}

describe('versions', () => {
  const versions = [
    { height: 0, image: 'gaia:v1' },
    { height: 200, image: 'gaia:v2' },
  ];
  const upgrading = () => settledFullNode({ chain: { ...chain(), versions } });

  test('a list of versions that changes nothing yet restarts nobody', () => {
    const settled = change(settledFullNode(), { chain: { ...chain(), versions: [{ height: 0, image: 'gaia:v1' }] } });
    expect(restarts(settled)).toEqual([]);
  });

  test('an instance with an image of its own goes on with it', () => {
    const settled = settledFullNode({
      chain: { ...chain(), versions },
      instanceOverrides: { 'hub-0': { image: 'gaia:debug' } },
    });
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(900));
    expect(restarts(settled)[0]).toContain('replace Pod hub-1');
    run(settled, 'hub-0', atHeight(200, 60_000));
    expect(restarts(settled).join()).not.toContain('hub-0:');
  });

  test('a node that still runs towards the height is not stopped', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(199));
    expect(restarts(settled)).toEqual([]);
    expect(statusOf(settled).height?.['hub-0']).toBe(199);
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(200));
    expect(restarts(settled)).toEqual([]);
    expect(waitsOf(settled)).toContain('restart of hub-0: it has not stopped at its upgrade height yet');
  });

  test('nor is one that stands still before the height, or that does not answer there', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(199, 600_000));
    expect(restarts(settled)).toEqual([]);
    settled.fullNode.status = statusOf(settled) as CosmosFullNodeStatus;
    for (const name of settled.observed.pods.keys()) run(settled, name, { ...atHeight(199), error: 'refused' });
    expect(restarts(settled)).toEqual([]);
  });

  test.each([200, 201])('a node that has halted at %d is neither in sync nor failed', (height) => {
    const settled = upgrading();
    run(settled, 'hub-1', atHeight(height, 60_000));
    expect(planOf(settled).nodes.map(({ state }) => state)).toEqual(['InSync', 'Halted', 'InSync', 'InSync']);
    const status = statusOf(settled);
    expect(status.inSync).toBe('3/4');
    expect(status.sync?.['hub-1']).toMatchObject({ inSync: false, height });
    expect(status.sync?.['hub-1']).not.toHaveProperty('error');
    expect(status.conditions?.find(({ type }) => type === 'Ready')?.message).toBe(
      'hub-1 is Halted (it has stopped at height 200: its next version is due)',
    );
  });

  test('a node with the next image that waits there for the others is not halted', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(200, 60_000));
    settled.fullNode.status = statusOf(settled) as CosmosFullNodeStatus;
    carryOut(settled, planOf(settled).changes);
    carryOut(settled, planOf(settled).changes);
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(200, 60_000));
    expect(restarts(settled)).toEqual([]);
    expect(planOf(settled).nodes.map(({ state }) => state)).not.toContain('Halted');
  });

  test('a pod of another operator goes by its image', () => {
    const settled = upgrading();
    const pods = settled.observed.pods as Map<string, Pod>;
    const stateAt = (image: string) => {
      const pod = pods.get('hub-0') as Pod;
      const containers = (pod.spec?.containers ?? []).map((container) =>
        container.name === 'node' ? { ...container, image } : container,
      );
      pods.set('hub-0', { ...pod, metadata: { ...pod.metadata, annotations: {} }, spec: { ...pod.spec, containers } });
      run(settled, 'hub-0', atHeight(200, 60_000));
      return planOf(settled).nodes[0]?.state;
    };
    expect(stateAt('gaia:v1')).toBe('Halted');
    expect(stateAt('gaia:v2')).toBe('InSync');
  });

  test('the same image may have a halt height between', () => {
    const same = [
      { height: 0, image: 'gaia:v1' },
      { height: 200, image: 'gaia:v1', setHaltHeight: true },
    ];
    const settled = settledFullNode({ chain: { ...chain(), versions: same } });
    run(settled, 'hub-2', atHeight(201, 60_000));
    expect(restarts(settled)).toEqual(['replace Pod hub-2: the halt height changed; it has halted']);
  });

  test('a halt height of the spec stops the node for good, and nothing restarts it', () => {
    const settled = settledFullNode({ chain: { ...chain(), app: { minGasPrice: '0', haltHeight: 500 } } });
    run(settled, 'hub-0', atHeight(501, 60_000));
    expect(restarts(settled)).toEqual([]);
    expect(planOf(settled).nodes[0]).toMatchObject({
      state: 'Halted',
      message: 'it has stopped at height 500: spec.chain.app.haltHeight says so',
    });
  });

  const crash = (settled: SettledFullNode, name: string, where: 'initContainerStatuses' | 'containerStatuses') => {
    const pod = settled.observed.pods.get(name) as Pod;
    const state = { waiting: { reason: 'CrashLoopBackOff' } };
    const container = { name: where === 'containerStatuses' ? 'node' : 'version-check', restartCount: 3, state };
    const status = { ...pod.status, containerStatuses: [], [where]: [container] };
    (settled.observed.pods as Map<string, Pod>).set(name, { ...pod, status } as unknown as Pod);
    (settled.observed.readings as Map<string, unknown>).delete(pod.metadata.uid as string);
  };
  const reported = (settled: SettledFullNode, name: string, height: number) => {
    settled.fullNode.status = { ...statusOf(settled), height: { [name]: height } } as CosmosFullNodeStatus;
  };

  test('a look without a past sees it by the time of the last block, unless it may still come there', () => {
    const firstLook = (latestBlockTime: string, catchingUp = false) => {
      const settled = upgrading();
      const at = NOW.getTime();
      run(settled, 'hub-1', {
        ...{ at, since: at, advancedAt: undefined },
        answer: { status: { latestHeight: 201, catchingUp, latestBlockTime }, peers: 3, dueVersion: 200 },
      });
      return planOf(settled).nodes[1]?.state;
    };
    expect(firstLook('2026-01-02T03:02:00Z')).toBe('Halted');
    expect(firstLook('2026-01-02T03:02:00Z', true)).toBe('CatchingUp');
    expect(firstLook('2026-01-02T03:03:30Z')).not.toBe('Halted');
  });

  test.each([501, 502])('a node that ends at the halt height of the spec, started there, has halted (%d)', (height) => {
    const settled = settledFullNode({ chain: { ...chain(), app: { minGasPrice: '0', haltHeight: 500 } } });
    crash(settled, 'hub-0', 'containerStatuses');
    reported(settled, 'hub-0', height);
    expect(planOf(settled).nodes[0]?.state).toBe('Halted');
    expect(restarts(settled)).toEqual([]);
    reported(settled, 'hub-0', 499);
    expect(planOf(settled).nodes[0]?.state).toBe('Failed');
  });

  test('a node whose process has ended at the height goes by the height that its pod reported', () => {
    const settled = upgrading();
    crash(settled, 'hub-0', 'containerStatuses');
    reported(settled, 'hub-0', 199);
    expect(restarts(settled)).toEqual([]);
    reported(settled, 'hub-0', 200);
    expect(restarts(settled)).toEqual([
      'replace Pod hub-0: image of node gaia:v1 → gaia:v2, at height 200; it is down already',
    ]);
  });

  test('a volume from before the upgrade gets the image of that time again', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(300));
    settled.fullNode.status = statusOf(settled) as CosmosFullNodeStatus;
    settleAt(settled, 300);
    expect(settled.observed.pods.get('hub-0')?.spec?.containers[0]?.image).toBe('gaia:v2');
    crash(settled, 'hub-0', 'initContainerStatuses');
    reported(settled, 'hub-0', 150);
    expect(restarts(settled)).toEqual([
      'replace Pod hub-0: image of node gaia:v2 → gaia:v1, at height 150; it is down already',
    ]);
  });

  test('nodes that have stopped at the height are all replaced at once', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(200, 60_000));
    expect(restarts(settled)).toHaveLength(4);
    expect(restarts(settled)[0]).toBe(
      'replace Pod hub-0: image of node gaia:v1 → gaia:v2, at height 201; it has halted',
    );
  });

  test('nodes that are long past the height roll within the budget', () => {
    const settled = upgrading();
    for (const name of settled.observed.pods.keys()) run(settled, name, atHeight(900));
    expect(restarts(settled)).toHaveLength(1);
  });
});
