import { describe, expect, it } from 'vitest';
import { kubectl } from './cluster-access.ts';
import { useCosmosChain } from './cosmos-chain.ts';
import {
  claimOf,
  claimUid,
  createFullNode,
  deleteFullNode,
  getFullNode,
  inNode,
  lifeOfPods,
  nodeIds,
  patchSpec,
  untilInSync,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { eventually } from './eventually.ts';

const site = useCosmosSite('cosmos-scale');
const chain = useCosmosChain(site);
const place = () => ({ namespace: site.namespace, name: 'full' });

const ORDINALS = [0, 1, 2, 3];
/** A file in a node's data that no other node has. */
const MARK = 'data/mark-of-this-test';

/** What makes a node itself. */
type Self = { id: string | undefined; claim: string; mark: string };
let selves: Self[] = [];

describe('with Retain', () => {
  it('four nodes start', async () => {
    await createFullNode(place(), chain, { replicas: 4, volumeRetentionPolicy: 'Retain' });
    await untilInSync(place(), 4);
    for (const ordinal of ORDINALS) await inNode(place(), ordinal, `echo full-${ordinal} >${MARK}`);
    selves = await selvesOf(ORDINALS);
    expect(new Set(selves.map(({ id }) => id)).size).toBe(4);
    expect(selves.map(({ mark }) => mark)).toEqual(['full-0', 'full-1', 'full-2', 'full-3']);
  });

  it('and are found by the selector of the status, as a HorizontalPodAutoscaler does', async () => {
    const path = `/apis/cosmos.strange.love/v1/namespaces/${site.namespace}/cosmosfullnodes/full/scale`;
    const { status } = JSON.parse(await kubectl('get', '--raw', path)) as {
      status: { replicas: number; selector: string };
    };
    expect(status.replicas).toBe(4);
    const args = ['--namespace', site.namespace, '-l', status.selector, '-o', 'name'];
    const found = (await kubectl('get', 'pods', ...args)).trim().split('\n').sort();
    expect(found).toEqual(ORDINALS.map((ordinal) => `pod/full-${ordinal}`));
  });

  it('scaling down keeps the claims of the others, and restarts nobody', async () => {
    const before = await lifeOfPods(place());
    await scale(2);
    await untilInSync(place(), 2);
    expect(await lifeOfPods(place())).toEqual({ 'full-0': before['full-0'], 'full-1': before['full-1'] });
    for (const ordinal of [2, 3]) expect(await claimUid(place(), ordinal)).toBe(selves[ordinal]?.claim);
    expect((await getFullNode(place())).status?.replicas).toBe(2);
  });

  it('scaling up again gives the same nodes with their data, and restarts nobody', async () => {
    const before = await lifeOfPods(place());
    await scale(4);
    await untilInSync(place(), 4);
    expect(await selvesOf(ORDINALS)).toEqual(selves);
    expect(await lifeOfPods(place())).toMatchObject(before);
  });

  it('a resource that is deleted and created again has the same nodes with their data', async () => {
    await deleteFullNode(place());
    for (const ordinal of ORDINALS) {
      const claim = await claimOf(place(), ordinal);
      expect(claim?.metadata.uid).toBe(selves[ordinal]?.claim);
      expect(claim?.metadata.deletionTimestamp).toBeUndefined();
    }
    await createFullNode(place(), chain, { replicas: 4, volumeRetentionPolicy: 'Retain' });
    await untilInSync(place(), 4);
    expect(await selvesOf(ORDINALS)).toEqual(selves);
  });
});

describe('with Delete', () => {
  it('a change of the policy restarts nobody', async () => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), { volumeRetentionPolicy: 'Delete' });
    await eventually(30, async () => {
      for (const ordinal of ORDINALS) {
        const owners = (await claimOf(place(), ordinal))?.metadata.ownerReferences;
        expect(owners).toEqual([expect.objectContaining({ kind: 'CosmosFullNode', name: 'full', controller: true })]);
      }
    });
    await untilInSync(place(), 4);
    expect(await lifeOfPods(place())).toEqual(before);
  });

  it('scaling down removes node and data, and scaling up makes another', async () => {
    const before = await lifeOfPods(place());
    await scale(3);
    await eventually(60, async () => expect(await claimOf(place(), 3)).toBeUndefined());
    await scale(4);
    await untilInSync(place(), 4);
    const [last] = await selvesOf([3]);
    expect(last?.id).not.toBe(selves[3]?.id);
    expect(last?.claim).not.toBe(selves[3]?.claim);
    expect(last?.mark).toBe('none');
    const { 'full-3': _gone, ...others } = before;
    expect(await lifeOfPods(place())).toMatchObject(others);
  });

  it('deleting the resource leaves nothing of it', async () => {
    await deleteFullNode(place());
    const kinds = 'pods,persistentvolumeclaims,configmaps,services,serviceaccounts,roles,rolebindings';
    await eventually(90, async () => {
      const selector = 'app.kubernetes.io/created-by=cosmos-operator';
      expect(await kubectl('get', kinds, '--namespace', site.namespace, '-l', selector, '-o', 'name')).toBe('');
    });
  });
});

async function scale(replicas: number): Promise<void> {
  await kubectl('scale', 'cosmosfullnodes/full', '--namespace', site.namespace, `--replicas=${replicas}`);
}

async function selvesOf(ordinals: readonly number[]): Promise<Self[]> {
  const ids = await nodeIds(place());
  return Promise.all(
    ordinals.map(async (ordinal) => ({
      id: ids[`full-${ordinal}`],
      claim: await claimUid(place(), ordinal),
      mark: await inNode(place(), ordinal, `cat ${MARK} 2>/dev/null || echo none`),
    })),
  );
}
