import { describe, expect, it } from 'vitest';
import type { Pod } from '../../src/kube/objects.ts';
import { PODS } from '../../src/kube/resource-types.ts';
import { heightOf, lastVoteTime, signersOf, statusOf, validatorsOf } from './chain.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { conditionOf } from './kind-access.ts';
import {
  createNetwork,
  eventNotes,
  getNetwork,
  lifeOfPods,
  nodePod,
  nodePods,
  patchSpec,
  untilCondition,
  untilReady,
} from './network.ts';
import { useSite } from './site.ts';

const site = useSite('validator-set');
const store = () => ({ namespace: site.namespace, name: 'store' });
const fixed = () => ({ namespace: site.otherNamespace, name: 'fixed' });

describe('validator set', () => {
  it('of a running key-value store gets a fifth validator', async () => {
    await createNetwork(store(), { app: { builtin: 'kvstore' } });
    await createNetwork(fixed(), { validators: { replicas: 1 }, app: { builtin: 'noop' } });
    await untilReady(store());
    const before = await lifeOfPods(store());
    await patchSpec(store(), { validators: { replicas: 5 } });
    const first = () => nodePod(store(), 'validator-0');
    await eventually(90, async () =>
      expect(Object.values(await validatorsOf(await first()))).toEqual([10, 10, 10, 10, 10]),
    );
    const { validator_info } = await statusOf(await nodePod(store(), 'validator-4'));
    await eventually(30, async () => expect(await signersOf(await first())).toContain(validator_info.address));
    await eventually(30, async () => {
      const { status } = await untilReady(store());
      expect(status?.validators).toBe('5/5');
      expect(status?.nodes?.map(({ power }) => power)).toEqual([10, 10, 10, 10, 10]);
    });
    expect(await lifeOfPods(store())).toMatchObject(before);
    expect((await eventNotes(store(), 'ValidatorSetChange')).join()).toContain('validator-4 in with power 10');
  });

  it('changes the power of one, and lets one go before it is stopped', async () => {
    const pod = await nodePod(store(), 'validator-4');
    const leaving = (await statusOf(pod)).validator_info.address;
    const stop = whenToldToStop(pod);
    await patchSpec(store(), { validators: { replicas: 4 } });
    const stoppedAt = await stop;
    const first = await nodePod(store(), 'validator-0');
    // It may be some blocks behind those that the operator went by.
    await eventually(30, async () => {
      expect(Object.values(await validatorsOf(first, await heightOf(first)))).toEqual([10, 10, 10, 10]);
    });
    expect(stoppedAt).toBeGreaterThan(await lastVoteTime(first, leaving));
    await eventually(30, async () => expect(await nodePods(store())).toHaveLength(4));
    await patchSpec(store(), { validators: { replicas: 4, power: 12 } });
    await eventually(90, async () => {
      expect(Object.values(await validatorsOf(await nodePod(store(), 'validator-0')))).toEqual([12, 12, 12, 12]);
    });
    await eventually(30, async () => {
      expect(conditionOf(await getNetwork(store()), 'ValidatorSetCurrent')).toBeUndefined();
    });
    await untilReady(store());
  });

  it('of another application is left to the application, with the reason', async () => {
    await untilReady(fixed());
    await patchSpec(fixed(), { validators: { replicas: 2 } });
    const message = await untilCondition(fixed(), 'ValidatorSetCurrent', {
      status: 'False',
      reason: 'ValidatorSetFixed',
    });
    expect(message).toMatch(/^wanted: validator-1 in with power 10\. Only the application can change/);
    expect(Object.values(await validatorsOf(await nodePod(fixed(), 'validator-0')))).toEqual([10]);
  });
});

/** When somebody deleted the pod: the end of that second, milliseconds since 1970. */
async function whenToldToStop({ metadata: { namespace = '', name } }: Pod): Promise<number> {
  const signal = AbortSignal.timeout(180_000);
  const watched = kube.watch<Pod>(PODS, { namespace, resourceVersion: '', timeoutSeconds: 300, signal });
  for await (const { type, object } of watched) {
    const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
    if (type === 'BOOKMARK' || object.metadata.name !== name || deletionTimestamp === undefined) continue;
    return Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 + 1000;
  }
  throw new Error(`nobody has deleted Pod ${name}`);
}
