import { expect, test } from 'vitest';
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
