import { expect, test } from 'vitest';
import type { KubeObject } from '../../kube/objects.ts';
import { CONFIG_MAPS, type ResourceType, SECRETS, STATEFUL_SETS } from '../../kube/resource-types.ts';
import { confirmView } from './confirm.ts';
import { TUTORIAL_SYMBOL_NODES } from './schema.ts';
import { SymbolWorld } from './symbol-world.ts';

const NODE = 'node-example-org-sai';

/** What was asked of the API server, which is at a later version of one object. */
async function confirm(world: SymbolWorld, newer?: [ResourceType, string]) {
  const asked: string[] = [];
  const { observed } = await world.plan();
  const get = async <T extends KubeObject>(type: ResourceType, { name }: { name: string }) => {
    asked.push(`${type.kind}/${name}`);
    const found = type === TUTORIAL_SYMBOL_NODES ? world.resource : world.get(type.kind, name);
    const isNewer = newer?.[0] === type && newer[1] === name;
    return (isNewer ? { ...found, metadata: { ...found?.metadata, resourceVersion: 'later' } } : found) as
      | T
      | undefined;
  };
  return { isConfirmed: await confirmView(world.resource, observed, { get }), asked };
}

async function withRestartDue(): Promise<SymbolWorld> {
  const world = new SymbolWorld();
  await world.settle();
  world.resource.spec.image = 'catapult:2';
  await world.pass();
  return world;
}

test('where no restart is due nothing is asked', async () => {
  const world = new SymbolWorld();
  await world.settle();
  expect(await confirm(world)).toEqual({ isConfirmed: true, asked: [] });
});

test('where one is due, everything in the stamp has to be as it was seen', async () => {
  const { isConfirmed, asked } = await confirm(await withRestartDue());
  expect(isConfirmed).toBe(true);
  expect(asked.sort()).toEqual([
    `ConfigMap/package-${NODE}`,
    `Secret/certificates-${NODE}`,
    `Secret/voting-${NODE}`,
    `StatefulSet/${NODE}-statefulset`,
    'SymbolNode/testnode',
  ]);
});

test.each<[ResourceType, string]>([
  [TUTORIAL_SYMBOL_NODES, 'testnode'],
  [STATEFUL_SETS, `${NODE}-statefulset`],
  [CONFIG_MAPS, `package-${NODE}`],
  [SECRETS, `certificates-${NODE}`],
])('%o %s that is newer than what was seen stops nothing', async (...newer) => {
  expect((await confirm(await withRestartDue(), newer)).isConfirmed).toBe(false);
});

test('a pod of another operator was made before any of ours', async () => {
  const world = await withRestartDue();
  delete world.pod?.metadata.annotations;
  expect(await confirm(world)).toEqual({ isConfirmed: true, asked: [] });
});
