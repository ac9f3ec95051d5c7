/** Volumes of nodes that grow, on storage where they do: by the spec, and because they become full. */
import { describe, expect, it } from 'vitest';
import { useCosmosChain } from './cosmos-chain.ts';
import {
  createFullNode,
  getFullNode,
  inNode,
  lifeOfPods,
  patchSpec,
  untilInSync,
  untilMoreBlocks,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { getClaim, parseSizeMiB, TEST_CSI, untilCapacity, untilVolumeGrown, wakeKubelet } from './csi-claims.ts';
import { eventually } from './eventually.ts';
import { metricValue } from './metric-value.ts';

const site = useCosmosSite('cosmos-growth');
const chain = useCosmosChain(site);
const inPlace = (name: string) => ({ namespace: site.namespace, name });
const place = () => inPlace('full');
const claim = () => inPlace('pvc-full-0');

describe('the volume of a node', () => {
  let life: Record<string, string>;

  it('grows with the spec while the node runs', async () => {
    await createFullNode(place(), chain, {
      replicas: 1,
      volumeClaimTemplate: { storageClassName: TEST_CSI, resources: { requests: { storage: '96Mi' } } },
      selfHeal: { pvcAutoScale: { usedSpacePercentage: 60, increaseQuantity: '50%', maxSize: '160Mi' } },
    });
    await untilInSync(place(), 1);
    life = await lifeOfPods(place());
    expect(await sizeOfVolume()).toBeLessThanOrEqual(96);
    await patchSpec(place(), { volumeClaimTemplate: { resources: { requests: { storage: '128Mi' } } } });
    await untilGrown('128Mi');
    expect(await sizeOfVolume()).toBeGreaterThan(104);
  });

  it('grows when it becomes full, to the maximum and not beyond', async () => {
    await inNode(place(), 0, 'dd if=/dev/zero of=data/filler bs=1M count=90 2>/dev/null');
    await eventually(150, async () => {
      expect((await getClaim(claim()))?.spec?.resources?.requests?.storage).toBe('160Mi');
    });
    await untilGrown('160Mi');
    expect(await sizeOfVolume()).toBeGreaterThan(136);
    // Of a volume that has just grown the next measurement is due.
    await eventually(90, async () => {
      const metrics = await site.operator.metrics();
      const labels = { namespace: site.namespace, name: 'full', node: 'full-0' };
      const used = metricValue(metrics, 'nodewright_node_disk_used_ratio', labels);
      expect(used).toBeGreaterThan(0.3);
      expect(used).toBeLessThanOrEqual(1);
      expect(metricValue(metrics, 'nodewright_node_disk_growth_exhausted', labels)).toBe(Number(Number(used) >= 0.6));
    });
    const { status } = await getFullNode(place());
    expect(status?.selfHealing?.pvcAutoScaler?.['pvc-full-0']?.requestedSize).toBe('160Mi');
    await untilMoreBlocks(place(), 0);
    expect(await lifeOfPods(place())).toEqual(life);
  });
});

async function untilGrown(storage: string): Promise<void> {
  await untilVolumeGrown(claim(), storage);
  await wakeKubelet(inPlace('full-0'));
  await untilCapacity(claim(), storage);
}

async function sizeOfVolume(): Promise<number> {
  return parseSizeMiB(await inNode(place(), 0, 'busybox df -k .'));
}
