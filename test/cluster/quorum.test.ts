import { describe, expect, it } from 'vitest';
import { heightOf } from './chain.ts';
import { kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import {
  createNetwork,
  getNetwork,
  lifeOfPods,
  nodePod,
  patchSpec,
  untilCondition,
  untilMoreBlocks,
  untilReady,
} from './network.ts';
import { signalProgram } from './node-process.ts';
import { useSite } from './site.ts';

const site = useSite('quorum');
const place = () => ({ namespace: site.namespace, name: 'chain' });

describe('quorum', () => {
  it('is there with four validators, and with three', async () => {
    await createNetwork(place());
    await untilReady(place());
    await untilCondition(place(), 'Quorum', { status: 'True', reason: 'BlocksAdvance' });
    await signalProgram(site, await nodePod(place(), 'validator-3'), 'cometbft start', 'STOP');
    await untilCondition(place(), 'Ready', { status: 'False', reason: 'NodesNotInSync' });
    await untilMoreBlocks(place(), 'validator-0');
    expect(conditionOf(await getNetwork(place()), 'Quorum')?.status).toBe('True');
  });

  it('is reported lost within 30 s of a second validator that stands still, and is back after', async () => {
    const life = await lifeOfPods(place());
    await signalProgram(site, await nodePod(place(), 'validator-2'), 'cometbft start', 'STOP');
    const message = await untilCondition(place(), 'Quorum', { status: 'False' }, 30);
    expect(message).toMatch(/no block since height \d+: 20 of 40 voting power is up, and blocks need 27/);
    expect((await getNetwork(place())).status?.phase).toBe('Halted');
    const height = await heightOf(await nodePod(place(), 'validator-0'));

    for (const node of ['validator-2', 'validator-3']) {
      await signalProgram(site, await nodePod(place(), node), 'cometbft start', 'CONT');
    }
    await untilCondition(place(), 'Quorum', { status: 'True' });
    await eventually(30, async () => {
      expect(await heightOf(await nodePod(place(), 'validator-0'))).toBeGreaterThan(height);
    });
    await untilReady(place());
    expect(await lifeOfPods(place())).toEqual(life);
  });

  it('is lost when two pods find no machine, and is back when the spec lets them', async () => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), { scheduling: { nodeSelector: { 'example.com/nowhere': 'yes' } } });
    // The change costs one node; the second has to be lost by other means.
    const [lost] = await eventually(60, async () => {
      const pending = Object.keys(before).filter((name) => name in before);
      const after = await lifeOfPods(place());
      const replaced = pending.filter((name) => after[name] !== before[name]);
      expect(replaced).toHaveLength(1);
      expect(Object.keys(after)).toHaveLength(4);
      return replaced;
    });
    await untilMoreBlocks(place(), lost === 'chain-validator-0' ? 'validator-1' : 'validator-0');
    const second = lost === 'chain-validator-3' ? 'chain-validator-2' : 'chain-validator-3';
    await kubectl('delete', 'pod', second, '--namespace', site.namespace);
    await untilCondition(place(), 'Quorum', { status: 'False', reason: 'PowerMissing' }, 30);
    const { status } = await getNetwork(place());
    expect(status?.phase).toBe('Halted');
    expect(conditionOf(await getNetwork(place()), 'Ready')?.message).toContain('not scheduled');

    await patchSpec(place(), { scheduling: null });
    await untilCondition(place(), 'Quorum', { status: 'True' });
    await untilReady(place());
    const after = await lifeOfPods(place());
    for (const name of Object.keys(before)) {
      if (name !== lost && name !== second) expect(after[name]).toBe(before[name]);
    }
  });
});
