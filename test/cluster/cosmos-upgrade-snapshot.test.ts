import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/kube/objects.ts';
import { VOLUME_SNAPSHOTS } from '../../src/kube/resource-types.ts';
import { kube } from './cluster-access.ts';
import { NEXT_SIMD_IMAGE, SIMD_IMAGE, useCosmosChain } from './cosmos-chain.ts';
import { createFullNode, nodePods, untilCondition, untilInSync, useCosmosSite } from './cosmos-nodes.ts';
import { committedHeight } from './cosmos-observer.ts';
import { eventually } from './eventually.ts';

const CLASS = 'nodewright-test-csi';
/** Blocks until the upgrade, one a second: enough for nodes to start before. */
const BLOCKS = 45;

const site = useCosmosSite('cosmos-upgrade-snapshot');
const chain = useCosmosChain(site);
const place = () => ({ namespace: site.namespace, name: 'full' });

type Snapshot = KubeObject & { spec: { source: object }; status?: { creationTime?: string } };

describe('a snapshot before an upgrade', () => {
  let upgradeHeight = 0;

  it('is taken of one node, which goes on after it', async () => {
    upgradeHeight = (await chain.height()) + BLOCKS;
    const versions = [
      { height: 0, image: SIMD_IMAGE },
      { height: upgradeHeight, image: NEXT_SIMD_IMAGE, setHaltHeight: true },
    ];
    await createFullNode(place(), chain, {
      replicas: 2,
      chain: { versions },
      volumeClaimTemplate: { storageClassName: CLASS, resources: { requests: { storage: '64Mi' } } },
      upgradeSnapshot: { volumeSnapshotClassName: CLASS },
    });
    const message = await untilCondition(place(), 'UpgradeSnapshot', { status: 'True', reason: 'Taken' }, 240);
    expect(message).toContain(`from before the upgrade at height ${upgradeHeight}`);
    await untilInSync(place(), 2);
    const pods = await nodePods(place());
    for (const pod of pods) expect(await committedHeight(pod)).toBeGreaterThan(upgradeHeight);

    const [snapshot, ...more] = await kube.list<Snapshot>(VOLUME_SNAPSHOTS, { namespace: site.namespace });
    expect(more).toEqual([]);
    const taken = pods.find(({ metadata }) => snapshot?.metadata.name === `${metadata.name}-upgrade-${upgradeHeight}`);
    expect(taken?.spec?.containers.find(({ name }) => name === 'node')?.image).toBe(NEXT_SIMD_IMAGE);
    expect(Date.parse(taken?.metadata.creationTimestamp ?? '')).toBeGreaterThanOrEqual(
      Math.floor(Date.parse(snapshot?.status?.creationTime ?? '') / 1000) * 1000,
    );
  });

  it('is what a new node begins with', async () => {
    const selector = { 'app.kubernetes.io/name': 'full', 'app.kubernetes.io/component': 'UpgradeSnapshot' };
    await createFullNode({ ...place(), name: 'again' }, chain, {
      replicas: 1,
      chain: { versions: [{ height: 0, image: NEXT_SIMD_IMAGE }] },
      volumeClaimTemplate: {
        storageClassName: CLASS,
        resources: { requests: { storage: '64Mi' } },
        autoDataSource: { volumeSnapshotSelector: selector, matchInstance: false },
      },
    });
    await untilInSync({ ...place(), name: 'again' }, 1);
    await eventually(30, async () => {
      const [pod] = await nodePods({ ...place(), name: 'again' });
      expect(pod && (await committedHeight(pod))).toBeGreaterThan(upgradeHeight);
    });
  });
});
