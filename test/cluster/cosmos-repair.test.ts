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

const site = useCosmosSite('cosmos-repair');
const chain = useCosmosChain(site);
const place = () => ({ namespace: site.namespace, name: 'full' });

describe('an external address', () => {
  it('is the one that the load balancer gave, and the nodes say so', async () => {
    await createFullNode(place(), chain, { service: { maxP2PExternalAddresses: 1 } });
    const { status } = await untilInSync(place(), 3);
    const address = await eventually(30, async () => {
      const service = await getChild<Service>(SERVICES, 'full-p2p-0');
      const ip = service.status?.loadBalancer?.ingress?.[0]?.ip;
      if (ip === undefined) throw new Error('the load balancer has no address');
      return `${ip}:26656`;
    });
    const ids = await nodeIds(place());
    expect(status?.peers).toEqual(
      [`${ids['full-0']}@${address}`, `${ids['full-1']}@0.0.0.0:26656`, `${ids['full-2']}@0.0.0.0:26656`].sort(),
    );
    expect(await externalAddressOf(0)).toBe(address);
    expect(await externalAddressOf(1)).toBe('');
    await untilInSync(place(), 3);
  });

  it('can be given to one node, and only that one is restarted', async () => {
    const before = await lifeOfPods(place());
    await override({ 'full-1': { externalAddress: '203.0.113.7:26656' } });
    await untilRestarted(before, [1]);
    expect(await externalAddressOf(1)).toBe('203.0.113.7:26656');
    await override({ 'full-1': null });
    await eventually(60, async () => expect(await externalAddressOf(1)).toBe(''));
    await untilInSync(place(), 3);
  });
});

describe('repair', () => {
  it('of a deleted pod, which is the same node with the same data', async () => {
    const before = await lifeOfPods(place());
    const [ids, claim] = [await nodeIds(place()), await claimUid(place(), 1)];
    await inNode(place(), 1, 'echo kept >data/mark-of-this-test');
    await kubectl('delete', 'pod', 'full-1', '--namespace', site.namespace);
    await untilRestarted(before, [1]);
    expect(await nodeIds(place())).toEqual(ids);
    expect(await claimUid(place(), 1)).toBe(claim);
    expect(await inNode(place(), 1, 'cat data/mark-of-this-test')).toBe('kept');
  });

  it('of a deleted claim, once its pod has gone: the node syncs anew and stays who it is', async () => {
    const before = await lifeOfPods(place());
    const [ids, claim] = [await nodeIds(place()), await claimUid(place(), 1)];
    await kubectl('delete', 'persistentvolumeclaim', 'pvc-full-1', '--wait=false', '--namespace', site.namespace);
    await kubectl('delete', 'pod', 'full-1', '--namespace', site.namespace);
    await untilRestarted(before, [1]);
    expect(await nodeIds(place())).toEqual(ids);
    expect(await claimUid(place(), 1)).not.toBe(claim);
    expect(await inNode(place(), 1, 'cat data/mark-of-this-test 2>/dev/null || echo none')).toBe('none');
  });

  it('of deleted Services, without a restart', async () => {
    const before = await lifeOfPods(place());
    for (const name of ['full-p2p-1', 'full-rpc'])
      await untilReplaced<Service>(SERVICES, name, ({ spec }) => spec?.selector);
    await untilMoreBlocks(place(), 1);
    expect(await lifeOfPods(place())).toEqual(before);
  });

  it('of a deleted ConfigMap, without a restart', async () => {
    const before = await lifeOfPods(place());
    await untilReplaced<ConfigMap>(CONFIG_MAPS, 'full-2', ({ data }) => Object.keys(data ?? {}).sort());
    await untilMoreBlocks(place(), 2);
    expect(await lifeOfPods(place())).toEqual(before);
    await untilInSync(place(), 3);
  });

  it('of the service account and its rights, without a restart', async () => {
    const before = await lifeOfPods(place());
    for (const type of [SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS]) {
      const suffix = { serviceaccounts: 'sa', roles: 'r', rolebindings: 'rb' }[type.plural];
      await untilReplaced(type, `full-vc-${suffix}`, (object) => Object.keys(object).sort());
    }
    expect(await lifeOfPods(place())).toEqual(before);
    // Its own resource and nothing else.
    expect(await may('get', 'cosmosfullnodes/full')).toBe(true);
    expect(await may('patch', 'cosmosfullnodes/full', '--subresource=status')).toBe(true);
    expect(await may('get', 'cosmosfullnodes/other')).toBe(false);
    expect(await may('patch', 'cosmosfullnodes/full')).toBe(false);
    for (const verb of ['get', 'list']) {
      for (const resource of ['pods', 'secrets', 'configmaps', 'cosmosfullnodes']) {
        expect(await may(verb, resource), `${verb} ${resource}`).toBe(false);
      }
    }
  });
});

