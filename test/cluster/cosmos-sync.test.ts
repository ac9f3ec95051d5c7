import { describe, expect, it } from 'vitest';
import { heightOf } from './chain.ts';
import { kubectl } from './cluster-access.ts';
import { CHAIN_ID, SIMD_IMAGE, SNAPSHOT_HEIGHT, SNAPSHOT_MARK, useCosmosChain } from './cosmos-chain.ts';
import {
  CLUSTER_PEERS,
  createFullNode,
  initLog,
  inNode,
  lifeOfPods,
  nodeIds,
  nodePods,
  patchSpec,
  untilInSync,
  useCosmosSite,
} from './cosmos-nodes.ts';
import type { Place } from './kind-access.ts';

const site = useCosmosSite('cosmos-sync', { operator: 'in-cluster' });
const chain = useCosmosChain(site);
const place = () => ({ namespace: site.namespace, name: 'full' });

describe('a CosmosFullNode', () => {
  it('follows a chain from its genesis and becomes in sync and Ready', async () => {
    const begin = await chain.height();
    await createFullNode(place(), chain, {
      chain: { genesisSHA256: await chain.sha256('genesis.json') },
      podTemplate: { image: SIMD_IMAGE, imagePullPolicy: 'IfNotPresent' },
    });
    const { status } = await untilInSync(place(), 3);
    const ids = await nodeIds(place());
    expect(Object.keys(ids)).toEqual(['full-0', 'full-1', 'full-2']);
    expect(status?.peers).toEqual(
      Object.values(ids)
        .map((id) => `${id}@0.0.0.0:26656`)
        .sort(),
    );
    expect(status?.replicas).toBe(3);
    for (const pod of await nodePods(place())) {
      const { name } = pod.metadata;
      expect(await heightOf(pod)).toBeGreaterThanOrEqual(begin);
      expect(status?.sync?.[name]).toMatchObject({ inSync: true, timestamp: expect.any(String) });
      expect(Number(status?.sync?.[name]?.height)).toBeGreaterThan(0);
      expect(Number(status?.height?.[name])).toBeGreaterThan(0);
      // The others and the chain's own.
      expect(Number(status?.sync?.[name]?.peers)).toBeGreaterThan(0);
    }
    const config = await inNode(place(), 1, 'cat config/config.toml');
    for (const ordinal of [0, 2]) {
      const host = `full-p2p-${ordinal}.${site.namespace}.svc.cluster.local`;
      expect(config).toContain(`${ids[`full-${ordinal}`]}@${host}:26656`);
    }
    expect(config).toContain(chain.peer);
    expect(JSON.parse(await inNode(place(), 0, 'cat config/genesis.json')).chain_id).toBe(CHAIN_ID);
  });

  it('gets a fourth node late, from a snapshot, and no other is restarted', async () => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), {
      chain: { snapshotURL: chain.url('snapshot.tar.lz4'), snapshotSHA256: await chain.sha256('snapshot.tar.lz4') },
    });
    const target = ['cosmosfullnodes/full', '--namespace', site.namespace];
    await kubectl('scale', ...target, '--replicas=4');
    await untilInSync(place(), 4);
    expect(await inNode(place(), 3, `cat ${SNAPSHOT_MARK}`)).toBe(`${SNAPSHOT_HEIGHT}`);
    expect(await initLog(place(), 3, 'snapshot-restore')).toContain('snapshot.tar.lz4');
    // What only the validator may have was not in it, so this is the node's own.
    expect(JSON.parse(await inNode(place(), 3, 'cat data/priv_validator_state.json')).height).toBe('0');
    expect(await inNode(place(), 0, `ls ${SNAPSHOT_MARK} 2>/dev/null || echo none`)).toBe('none');
    expect(await lifeOfPods(place())).toEqual({ ...before, 'full-3': expect.stringContaining('restarted 0 times') });
  });
});

describe('what a chain publishes', () => {
  const fetch = (file: Parameters<typeof chain.url>[0]) => `curl --silent --show-error --fail ${chain.url(file)}`;
  const sources = () => ({
    zst: { genesisURL: chain.url('packed-genesis.json.gz'), snapshotURL: chain.url('snapshot.tar.zst') },
    gz: { genesisURL: chain.url('packed-genesis.tar.gz'), snapshotURL: chain.url('snapshot.tar.gz') },
    // The format is in the content, and not behind the question mark.
    xz: { snapshotURL: `${chain.url('snapshot.tar.xz')}?token=a.tar.lz4` },
    plain: { snapshotURL: chain.url('plain-snapshot.tar') },
    scripts: {
      genesisURL: undefined,
      genesisScript: `${fetch('packed-genesis.json.gz')} | gunzip >"$GENESIS_FILE"`,
      snapshotScript: `${fetch('snapshot.tar.lz4')} | lz4 -d | tar -x -C "$CHAIN_HOME"`,
      addrbookScript: `${fetch('addrbook.json')} >"$ADDRBOOK_FILE"`,
      config: { overrides: CLUSTER_PEERS },
    },
    // Without a peer: the address book has one.
    addrbook: { addrbookURL: chain.url('addrbook.json'), config: { overrides: CLUSTER_PEERS } },
  });

  it('is understood, whatever its form', async () => {
    const places: Place[] = [];
    for (const [name, parts] of Object.entries(sources())) {
      const place = { namespace: site.otherNamespace, name };
      places.push(place);
      const { genesisURL, ...rest } = { genesisURL: chain.url('genesis.json'), ...parts };
      await createFullNode(place, chain, {
        replicas: 1,
        chain: genesisURL === undefined ? rest : { genesisURL, ...rest },
      });
    }
    await Promise.all(places.map((place) => untilInSync(place, 1, 200)));
    for (const place of places) {
      const restored = await inNode(place, 0, `cat ${SNAPSHOT_MARK} 2>/dev/null || echo none`);
      expect(restored, place.name).toBe(place.name === 'addrbook' ? 'none' : `${SNAPSHOT_HEIGHT}`);
    }
  });
});
