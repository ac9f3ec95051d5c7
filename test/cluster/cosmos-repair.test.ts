import { describe, expect, it } from 'vitest';
import type { ConfigMap, KubeObject, PersistentVolumeClaim, Pod, Service } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { kube, kubectl } from './cluster-access.ts';
import { NEXT_SIMD_IMAGE, SIMD_IMAGE, useCosmosChain } from './cosmos-chain.ts';
import {
  claimUid,
  createFullNode,
  inNode,
  lifeOfPods,
  nodeIds,
  nodePod,
  patchSpec,
  untilCondition,
  untilInSync,
  untilMoreBlocks,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { eventually } from './eventually.ts';
import type { Place } from './kind-access.ts';

const site = useCosmosSite('cosmos-repair');
const chain = useCosmosChain(site);
const at = (name: string): Place => ({ namespace: site.namespace, name });

// The suites of this file go on side by side, each with two nodes of its own and its steps one after the other.

describe.concurrent('an instance override', () => {
  const place = () => at('settings');

  it.sequential('is not needed for an external address that a load balancer gives', async () => {
    await createFullNode(place(), chain, { replicas: 2, service: { maxP2PExternalAddresses: 1 } });
    const { status } = await untilInSync(place(), 2);
    const address = await eventually(30, async () => {
      const service = await getChild<Service>(SERVICES, 'settings-p2p-0');
      const ip = service.status?.loadBalancer?.ingress?.[0]?.ip;
      if (ip === undefined) throw new Error('the load balancer has no address');
      return `${ip}:26656`;
    });
    const ids = await nodeIds(place());
    expect(status?.peers).toEqual([`${ids['settings-0']}@${address}`, `${ids['settings-1']}@0.0.0.0:26656`].sort());
    expect(await externalAddressOf(place(), 0)).toBe(address);
    expect(await externalAddressOf(place(), 1)).toBe('');
    await untilInSync(place(), 2);
  });

  it.sequential('can give one node an external address, and only that one is restarted', async () => {
    const before = await lifeOfPods(place());
    await override(place(), { 'settings-1': { externalAddress: '203.0.113.7:26656' } });
    await untilRestarted(place(), before, [1]);
    expect(await externalAddressOf(place(), 1)).toBe('203.0.113.7:26656');
    await override(place(), { 'settings-1': null });
    await eventually(60, async () => expect(await externalAddressOf(place(), 1)).toBe(''));
    await untilInSync(place(), 2);
  });

  it.sequential('can give one node another image', async () => {
    const before = await lifeOfPods(place());
    await override(place(), { 'settings-0': { image: NEXT_SIMD_IMAGE } });
    await untilRestarted(place(), before, [0]);
    expect(await imagesOf(place(), 0)).toEqual({ node: NEXT_SIMD_IMAGE, 'chain-init': NEXT_SIMD_IMAGE });
    expect(await imagesOf(place(), 1)).toEqual({ node: SIMD_IMAGE, 'chain-init': SIMD_IMAGE });
  });

  it.sequential('can choose the machine of one node, and says so when there is none', async () => {
    const [machine] = await kube.list<KubeObject>(NODES);
    const hostname = machine?.metadata.labels?.['kubernetes.io/hostname'] as string;
    const before = await lifeOfPods(place());
    await override(place(), { 'settings-0': { image: null, nodeSelector: { 'kubernetes.io/hostname': hostname } } });
    await untilRestarted(place(), before, [0]);
    expect((await nodePod(place(), 0)).spec?.nodeSelector).toEqual({ 'kubernetes.io/hostname': hostname });

    await override(place(), { 'settings-0': { nodeSelector: { 'kubernetes.io/hostname': 'no-such-machine' } } });
    await untilCondition(place(), 'Ready', { status: 'False', message: /settings-0.*not scheduled/ });
    const during = await lifeOfPods(place());
    expect(during).toMatchObject(without(before, 'settings-0'));
    await override(place(), { 'settings-0': null });
    await untilRestarted(place(), during, [0]);
  });
});

describe.concurrent('repair', () => {
  const place = () => at('repair');

  it.sequential('two nodes start', async () => {
    await createFullNode(place(), chain, { replicas: 2 });
    await untilInSync(place(), 2);
  });

  it.sequential('of a deleted pod, which is the same node with the same data', async () => {
    const before = await lifeOfPods(place());
    const [ids, claim] = [await nodeIds(place()), await claimUid(place(), 1)];
    await inNode(place(), 1, 'echo kept >data/mark-of-this-test');
    await kubectl('delete', 'pod', 'repair-1', '--namespace', site.namespace);
    await untilRestarted(place(), before, [1]);
    expect(await nodeIds(place())).toEqual(ids);
    expect(await claimUid(place(), 1)).toBe(claim);
    expect(await inNode(place(), 1, 'cat data/mark-of-this-test')).toBe('kept');
  });

  it.sequential('of a deleted claim, once its pod has gone: the node syncs anew and stays who it is', async () => {
    const before = await lifeOfPods(place());
    const [ids, claim] = [await nodeIds(place()), await claimUid(place(), 1)];
    await kubectl('delete', 'persistentvolumeclaim', 'pvc-repair-1', '--wait=false', '--namespace', site.namespace);
    await kubectl('delete', 'pod', 'repair-1', '--namespace', site.namespace);
    await untilRestarted(place(), before, [1]);
    expect(await nodeIds(place())).toEqual(ids);
    expect(await claimUid(place(), 1)).not.toBe(claim);
    expect(await inNode(place(), 1, 'cat data/mark-of-this-test 2>/dev/null || echo none')).toBe('none');
  });

  it.sequential('of deleted Services, without a restart', async () => {
    const before = await lifeOfPods(place());
    for (const name of ['repair-p2p-1', 'repair-rpc'])
      await untilReplaced<Service>(SERVICES, name, ({ spec }) => spec?.selector);
    await untilMoreBlocks(place(), 1);
    expect(await lifeOfPods(place())).toEqual(before);
  });

  it.sequential('of a deleted ConfigMap, without a restart', async () => {
    const before = await lifeOfPods(place());
    await untilReplaced<ConfigMap>(CONFIG_MAPS, 'repair-0', ({ data }) => Object.keys(data ?? {}).sort());
    await untilMoreBlocks(place(), 0);
    expect(await lifeOfPods(place())).toEqual(before);
    await untilInSync(place(), 2);
  });

  it.sequential('of the service account and its rights, without a restart', async () => {
    const before = await lifeOfPods(place());
    for (const type of [SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS]) {
      const suffix = { serviceaccounts: 'sa', roles: 'r', rolebindings: 'rb' }[type.plural];
      await untilReplaced(type, `repair-vc-${suffix}`, (object) => Object.keys(object).sort());
    }
    expect(await lifeOfPods(place())).toEqual(before);
    // Its own resource and nothing else.
    expect(await may(place(), 'get', 'cosmosfullnodes/repair')).toBe(true);
    expect(await may(place(), 'patch', 'cosmosfullnodes/repair', '--subresource=status')).toBe(true);
    expect(await may(place(), 'get', 'cosmosfullnodes/other')).toBe(false);
    expect(await may(place(), 'patch', 'cosmosfullnodes/repair')).toBe(false);
    for (const verb of ['get', 'list']) {
      for (const resource of ['pods', 'secrets', 'configmaps', 'cosmosfullnodes']) {
        expect(await may(place(), verb, resource), `${verb} ${resource}`).toBe(false);
      }
    }
  });
});

describe.concurrent('an instance that is disabled', () => {
  const place = () => at('disabled');

  it.sequential('two nodes start', async () => {
    await createFullNode(place(), chain, { replicas: 2 });
    await untilInSync(place(), 2);
  });

  it.sequential('as a pod keeps its claim', async () => {
    const before = await lifeOfPods(place());
    const [ids, claim] = [await nodeIds(place()), await claimUid(place(), 1)];
    await override(place(), { 'disabled-1': { disable: 'Pod' } });
    await untilInSync(place(), 1);
    expect(await lifeOfPods(place())).toEqual(without(before, 'disabled-1'));
    expect(await claimUid(place(), 1)).toBe(claim);
    await override(place(), { 'disabled-1': null });
    await untilRestarted(place(), before, [1]);
    expect(await nodeIds(place())).toEqual(ids);
    expect(await claimUid(place(), 1)).toBe(claim);
  });

  it.sequential('altogether loses its claim', async () => {
    const before = await lifeOfPods(place());
    const claim = await claimUid(place(), 1);
    await override(place(), { 'disabled-1': { disable: 'All' } });
    await untilInSync(place(), 1);
    await eventually(60, async () => {
      const found = await kube.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, at('pvc-disabled-1'));
      expect(found).toBeUndefined();
    });
    expect(await lifeOfPods(place())).toEqual(without(before, 'disabled-1'));
    await override(place(), { 'disabled-1': null });
    await untilRestarted(place(), before, [1]);
    expect(await claimUid(place(), 1)).not.toBe(claim);
  });
});