describe('an instance override', () => {
  it('disables a pod, whose claim stays', async () => {
    const before = await lifeOfPods(place());
    const [ids, claim] = [await nodeIds(place()), await claimUid(place(), 1)];
    await override({ 'full-1': { disable: 'Pod' } });
    await untilInSync(place(), 2);
    expect(await lifeOfPods(place())).toEqual(without(before, 'full-1'));
    expect(await claimUid(place(), 1)).toBe(claim);
    await override({ 'full-1': null });
    await untilRestarted(before, [1]);
    expect(await nodeIds(place())).toEqual(ids);
    expect(await claimUid(place(), 1)).toBe(claim);
  });

  it('disables all of an instance, whose claim goes', async () => {
    const before = await lifeOfPods(place());
    const claim = await claimUid(place(), 1);
    await override({ 'full-1': { disable: 'All' } });
    await untilInSync(place(), 2);
    await eventually(60, async () => {
      const found = await kube.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS, inPlace('pvc-full-1'));
      expect(found).toBeUndefined();
    });
    expect(await lifeOfPods(place())).toEqual(without(before, 'full-1'));
    await override({ 'full-1': null });
    await untilRestarted(before, [1]);
    expect(await claimUid(place(), 1)).not.toBe(claim);
  });

  it('gives one node another image', async () => {
    const before = await lifeOfPods(place());
    await override({ 'full-2': { image: NEXT_SIMD_IMAGE } });
    await untilRestarted(before, [2]);
    expect(await imagesOf(2)).toEqual({ node: NEXT_SIMD_IMAGE, 'chain-init': NEXT_SIMD_IMAGE });
    expect(await imagesOf(1)).toEqual({ node: SIMD_IMAGE, 'chain-init': SIMD_IMAGE });
  });

  it('chooses the machine of one node, and says so when there is none', async () => {
    const [machine] = await kube.list<KubeObject>(NODES);
    const hostname = machine?.metadata.labels?.['kubernetes.io/hostname'] as string;
    const before = await lifeOfPods(place());
    await override({ 'full-2': { image: null, nodeSelector: { 'kubernetes.io/hostname': hostname } } });
    await untilRestarted(before, [2]);
    expect((await nodePod(place(), 2)).spec?.nodeSelector).toEqual({ 'kubernetes.io/hostname': hostname });

    await override({ 'full-2': { nodeSelector: { 'kubernetes.io/hostname': 'no-such-machine' } } });
    // Words alone are written with the next refresh of the status, once a minute.
    await untilCondition(place(), 'Ready', { status: 'False', message: /full-2.*not scheduled/ }, 90);
    const during = await lifeOfPods(place());
    expect(during).toMatchObject(without(before, 'full-2'));
    await override({ 'full-2': null });
    await untilRestarted(during, [2]);
  });
});

const inPlace = (name: string) => ({ namespace: site.namespace, name });

async function getChild<T extends KubeObject>(type: ResourceType, name: string): Promise<T> {
  const found = await kube.get<T>(type, inPlace(name));
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

function override(instanceOverrides: object) {
  return patchSpec(place(), { instanceOverrides });
}

/** Waits until all are in sync again, these of them in another pod, and the others in the same as before. */
async function untilRestarted(before: Record<string, string>, ordinals: readonly number[]): Promise<void> {
  const names = ordinals.map((ordinal) => `full-${ordinal}`);
  await eventually(90, async () => {
    const now = await lifeOfPods(place());
    for (const name of names) {
      expect(now[name]).toBeDefined();
      expect(now[name]).not.toBe(before[name]);
    }
  });
  await untilInSync(place(), 3);
  expect(without(await lifeOfPods(place()), ...names)).toEqual(without(before, ...names));
}

function without(life: Record<string, string>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(life).filter(([name]) => !names.includes(name)));
}

async function externalAddressOf(ordinal: number): Promise<string | undefined> {
  const config = await inNode(place(), ordinal, 'cat config/config.toml');
  return /^\s*external_address = "(.*)"$/m.exec(config)?.[1];
}

async function imagesOf(ordinal: number): Promise<Record<string, string | undefined>> {
  const { spec }: Pod = await nodePod(place(), ordinal);
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return Object.fromEntries(
    all.filter(({ name }) => name === 'node' || name === 'chain-init').map(({ name, image }) => [name, image]),
  );
}

/** Whether the pods' service account may do something in its namespace. */
async function may(...args: string[]): Promise<boolean> {
  const { serviceAccountName } = (await nodePod(place(), 0)).spec ?? {};
  const user = `system:serviceaccount:${site.namespace}:${serviceAccountName}`;
  const asked = ['auth', 'can-i', ...args, '--as', user, '--namespace', site.namespace];
  // It exits with 1 to say no.
  const answer = await kubectl(...asked).catch(({ stdout }: { stdout?: string }) => stdout ?? '');
  return answer.trim() === 'yes';
}
