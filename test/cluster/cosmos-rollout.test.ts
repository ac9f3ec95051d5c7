import { describe, expect, it } from 'vitest';
import { statusOf } from './chain.ts';
import { NEXT_SIMD_IMAGE, SIMD_IMAGE, useCosmosChain } from './cosmos-chain.ts';
import {
  createFullNode,
  eventsOf,
  lifeOfPods,
  nodePod,
  nodePods,
  patchSpec,
  untilCondition,
  untilInSync,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { observeNodes } from './cosmos-observer.ts';
import { eventually } from './eventually.ts';

const site = useCosmosSite('cosmos-rollout');
const chain = useCosmosChain(site);
const place = () => ({ namespace: site.namespace, name: 'full' });

/** A restart takes longer than the longest look, on a machine that runs other files' chains at the same time. */
const ENOUGH_SAMPLES = 15;

describe('a rollout', () => {
  it('starts with four nodes', async () => {
    const fetch = (file: Parameters<typeof chain.url>[0]) => `curl --silent --fail ${chain.url(file)} >"$GENESIS_FILE"`;
    // A fifth node can use no block of the others: it runs and answers, and catches up for ever.
    const genesisScript = `
      case "$(cat /etc/hostname)" in
        *-4) ${fetch('wrong-genesis.json')};;
        *) ${fetch('genesis.json')};;
      esac`;
    await createFullNode(place(), chain, { replicas: 4, chain: { genesisScript } });
    await untilInSync(place(), 4);
  });

  it('of a new image takes one node at a time', async () => {
    const before = await lifeOfPods(place());
    const observer = observeNodes(place());
    await patchSpec(place(), { podTemplate: { image: NEXT_SIMD_IMAGE } });
    await untilImages(new Array(4).fill(NEXT_SIMD_IMAGE));
    await untilInSync(place(), 4);
    const { fewestInSync, samples } = await observer.stop();
    expect(fewestInSync).toBe(3);
    expect(samples.length).toBeGreaterThan(ENOUGH_SAMPLES);
    const after = await lifeOfPods(place());
    for (const name of Object.keys(before)) expect(after[name]).not.toBe(before[name]);
    const restarts = (await eventsOf(place())).filter((event) => event.startsWith('Restarting'));
    expect(restarts).toHaveLength(4);
    for (const restart of restarts) expect(restart).toContain(`${SIMD_IMAGE} → ${NEXT_SIMD_IMAGE}`);
  });

  it('does not begin while a fifth node, which never syncs, is all that may be missing', async () => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), { replicas: 5 });
    await untilFifthAnswers();
    const observer = observeNodes(place());
    await patchSpec(place(), { podTemplate: { image: SIMD_IMAGE } });
    await untilCondition(place(), 'Progressing', { status: 'True', reason: 'Waiting', message: /full-4/ });
    // It is looked at again every few seconds while it waits.
    await eventually(60, () => expect(observer.samples.length).toBeGreaterThan(4 * ENOUGH_SAMPLES));
    expect((await observer.stop()).fewestInSync).toBe(4);
    expect(await lifeOfPods(place())).toMatchObject(before);
  });

  it('with room for two goes on beside it, one at a time', async () => {
    await untilFifthAnswers();
    const observer = observeNodes(place());
    await patchSpec(place(), { strategy: { maxUnavailable: 2 } });
    await untilImages(new Array(5).fill(SIMD_IMAGE));
    await eventually(60, async () => expect(await namesInSync()).toEqual(['full-0', 'full-1', 'full-2', 'full-3']));
    const { fewestInSync, samples } = await observer.stop();
    expect(fewestInSync).toBe(3);
    expect(samples.length).toBeGreaterThan(ENOUGH_SAMPLES);
    await untilCondition(place(), 'Ready', { status: 'False', message: /^full-4 is [^;]*$/ });
  });
});

async function untilImages(wanted: string[]): Promise<void> {
  await eventually(200, async () => {
    const pods = (await nodePods(place())).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(pods.map((pod) => pod.spec?.containers.find(({ name }) => name === 'node')?.image)).toEqual(wanted);
  });
}

async function untilFifthAnswers(): Promise<void> {
  await eventually(60, async () => {
    const { sync_info } = await statusOf(await nodePod(place(), 4));
    expect(sync_info).toMatchObject({ latest_block_height: '0', catching_up: true });
  });
}

async function namesInSync(): Promise<string[]> {
  const pods = await nodePods(place());
  const synced = await Promise.all(pods.map(async (pod) => !(await statusOf(pod)).sync_info.catching_up));
  return pods.flatMap(({ metadata }, index) => (synced[index] === true ? [metadata.name] : []));
}