async function getChild<T extends KubeObject>(type: ResourceType, name: string): Promise<T> {
  const found = await kube.get<T>(type, at(name));
  if (found === undefined) throw new Error(`${type.kind} ${name} does not exist`);
  return found;
}

/** Deletes an object and waits until there is another of its name with the same in it. */
async function untilReplaced<T extends KubeObject>(type: ResourceType, name: string, read: (object: T) => unknown) {
  const before = await getChild<T>(type, name);
  await kubectl('delete', type.plural, name, '--namespace', site.namespace);
  await eventually(30, async () => {
    const after = await getChild<T>(type, name);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(after.metadata.ownerReferences).toEqual(before.metadata.ownerReferences);
    expect(read(after)).toEqual(read(before));
  });
}

function override(place: Place, instanceOverrides: object) {
  return patchSpec(place, { instanceOverrides });
}

/** Waits until all are in sync again, these of them in another pod, and the others in the same as before. */
async function untilRestarted(
  place: Place,
  before: Record<string, string>,
  ordinals: readonly number[],
): Promise<void> {
  const names = ordinals.map((ordinal) => `${place.name}-${ordinal}`);
  await eventually(90, async () => {
    const now = await lifeOfPods(place);
    for (const name of names) {
      expect(now[name]).toBeDefined();
      expect(now[name]).not.toBe(before[name]);
    }
  });
  await untilInSync(place, 2);
  expect(without(await lifeOfPods(place), ...names)).toEqual(without(before, ...names));
}

function without(life: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(life).filter(([name]) => !names.includes(name)));
}

async function externalAddressOf(place: Place, ordinal: number): Promise<string | undefined> {
  const config = await inNode(place, ordinal, 'cat config/config.toml');
  return /^\s*external_address = "(.*)"$/m.exec(config)?.[1];
}

async function imagesOf(place: Place, ordinal: number): Promise<Record<string, string | undefined>> {
  const { spec }: Pod = await nodePod(place, ordinal);
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return Object.fromEntries(
    all.filter(({ name }) => name === 'node' || name === 'chain-init').map(({ name, image }) => [name, image]),
  );
}

/** Whether the pods' service account may do something in its namespace. */
async function may(place: Place, ...args: string[]): Promise<boolean> {
  const { serviceAccountName } = (await nodePod(place, 0)).spec ?? {};
  const user = `system:serviceaccount:${site.namespace}:${serviceAccountName}`;
  const asked = ['auth', 'can-i', ...args, '--as', user, '--namespace', site.namespace];
  // It exits with 1 to say no.
  const answer = await kubectl(...asked).catch(({ stdout }: { stdout?: string }) => stdout ?? '');
  return answer.trim() === 'yes';
}
