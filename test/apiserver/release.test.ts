/** `nodewright release` on a real API server: our finalizers go, and nothing else changes. */
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseKinds } from '../../src/cli/chosen-kinds.ts';
import { applyCrds } from '../../src/cli/crds.ts';
import { releaseResources, runRelease } from '../../src/cli/release.ts';
import { writtenFullNode } from '../../src/kinds/cosmos-full-node/written-full-node.ts';
import { COSMOS_FULL_NODES } from '../../src/kinds/cosmos-resource-types.ts';
import { IDENTITY_POOLS } from '../../src/kinds/hopr/schema.ts';
import { writtenPool } from '../../src/kinds/hopr/written-resources.ts';
import { TENDERMINT_NETWORKS } from '../../src/kinds/tendermint-network/schema.ts';
import { type KubeObject, type Lease, uidOf } from '../../src/kube/objects.ts';
import { LEASES, type ResourceType } from '../../src/kube/resource-types.ts';
import { createNamespace, useTestApi } from './control-plane.ts';

const api = useTestApi();
const OURS = 'nodewright.dev/tendermint-network';
const OF_HOPR = 'hoprds.hoprnet.org/finalizer';

const network = (name: string, finalizers: string[]): KubeObject =>
  ({
    apiVersion: 'nodewright.dev/v1alpha1',
    kind: 'TendermintNetwork',
    metadata: { namespace: 'team', name, finalizers },
    spec: { chainId: 'chain-1', image: 'cometbft/cometbft:v0.38.26', validators: { replicas: 1 } },
  }) as KubeObject;

const finalizersOf = async (type: ResourceType, name: string) =>
  (await api.kube.get<KubeObject>(type, { namespace: 'team', name }))?.metadata.finalizers ?? [];
const release = (more: Partial<Parameters<typeof releaseResources>[1]> = {}) =>
  releaseResources(api.kube, { kinds: chooseKinds(undefined), includesHopr: false, dryRun: false, ...more });

beforeAll(async () => {
  await createNamespace(api.kube, 'team');
  await createNamespace(api.kube, 'elsewhere');
});

test('a cluster without our CRDs has nothing to release', async () => {
  expect(await release()).toEqual({ released: [], kept: [] });
});

describe('with resources', () => {
  beforeAll(async () => {
    await applyCrds(api.kube);
    await api.kube.create(TENDERMINT_NETWORKS, network('chain', ['example.com/keep', OURS]));
    await api.kube.create(TENDERMINT_NETWORKS, network('going', [OURS]));
    await api.kube.create(COSMOS_FULL_NODES, { ...writtenFullNode(), metadata: { namespace: 'team', name: 'hub' } });
    await api.kube.create(IDENTITY_POOLS, {
      ...writtenPool(),
      metadata: { namespace: 'team', name: 'pool', finalizers: [OF_HOPR] },
    });
    const going = await api.kube.get(TENDERMINT_NETWORKS, { namespace: 'team', name: 'going' });
    await api.kube.delete(
      TENDERMINT_NETWORKS,
      { namespace: 'team', name: 'going' },
      { uid: uidOf(going as KubeObject) },
    );
  });

  test('a dry run changes nothing', async () => {
    expect((await release({ dryRun: true })).released).toEqual([
      'tendermintnetworks.nodewright.dev/chain in namespace team released',
      'tendermintnetworks.nodewright.dev/going in namespace team released, and gone',
    ]);
    expect(await finalizersOf(TENDERMINT_NETWORKS, 'chain')).toEqual(['example.com/keep', OURS]);
    expect(await finalizersOf(TENDERMINT_NETWORKS, 'going')).toEqual([OURS]);
  });

  test('other namespaces and other kinds are left alone', async () => {
    expect((await release({ namespace: 'elsewhere' })).released).toEqual([]);
    expect((await release({ kinds: chooseKinds(['symbol-node', 'cosmos-full-node']) })).released).toEqual([]);
  });

  test('is refused while an operator leads, and waits for the Lease of one that is gone', async () => {
    const key = { namespace: 'team', name: 'nodewright' };
    const run = () => runRelease({ kubeconfig: api.plane.kubeconfigPath, operatorNamespace: 'team' });
    await api.kube.create<Lease>(LEASES, lease(new Date()));
    let renewed: Promise<unknown> | undefined;
    const renewing = setInterval(() => {
      renewed = api.kube.mergePatch(LEASES, key, { spec: lease(new Date()).spec });
    }, 200);
    await expect(run()).rejects.toThrow(
      'Lease team/nodewright: nodewright-0 leads, and would put the finalizers back.',
    );
    clearInterval(renewing);
    await renewed;
    expect(await finalizersOf(TENDERMINT_NETWORKS, 'chain')).toEqual(['example.com/keep', OURS]);
    expect(await run()).toBe(0);
  });

  test('our finalizers are gone, those of others are there, and what waited for ours is gone', async () => {
    expect(await finalizersOf(TENDERMINT_NETWORKS, 'chain')).toEqual(['example.com/keep']);
    expect(await api.kube.get(TENDERMINT_NETWORKS, { namespace: 'team', name: 'going' })).toBeUndefined();
    expect(await release()).toMatchObject({ released: [] });
  });

  test("the HOPR operator's finalizer goes only where its kinds are named", async () => {
    expect((await release()).kept).toEqual([
      `identitypools.hoprnet.org/pool in namespace team keeps ${OF_HOPR}: to take that off, too, add --kinds identity-pool`,
    ]);
    expect(await finalizersOf(IDENTITY_POOLS, 'pool')).toEqual([OF_HOPR]);
    await release({ kinds: chooseKinds(['identity-pool']), includesHopr: true });
    expect(await finalizersOf(IDENTITY_POOLS, 'pool')).toEqual([]);
  });
});

test('a kind that does not exist is refused with the one that was meant', () => {
  expect(() => chooseKinds(['cosmos-fullnode'])).toThrow(
    'there is no kind cosmos-fullnode; did you mean cosmos-full-node?',
  );
  expect(() => chooseKinds([])).toThrow('name at least one of tendermint-network');
});

function lease(renewed: Date): Lease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: 'team', name: 'nodewright' },
    spec: {
      holderIdentity: 'nodewright-0',
      leaseDurationSeconds: 3,
      renewTime: renewed.toISOString().replace('Z', '000Z') as unknown as NonNullable<Lease['spec']>['renewTime'] &
        string,
    },
  } as unknown as Lease;
}
