/** The CRD of CosmosFullNode takes the place of the Cosmos Operator's, with resources in it, and goes back. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { cosmosFullNodeCrd } from '../../src/kinds/cosmos-full-node/crd.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../src/kinds/cosmos-full-node/schema.ts';
import { writtenFullNode as fullNode, pod, version } from '../../src/kinds/cosmos-full-node/written-full-node.ts';
import { completeBySchema, schemaOf } from '../../src/kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../../src/kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/kube/resource-types.ts';
import { useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { maximalValue } from './maximal-value.ts';
import { originalCosmosCrd } from './original-cosmos-crd.ts';

const api = useTestApi();
const name = cosmosFullNodeCrd().metadata.name;

const full = schemaOf(originalCosmosCrd(), 'spec');
const nodes: CosmosFullNode[] = [
  fullNode(),
  fullNode({ 'chain.versions': [version(0), version(100)], additionalVersionedPods: [pod('a'), pod('b')] }),
  { ...fullNode(), spec: completeBySchema(full, maximalValue(full)) as CosmosFullNode['spec'] },
  // What our CRD would not take any more.
  fullNode({ 'chain.versions': [version(100), version(0)], 'strategy.maxUnavailable': 'half' }),
].map((node, index) => ({ ...node, metadata: { name: `node-${index}`, namespace: 'default' } }));
const status = maximalValue(schemaOf(originalCosmosCrd(), 'status')) as NonNullable<CosmosFullNode['status']>;

/** Applied as people do it with the manifests of a release. */
const applyOriginal = () =>
  kubectl(api, ['apply', '--server-side', '--force-conflicts', '-f', '-'], originalCosmosCrd());
const readAll = async () =>
  (await api.kube.list<CosmosFullNode>(COSMOS_FULL_NODES))
    .map(({ metadata, spec, status }) => ({ name: metadata.name, generation: metadata.generation, spec, status }))
    .sort((a, b) => a.name.localeCompare(b.name));
const expected = nodes.map(({ metadata, spec }) => ({ name: metadata.name, generation: 1, spec, status }));

beforeAll(async () => {
  expect(await applyOriginal()).toContain('serverside-applied');
  await vi.waitFor(() => api.kube.list(COSMOS_FULL_NODES), { timeout: 20_000, interval: 200 });
  for (const node of nodes) {
    await api.kube.create(COSMOS_FULL_NODES, node);
    const key = { namespace: 'default', name: node.metadata.name };
    await api.kube.mergePatch(COSMOS_FULL_NODES, key, { status }, { subresource: 'status' });
  }
  expect(await readAll()).toEqual(expected);
});

describe('our CRD in place of the original', () => {
  beforeAll(async () => {
    await applyCrds(api.kube);
    // Until the new schema is the one that is served.
    const path = `/apis/cosmos.strange.love/v1/namespaces/default/cosmosfullnodes/node-0/scale`;
    const readScale = async () => expect(await kubectl(api, ['get', '--raw', path])).toContain('"kind":"Scale"');
    await vi.waitFor(readScale, { timeout: 20_000, interval: 200 });
  });

  test('leaves every resource as it is', async () => {
    expect(await readAll()).toEqual(expected);
  });

  test('is the whole CRD, with nothing left of the other', async () => {
    const live = await api.kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
    expect(live?.spec?.versions).toEqual(cosmosFullNodeCrd().spec?.versions);
  });

  test('lets the status of every resource be written, also of one that it would refuse', async () => {
    const conditions = maximalValue(schemaOf(cosmosFullNodeCrd(), 'status').properties?.conditions ?? {});
    for (const { metadata } of nodes) {
      const key = { namespace: 'default', name: metadata.name };
      const patch = { status: { conditions, inSync: '1/1' } };
      const patched = await api.kube.mergePatch<CosmosFullNode>(COSMOS_FULL_NODES, key, patch, {
        subresource: 'status',
      });
      expect(patched.status).toMatchObject({ conditions, inSync: '1/1' });
    }
  });

  test('refuses a change that does not mend what it would refuse', async () => {
    const [, , , node] = nodes;
    const key = { namespace: 'default', name: node?.metadata.name ?? '' };
    const worse = { spec: { chain: { versions: [version(9), version(5)] } } };
    await expect(api.kube.mergePatch(COSMOS_FULL_NODES, key, worse)).rejects.toThrow(/ascending order of height/);
    const unrelated = { spec: { replicas: 3 } };
    await expect(api.kube.mergePatch(COSMOS_FULL_NODES, key, unrelated)).resolves.toMatchObject(unrelated);
  });
});

test('going back drops only what we added to the status', async () => {
  const before = await readAll();
  expect(await applyOriginal()).toContain('serverside-applied');
  const readStatus = async () => (await readAll()).map((node) => node.status);
  await expect.poll(readStatus, { timeout: 20_000 }).toEqual(nodes.map(() => status));
  expect((await readAll()).map(({ spec }) => spec)).toEqual(before.map(({ spec }) => spec));
});

test('a CRD with more versions than ours is left alone', async () => {
  const crd = originalCosmosCrd();
  const [v1] = crd.spec?.versions ?? [];
  const newer = { ...crd, spec: { ...crd.spec, versions: [v1, { ...v1, name: 'v2', storage: false }] } };
  expect(await kubectl(api, ['apply', '--server-side', '--force-conflicts', '-f', '-'], newer)).toContain('applied');
  await expect(applyCrds(api.kube)).rejects.toThrow(
    `CustomResourceDefinition ${name}: the installed one has version v2 and this release knows only v1; nothing was changed.`,
  );
  const live = await api.kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
  expect(live?.spec?.versions.map((version) => version.name)).toEqual(['v1', 'v2']);
});

describe('fields that ours does not have', () => {
  const added = { type: 'string', description: 'of another release' };
  /** A CRD with one more field in the spec of each version. */
  const widened = (crd: CustomResourceDefinition) => {
    const copy = structuredClone(crd);
    for (const { schema } of copy.spec?.versions ?? [])
      Object.assign(schema?.openAPIV3Schema?.properties?.spec?.properties ?? {}, { somethingNew: added });
    return copy;
  };
  const put = async (crd: CustomResourceDefinition) => {
    const live = await api.kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name });
    const { resourceVersion, uid } = live?.metadata ?? {};
    await api.kube.replace(CUSTOM_RESOURCE_DEFINITIONS, {
      ...crd,
      metadata: {
        ...crd.metadata,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        ...(uid ? { uid } : {}),
      },
    });
  };
  const liveVersions = async () =>
    (await api.kube.get<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name }))?.spec?.versions;

  test('a CRD that has all of ours and more is of a newer release, and stays', async () => {
    await put(widened(cosmosFullNodeCrd()));
    const before = await liveVersions();
    const told: string[] = [];
    expect(await applyCrds(api.kube, (why) => told.push(why))).not.toContain(name);
    expect(told).toEqual([
      `CustomResourceDefinition ${name}: the installed one is of a newer release; it stays as it is`,
    ]);
    expect(await liveVersions()).toEqual(before);
  });

  test('one that lacks some of ours and has others is refused, with the field', async () => {
    await put(widened(originalCosmosCrd()));
    const before = await liveVersions();
    await expect(applyCrds(api.kube)).rejects.toThrow(
      `CustomResourceDefinition ${name}: the installed one has spec.somethingNew, which this release does not know and would drop`,
    );
    expect(await liveVersions()).toEqual(before);
  });
});
