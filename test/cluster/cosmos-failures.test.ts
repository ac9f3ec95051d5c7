import { describe, expect, it } from 'vitest';
import type { CosmosFullNodeSpec } from '../../src/kinds/cosmos-full-node/schema.ts';
import { kubectl } from './cluster-access.ts';
import { SIMD_IMAGE, SNAPSHOT_HEIGHT, SNAPSHOT_MARK, useCosmosChain } from './cosmos-chain.ts';
import {
  CLUSTER_PEERS,
  createFullNode,
  eventsOf,
  initLog,
  inNode,
  lifeOfPods,
  nodePod,
  nodePods,
  patchSpec,
  untilCondition,
  untilInSync,
  untilMoreBlocks,
  useCosmosSite,
} from './cosmos-nodes.ts';
import { eventually } from './eventually.ts';

const site = useCosmosSite('cosmos-failures');
const chain = useCosmosChain(site);
const place = () => ({ namespace: site.namespace, name: 'full' });

// The suites of this file go on side by side, each with resources of its own and its steps one after the other.

/** The third line lacks its end. */
const BAD_TOML = '[p2p]\naddr_book_strict = false\nmoniker = "open\n';

describe.concurrent('settings that are not TOML', () => {
  it.sequential('keep a new node from starting, with a condition that names the line', async () => {
    await createFullNode(place(), chain, {
      replicas: 2,
      chain: { config: { peers: chain.peer, overrides: BAD_TOML } },
    });
    const message = await untilCondition(place(), 'SpecValid', { status: 'False', reason: 'ConfigInvalid' });
    expect(message).toMatch(/spec\.chain\.config\.overrides.*line 3/);
    expect(await nodePods(place())).toEqual([]);
    await patchSpec(place(), { chain: { config: { overrides: CLUSTER_PEERS } } });
    await untilInSync(place(), 2);
  });

  it.sequential.each([
    ['config', BAD_TOML, /spec\.chain\.config\.overrides.*line 3/],
    ['app', 'halt-time = = 1\n', /spec\.chain\.app\.overrides.*line 1/],
  ])('in spec.chain.%s restart nobody, and are mended by mending them', async (part, overrides, words) => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), { chain: { [part]: { overrides } } });
    expect(await untilCondition(place(), 'SpecValid', { status: 'False', reason: 'ConfigInvalid' })).toMatch(words);
    await untilCondition(place(), 'Ready', { status: 'False', reason: 'ConfigInvalid', message: words });
    await eventually(30, async () => {
      const found = (await eventsOf(place())).filter((event) => event.startsWith('ConfigInvalid: '));
      expect(found).toContainEqual(expect.stringMatching(words));
    });
    // The rest of the spec goes on: a node that is there keeps running, and a new pod starts with the settings that were good.
    await untilMoreBlocks(place(), 0, 5);
    await untilMoreBlocks(place(), 1);
    expect(await lifeOfPods(place())).toEqual(before);

    const mended = part === 'config' ? CLUSTER_PEERS : null;
    await patchSpec(place(), { chain: { [part]: { overrides: mended } } });
    await untilCondition(place(), 'SpecValid', { status: 'True' });
    await untilInSync(place(), 2);
    expect(await lifeOfPods(place())).toEqual(before);
  });

  it.sequential('once mended to something else are used, one node after the other', async () => {
    const before = await lifeOfPods(place());
    await patchSpec(place(), { chain: { config: { overrides: BAD_TOML } } });
    await untilCondition(place(), 'SpecValid', { status: 'False', reason: 'ConfigInvalid' });
    const overrides = `${CLUSTER_PEERS}[mempool]\nsize = 4321\n`;
    await patchSpec(place(), { chain: { config: { overrides } } });
    await eventually(90, async () => {
      for (const ordinal of [0, 1])
        expect(await inNode(place(), ordinal, 'cat config/config.toml')).toMatch(/^\s*size = 4321$/m);
    });
    await untilInSync(place(), 2);
    const after = await lifeOfPods(place());
    for (const name of Object.keys(before)) expect(after[name]).not.toBe(before[name]);
  });
});

type Failure = {
  name: string;
  parts: { chain: Partial<CosmosFullNodeSpec['chain']>; podTemplate?: CosmosFullNodeSpec['podTemplate'] };
  container: 'genesis-init' | 'snapshot-restore';
  /** Which file, what happened, what to do. */
  words: RegExp[];
  /** Merged into the spec. */
  mend: object;
};

