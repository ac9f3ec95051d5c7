import { describe, expect, it } from 'vitest';
import type { ConfigMap, PersistentVolumeClaim, Pod, Service } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS, SERVICES } from '../../src/kube/resource-types.ts';
import { statusOf } from './chain.ts';
import { kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { createNetwork, lifeOfPods, nodePod, untilMoreBlocks, untilReady } from './network.ts';
import { observeChain } from './network-observer.ts';
import { signalProgram, signedHeight } from './node-process.ts';
import { useSite } from './site.ts';

/** A round whose proposer is gone takes some seconds longer than the others. */
const LONGEST_PAUSE = 20;

const site = useSite('recovery');
const place = () => ({ namespace: site.namespace, name: 'chain' });
const inPlace = (name: string) => ({ namespace: site.namespace, name });

describe('recovery', () => {
  it('starts', async () => {
    await createNetwork(place());
    await untilReady(place());
  });

  it('of a validator whose process is killed with signal 9', async () => {
    const before = await nodePod(place(), 'validator-1');
    const [identity, signed, observer] = await Promise.all([
      identityOf(before),
      signedHeight(before),
      Promise.resolve(observeChain(place())),
    ]);
    await signalProgram(site, before, 'cometbft start', 'KILL');
    await eventually(60, async () => expect(restartsOf(await nodePod(place(), 'validator-1'))).toBe(1));
    await untilMoreBlocks(place(), 'validator-1');
    const after = await nodePod(place(), 'validator-1');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(await identityOf(after)).toEqual(identity);
    await eventually(30, async () => expect(await signedHeight(after)).toBeGreaterThan(signed));
    expect((await observer.stop()).longestPause).toBeLessThan(LONGEST_PAUSE);
    await untilReady(place());
  });

  it('of a validator whose pod is deleted', async () => {
    const before = await nodePod(place(), 'validator-2');
    const claim = await kube.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, inPlace('chain-validator-2'));
    const [identity, signed] = await Promise.all([identityOf(before), signedHeight(before)]);
    const others = await lifeOfPods(place());
    const observer = observeChain(place());
    await kubectl('delete', 'pod', 'chain-validator-2', '--namespace', site.namespace);
    await untilReady(place());
    await untilMoreBlocks(place(), 'validator-2');
    const after = await nodePod(place(), 'validator-2');
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(await identityOf(after)).toEqual(identity);
    expect(
      (await kube.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, inPlace('chain-validator-2')))?.metadata.uid,
    ).toBe(claim?.metadata.uid);
    await eventually(30, async () => expect(await signedHeight(after)).toBeGreaterThan(signed));
    const { longestPause, fewestAnswering } = await observer.stop();
    expect(longestPause).toBeLessThan(LONGEST_PAUSE);
    expect(fewestAnswering).toBeGreaterThanOrEqual(3);
    expect(await lifeOfPods(place())).toEqual({
      ...others,
      'chain-validator-2': expect.stringContaining('restarted 0'),
    });
  });

  it('of a deleted Service, with the address that its peers know', async () => {
    const before = await kube.get<Service>(SERVICES, inPlace('chain-validator-0'));
    const life = await lifeOfPods(place());
    await kubectl('delete', 'service', 'chain-validator-0', '--namespace', site.namespace);
    await eventually(30, async () => {
      const after = await kube.get<Service>(SERVICES, inPlace('chain-validator-0'));
      expect(after?.metadata.uid).toEqual(expect.any(String));
      expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
      expect(after?.spec?.clusterIP).toBe(before?.spec?.clusterIP);
    });
    await untilMoreBlocks(place(), 'validator-0');
    expect(await lifeOfPods(place())).toEqual(life);
  });

  it('of deleted ConfigMaps, the genesis among them, with what was in them', async () => {
    const life = await lifeOfPods(place());
    for (const name of ['chain-validator-3', 'chain-genesis']) {
      const before = await kube.get<ConfigMap>(CONFIG_MAPS, inPlace(name));
      await kubectl('delete', 'configmap', name, '--namespace', site.namespace);
      await eventually(30, async () => {
        const after = await kube.get<ConfigMap>(CONFIG_MAPS, inPlace(name));
        expect(after?.metadata.uid).toEqual(expect.any(String));
        expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
        expect(after?.data).toEqual(before?.data);
      });
    }
    await untilMoreBlocks(place(), 'validator-3');
    expect(await lifeOfPods(place())).toEqual(life);
  });

  it('of everything at once', async () => {
    const identity = await identityOf(await nodePod(place(), 'validator-0'));
    const signed = await signedHeight(await nodePod(place(), 'validator-0'));
    await kubectl('delete', 'pods,services,configmaps', '--all', '--wait=false', '--namespace', site.namespace);
    await eventually(60, async () => {
      const pods = await kube.list<Pod>(PODS, { namespace: site.namespace });
      expect(pods.filter((pod) => pod.metadata.deletionTimestamp === undefined)).toHaveLength(4);
    });
    await untilReady(place(), 120);
    await untilMoreBlocks(place(), 'validator-0');
    const after = await nodePod(place(), 'validator-0');
    expect(await identityOf(after)).toEqual(identity);
    await eventually(30, async () => expect(await signedHeight(after)).toBeGreaterThan(signed));
  });
});

async function identityOf(pod: Pod) {
  const { node_info, validator_info } = await statusOf(pod);
  return { id: node_info.id, address: validator_info.address };
}

function restartsOf(pod: Pod): number | undefined {
  return pod.status?.containerStatuses?.find((container) => container.name === 'node')?.restartCount;
}
