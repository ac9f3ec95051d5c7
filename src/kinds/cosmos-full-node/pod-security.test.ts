import { expect, test } from 'vitest';
import type { Pod } from '../../kube/objects.ts';
import { ofGoOperator } from './go-fleet.ts';
import {
  emptyFullNode,
  planOf,
  type SettledFullNode,
  sentencesOf,
  settle,
  settledFullNode,
} from './settled-full-node.ts';

const uidsOf = ({ observed }: SettledFullNode) => [...observed.pods.values()].map(({ metadata }) => metadata.uid);
const ADDITIONAL = [{ name: 'aux', image: 'busybox:stable', containers: [{ name: 'aux', image: 'busybox:stable' }] }];

test('new pods, further ones included, have what the profile restricted asks for', () => {
  const settled = { ...emptyFullNode({ additionalVersionedPods: ADDITIONAL }), podSecurity: 'Restricted' as const };
  settle(settled);
  const pods = [...settled.observed.pods.values()];
  expect(pods).toHaveLength(8);
  for (const { spec } of pods) {
    expect(spec?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const { securityContext } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])])
      expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  }
});

test.each<[string, () => SettledFullNode]>([
  ['of ours', () => settledFullNode({ additionalVersionedPods: ADDITIONAL })],
  ['of the Cosmos Operator', () => ofGoOperator()],
])('pods %s that run are not restarted for it, and say that something waits', (_, make) => {
  const settled = make();
  const before = uidsOf(settled);
  settled.podSecurity = 'Restricted';
  settle(settled);
  expect(uidsOf(settled)).toEqual(before);
  expect(planOf(settled).pendingUpdates.get('hub-0')).toBe('the pod as this version of Nodewright makes it');
});

test('and back again neither', () => {
  const settled: SettledFullNode = settledFullNode();
  const before = uidsOf(settled);
  settled.podSecurity = 'Restricted';
  settle(settled);
  settled.podSecurity = 'Original';
  expect(sentencesOf(settled)).toEqual([]);
  expect(uidsOf(settled)).toEqual(before);
  expect(planOf(settled).pendingUpdates.size).toBe(0);
});

test('the next restart brings it', () => {
  const settled: SettledFullNode = settledFullNode();
  settled.podSecurity = 'Restricted';
  settled.fullNode.metadata.annotations = { 'nodewright.dev/restartedAt': '2026-01-02T03:00:00Z' };
  settle(settled);
  const pod = settled.observed.pods.get('hub-0') as Pod;
  expect(pod.spec?.containers[0]?.securityContext?.allowPrivilegeEscalation).toBe(false);
});