function failures(): Failure[] {
  const genesis = { chain: { genesisURL: chain.url('genesis.json') } };
  const snapshot = { chain: { snapshotURL: chain.url('snapshot.tar.lz4') } };
  return [
    {
      name: 'unreachable',
      parts: { chain: { genesisURL: chain.unreachableUrl('genesis.json') } },
      container: 'genesis-init',
      words: [/:8081\/genesis\.json/, /ECONNREFUSED/, /check spec\.chain\.genesisURL/],
      mend: genesis,
    },
    {
      name: 'missing',
      parts: { chain: { genesisURL: chain.url('missing.json') } },
      container: 'genesis-init',
      words: [/\/missing\.json/, /404 Not Found/, /check spec\.chain\.genesisURL/],
      mend: genesis,
    },
    {
      name: 'half',
      parts: { chain: { genesisURL: chain.url('half-genesis.json') } },
      container: 'genesis-init',
      words: [/\/half-genesis\.json/, /JSON/, /check spec\.chain\.genesisURL/],
      mend: genesis,
    },
    {
      name: 'no-snapshot',
      parts: { chain: { snapshotURL: chain.url('missing.tar.lz4') } },
      container: 'snapshot-restore',
      words: [/\/missing\.tar\.lz4/, /404 Not Found/, /check spec\.chain\.snapshotURL/],
      mend: snapshot,
    },
    {
      name: 'truncated',
      parts: { chain: { snapshotURL: chain.url('truncated.tar.lz4') } },
      container: 'snapshot-restore',
      words: [/\/truncated\.tar\.lz4/, /cut off/, /check spec\.chain\.snapshotURL/],
      mend: snapshot,
    },
    {
      name: 'page',
      parts: { chain: { snapshotURL: chain.url('page.tar.lz4') } },
      container: 'snapshot-restore',
      words: [/\/page\.tar\.lz4/, /found .*, need a tar archive/, /check spec\.chain\.snapshotURL/],
      mend: snapshot,
    },
    {
      name: 'changed',
      parts: { chain: { snapshotURL: chain.url('snapshot.tar.lz4'), snapshotSHA256: '0'.repeat(64) } },
      container: 'snapshot-restore',
      words: [/\/snapshot\.tar\.lz4/, /checksum/, /spec\.chain\.snapshotSHA256/],
      mend: { chain: { snapshotSHA256: null } },
    },
    {
      name: 'small-disk',
      parts: { chain: { snapshotURL: chain.url('huge.tar.gz') }, podTemplate: onSmallDisk() },
      container: 'snapshot-restore',
      words: [/\/home\/operator\/cosmos/, /no space left/, /enlarge the volume/],
      mend: { ...snapshot, podTemplate: { volumes: null, containers: null, initContainers: null } },
    },
  ];
}

/** The chain's home on a volume of 16 MiB instead of the claim: nothing here keeps a claim to its size. */
function onSmallDisk(): CosmosFullNodeSpec['podTemplate'] {
  const onSmall = (name: string) => ({ name, volumeMounts: [{ name: 'small', mountPath: '/home/operator/cosmos' }] });
  const inits = ['chain-init', 'genesis-init', 'addrbook-init', 'config-merge', 'snapshot-restore', 'version-check'];
  return {
    image: SIMD_IMAGE,
    imagePullPolicy: 'IfNotPresent',
    volumes: [{ name: 'small', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } }],
    containers: ['node', 'healthcheck'].map(onSmall),
    initContainers: inits.map(onSmall),
  };
}

describe.concurrent('what cannot be downloaded or restored', () => {
  it.sequential('is said in the log of the init container and in the condition', async () => {
    const all = failures();
    for (const { name, parts } of all) {
      await createFullNode({ namespace: site.namespace, name }, chain, { replicas: 1, ...parts });
    }
    await Promise.all(
      all.map(async ({ name, container, words }) => {
        const place = { namespace: site.namespace, name };
        const [first = /./] = words;
        const message = await untilCondition(place, 'Ready', { status: 'False', message: first }, 180);
        expect(message, name).toContain(container);
        for (const word of words) expect(message, name).toMatch(word);
        // Between two tries there may be none for a moment.
        await eventually(60, async () => {
          const log = await initLog(place, 0, container);
          for (const word of words) expect(log, name).toMatch(word);
        });
      }),
    );
  });

  it.sequential('is never taken for complete', async () => {
    for (const { name, container } of failures()) {
      const pod = await eventually(60, async () => {
        const found = await nodePod({ namespace: site.namespace, name }, 0);
        const tries = found.status?.initContainerStatuses?.find((status) => status.name === container)?.restartCount;
        expect(tries, name).toBeGreaterThan(0);
        return found;
      });
      // The node's process was never started.
      const node = pod.status?.containerStatuses?.find((status) => status.name === 'node');
      expect(node?.state?.waiting?.reason, name).toBe('PodInitializing');
      expect(node?.restartCount, name).toBe(0);
    }
  });

  it.sequential('is mended by mending it, and what was half-written is not used', async () => {
    const all = failures();
    for (const { name, mend } of all) await patchSpec({ namespace: site.namespace, name }, mend);
    await Promise.all(
      all.map(async ({ name, container }) => {
        const place = { namespace: site.namespace, name };
        await untilInSync(place, 1, 200);
        const restored = await inNode(place, 0, `cat ${SNAPSHOT_MARK} 2>/dev/null || echo none`);
        expect(restored, name).toBe(container === 'snapshot-restore' ? `${SNAPSHOT_HEIGHT}` : 'none');
        expect(await inNode(place, 0, 'ls data')).not.toContain('filler');
      }),
    );
  });
});

describe.concurrent('a restore that is interrupted', () => {
  it.sequential('begins again, and what it wrote is not taken for complete', async () => {
    const place = { namespace: site.namespace, name: 'interrupted' };
    const restore = `curl --silent --fail ${chain.url('snapshot.tar.lz4')} | lz4 -d | tar -x -C "$CHAIN_HOME"`;
    const slowly = `${restore}; rm "$CHAIN_HOME/${SNAPSHOT_MARK}"; echo half way; sleep 3600`;
    await createFullNode(place, chain, { replicas: 1, chain: { snapshotScript: slowly } });
    await eventually(60, async () => expect(await initLog(place, 0, 'snapshot-restore')).toContain('half way'));
    await kubectl('delete', 'pod', 'interrupted-0', '--grace-period=1', '--namespace', site.namespace);
    // It has begun again; had it taken the databases for its own, the node would run.
    await eventually(60, async () => expect(await initLog(place, 0, 'snapshot-restore')).toContain('half way'));
    await patchSpec(place, { chain: { snapshotScript: restore } });
    await untilInSync(place, 1);
    expect(await inNode(place, 0, `cat ${SNAPSHOT_MARK}`)).toBe(`${SNAPSHOT_HEIGHT}`);
  });
});
