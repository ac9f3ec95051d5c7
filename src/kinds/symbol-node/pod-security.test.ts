import { expect, test } from 'vitest';
import type { StatefulSet } from '../../kube/objects.ts';
import { buildStatus } from './status.ts';
import { SymbolWorld } from './symbol-world.ts';

test('a pod that runs is not restarted for the profile restricted; the next one has what it asks for', async () => {
  const world = new SymbolWorld();
  await world.settle();
  const before = world.pod;
  world.podSecurity = 'Restricted';
  await world.settle();
  expect(world.pod?.metadata.uid).toBe(before?.metadata.uid);
  expect(world.pod?.spec).toEqual(before?.spec);

  world.resource.metadata.annotations = { 'nodewright.dev/restartedAt': '2026-01-02T03:00:00Z' };
  await world.settle();
  const spec = world.pod?.spec;
  expect(spec?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  for (const { securityContext } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])])
    expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
});

test('a StatefulSet that makes no pod is told, with the profile that a namespace must allow', async () => {
  const world = new SymbolWorld();
  await world.settle();
  const [pod, live] = [world.pod, world.statefulSet];
  if (pod === undefined || live === undefined) throw new Error('the node was not made');
  world.objects.delete(`Pod/${pod.metadata.name}`);
  const metadata = { ...live.metadata, generation: 2 };
  const status = { replicas: 0, observedGeneration: 2 };
  world.objects.set(`StatefulSet/${live.metadata.name}`, { ...live, metadata, status } as StatefulSet);
  const input = { plan: await world.plan(), failure: undefined, now: world.now, operatorNamespace: 'nodewright' };
  const { conditions } = buildStatus(world.resource, input);
  expect(conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    ...{ status: 'False', reason: 'PodFailing' },
    message: expect.stringMatching(/StatefulSet \S+ has made no pod yet.*must allow the profile \w+$/),
  });
});
