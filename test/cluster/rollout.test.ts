import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import {
  createNetwork,
  eventNotes,
  IMAGE,
  lifeOfPods,
  MISSING_IMAGE,
  NEXT_IMAGE,
  nodePods,
  patchSpec,
  untilCondition,
  untilMoreBlocks,
  untilReady,
} from './network.ts';
import { observeChain } from './network-observer.ts';
import { useSite } from './site.ts';

const site = useSite('rollout');
const place = () => ({ namespace: site.namespace, name: 'chain' });

/** Long enough for the round of a validator that just stopped, on a busy machine. */
const LONGEST_PAUSE = 20;

describe('rollout', () => {
  it('of a new image goes node by node, and blocks go on', async () => {
    await createNetwork(place());
    await untilReady(place());
    const before = await lifeOfPods(place());
    const observer = observeChain(place());
    await patchSpec(place(), { image: NEXT_IMAGE });
    await eventually(200, async () => {
      expect(await imagesOf()).toEqual([NEXT_IMAGE, NEXT_IMAGE, NEXT_IMAGE, NEXT_IMAGE]);
    });
    await untilReady(place());
    const { fewestAnswering, longestPause, samples } = await observer.stop();
    expect(fewestAnswering).toBeGreaterThanOrEqual(3);
    expect(longestPause).toBeLessThan(LONGEST_PAUSE);
    expect(samples.length).toBeGreaterThan(20);
    const after = await lifeOfPods(place());
    for (const name of Object.keys(before)) expect(after[name]).not.toBe(before[name]);
    const notes = await eventNotes(place(), 'Restarting');
    expect(notes).toHaveLength(4);
    for (const note of notes) expect(note).toContain(`${IMAGE} → ${NEXT_IMAGE}`);
  });

  it('of an image that does not exist stops after one node, and the old image repairs it', async () => {
    const before = await lifeOfPods(place());
    // "Never" makes the kubelet look no further than its own machine.
    await patchSpec(place(), { image: MISSING_IMAGE, imagePullPolicy: 'Never' });
    const message = /^restart of .*: validator-\d has to be in sync again first$/;
    await untilCondition(place(), 'Progressing', { status: 'False', reason: 'Waiting', message });
    await untilCondition(place(), 'Ready', { status: 'False', reason: 'NodesNotInSync' });
    const [during, replaced] = await eventually(30, async () => {
      const life = await lifeOfPods(place());
      const others = Object.keys(before).filter((name) => life[name] !== before[name]);
      expect(others).toHaveLength(1);
      return [life, others] as const;
    });
    const untouched = Object.keys(before).find((name) => !replaced.includes(name)) as string;
    await untilMoreBlocks(place(), untouched.replace('chain-', ''), 5);
    expect(await lifeOfPods(place())).toEqual(during);

    await patchSpec(place(), { image: NEXT_IMAGE, imagePullPolicy: null });
    await untilReady(place());
    const after = await lifeOfPods(place());
    for (const name of Object.keys(before)) {
      if (!replaced.includes(name)) expect(after[name]).toBe(before[name]);
    }
  });
});

async function imagesOf(): Promise<(string | undefined)[]> {
  const pods = await nodePods(place());
  return pods
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => pod.spec?.containers.find((container) => container.name === 'node')?.image);
}
