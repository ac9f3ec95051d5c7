import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/kube/objects.ts';
import { heightOf } from './chain.ts';
import { kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import {
  annotate,
  createNetwork,
  eventNotes,
  getNetwork,
  lifeOfPods,
  NEXT_IMAGE,
  nodePod,
  nodePods,
  patchSpec,
  untilCondition,
  untilMoreBlocks,
  untilReady,
} from './network.ts';
import { readFileIn } from './node-process.ts';
import { useSite } from './site.ts';

const site = useSite('changes');
const place = () => ({ namespace: site.namespace, name: 'chain' });

describe('changes', () => {
  it('wait with the reason where no validator can be spared, until allowHalt is set', async () => {
    await createNetwork(place(), { validators: { replicas: 3 } });
    await untilReady(place());
    await untilCondition(place(), 'DrainsBlocked', { status: 'True', reason: 'NoValidatorToSpare' });
    const before = await lifeOfPods(place());
    await patchSpec(place(), { image: NEXT_IMAGE });
    const message = /20 of 30 voting power .*blocks need 21.*spec\.strategy\.allowHalt/;
    await untilCondition(place(), 'Progressing', { status: 'False', reason: 'Waiting', message });
    await untilMoreBlocks(place(), 'validator-0', 3);
    expect(await lifeOfPods(place())).toEqual(before);

    await patchSpec(place(), { strategy: { allowHalt: true } });
    await eventually(150, async () => {
      expect((await nodePods(place())).map(imageOf)).toEqual([NEXT_IMAGE, NEXT_IMAGE, NEXT_IMAGE]);
    });
    await untilReady(place());
    await untilMoreBlocks(place(), 'validator-0');
  });

  it('of settings that are no TOML are refused with the line, and restart nothing', async () => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), { config: 'log_level = "error"\n[mempool]\nsize = = 1\n' });
    const why = await untilCondition(place(), 'SpecValid', { status: 'False', reason: 'ConfigInvalid' });
    expect(why).toMatch(/spec\.config.*line 3/);
    expect(conditionOf(await getNetwork(place()), 'Ready')).toMatchObject({ status: 'False', reason: 'ConfigInvalid' });
    await eventually(30, async () => expect(await eventNotes(place(), 'ConfigInvalid')).toContain(why));
    await untilMoreBlocks(place(), 'validator-0', 3);
    expect(await lifeOfPods(place())).toEqual(before);

    await patchSpec(place(), { config: 'log_level = "error"\n[mempool]\nsize = 1234\n' });
    await eventually(150, async () => {
      const after = await lifeOfPods(place());
      for (const [name, life] of Object.entries(before)) expect(after[name] ?? life).not.toBe(life);
    });
    await untilReady(place());
    for (const pod of await nodePods(place())) {
      expect(await readFileIn(pod, 'node', '/cometbft/config/config.toml')).toContain('size = 1234');
    }
  });

  it('are left alone while the network is paused, and a lost pod is not replaced', async () => {
    await annotate(place(), { 'nodewright.dev/paused': 'true' });
    await untilCondition(place(), 'Progressing', { status: 'False', reason: 'Paused' });
    expect((await getNetwork(place())).status?.phase).toBe('Paused');
    await kubectl('delete', 'pod', 'chain-validator-1', '--namespace', site.namespace);
    await patchSpec(place(), { fullNodes: { replicas: 1 } });
    await untilCondition(place(), 'Ready', { status: 'False', reason: 'NodesNotInSync' });
    const seen = await reconciles();
    await eventually(60, async () => expect(await reconciles()).toBeGreaterThan(seen + 3));
    expect((await nodePods(place())).map((pod) => pod.metadata.name)).toEqual([
      'chain-validator-0',
      'chain-validator-2',
    ]);

    await annotate(place(), { 'nodewright.dev/paused': null });
    await untilReady(place());
    expect(await nodePods(place())).toHaveLength(4);
  });

  it('restartedAt restarts every node', async () => {
    const before = await lifeOfPods(place());
    const height = await heightOf(await nodePod(place(), 'validator-0'));
    await annotate(place(), { 'nodewright.dev/restartedAt': new Date().toISOString() });
    await eventually(150, async () => {
      const after = await lifeOfPods(place());
      for (const [name, life] of Object.entries(before)) expect(after[name] ?? life).not.toBe(life);
    });
    await untilReady(place());
    expect(await heightOf(await nodePod(place(), 'validator-0'))).toBeGreaterThan(height);
    await eventually(30, async () =>
      expect((await eventNotes(place(), 'Restarting')).join()).toContain('a restart was asked for'),
    );
  });
});

function imageOf(pod: Pod): string | undefined {
  return pod.spec?.containers.find((container) => container.name === 'node')?.image;
}

/** How often the operator has looked at its networks so far. */
async function reconciles(): Promise<number> {
  const lines = (await site.operator.metrics()).split('\n');
  const counted = lines.filter((line) => line.startsWith('controller_runtime_reconcile_total{'));
  return counted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
