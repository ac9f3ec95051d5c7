/** SymbolNodes on a real cluster, with stand-ins for catapult, REST and MongoDB that take only what these would take. */
import { describe, expect, it } from 'vitest';
import { SYMBOL_NODES } from '../../src/kinds/symbol-node/schema.ts';
import { isOwnCluster } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import type { Place } from './kind-access.ts';
import { useSite } from './site.ts';
import {
  crash,
  createNode,
  events,
  getNode,
  inspect,
  NEXT_SYMBOL_IMAGE,
  patchSpec,
  podOf,
  untilCondition,
  untilRunning,
  useSymbolWorld,
} from './symbol-nodes.ts';

// Catapult's image runs as root.
const site = useSite('symbol', {
  type: SYMBOL_NODES,
  podSecurity: 'baseline',
  ...(isOwnCluster ? {} : { operator: 'in-cluster' as const }),
});
const world = useSymbolWorld(site);
const at = (name: string): Place => ({ namespace: site.namespace, name });

// The suites of this file go on side by side, each with a node of its own and its steps one after the other.

describe.concurrent('a peer', () => {
  const place = () => at('peer');

  it.sequential('runs with the configuration, certificates and seed that it was given', async () => {
    await createNode(place(), world, {
      overrides: { node: { node: { minFeeMultiplier: '10' } } },
      hostName: 'peer.test',
    });
    await untilCondition(place(), 'SpecValid', { status: 'False', message: /minFeeMultiplier/ });
    await patchSpec(place(), {
      overrides: { node: { node: { minFeeMultiplier: null, enableAutoSyncCleanup: 'false' } } },
    });
    const { status } = await untilRunning(place());
    const { config, mainKey, height } = await inspect(place());
    expect(config.node).toMatchObject({
      node: { enableAutoSyncCleanup: 'false' },
      localnode: { host: 'peer.test', friendlyName: 'peer', roles: 'Peer' },
    });
    expect(status).toMatchObject({ mainPublicKey: mainKey, network: 'testnet', packageSha256: world.sha256 });
    expect(height).toBeGreaterThan(0);
  });

  it.sequential('is recovered after its server was killed, and goes on', async () => {
    const { height } = await inspect(place());
    const before = (await podOf(place())).metadata.uid;
    await crash(place());
    await eventually(90, async () => expect((await podOf(place())).metadata.uid).not.toBe(before));
    await untilRunning(place());
    const after = await inspect(place());
    expect(after.journal).toEqual(['server started', 'recovered', 'server started']);
    expect(after.height).toBeGreaterThanOrEqual(height);
    expect((await getNode(place())).status?.recovery).toMatchObject({ attempts: 1 });
  });

  it.sequential('stops cleanly before another image is started, and needs no recovery then', async () => {
    await patchSpec(place(), { image: NEXT_SYMBOL_IMAGE });
    await eventually(90, async () =>
      expect((await podOf(place())).spec?.containers.find(({ name }) => name === 'client')?.image).toBe(
        NEXT_SYMBOL_IMAGE,
      ),
    );
    await untilRunning(place());
    expect((await inspect(place())).journal.slice(3)).toEqual(['server stopped', 'server started']);
  });
});

describe.concurrent('a node with REST and a database', () => {
  const place = () => at('api');

  it.sequential('starts its processes in order', async () => {
    await createNode(place(), world, { features: ['API'] });
    await untilRunning(place());
    const { config, journal } = await inspect(place());
    expect(config.node?.localnode?.roles).toBe('Peer,Api');
    expect(journal).toEqual(['server started', 'broker started']);
  });

  it.sequential('stops them in reverse before another image is started', async () => {
    const before = (await podOf(place())).metadata.uid;
    await patchSpec(place(), { image: NEXT_SYMBOL_IMAGE });
    await eventually(90, async () => expect((await podOf(place())).metadata.uid).not.toBe(before));
    await untilRunning(place());
    expect((await inspect(place())).journal).toEqual([
      'server started',
      'broker started',
      'broker stopped',
      'server stopped',
      'server started',
      'broker started',
    ]);
  });
});

describe.concurrent('a node that harvests and votes', () => {
  const place = () => at('voter');
  const links = async () => (await getNode(place())).status?.links;

  it.sequential('has its keys, and links them once', async () => {
    await createNode(place(), world, {
      features: ['HARVESTER', 'VOTER'],
      accounts: { links: 'Announce' },
      alerts: { webhook: { url: `${world.url}/hook` } },
    });
    await untilRunning(place());
    const { config, votingKeys } = await inspect(place());
    expect(config.finalization?.finalization?.enableVoting).toBe('true');
    expect(config.harvesting?.harvesting?.enableAutoHarvesting).toBe('true');
    // At height 1000 of the network this is epoch 3, and new keys begin two epochs later.
    expect(votingKeys).toMatchObject([{ file: 'private_key_tree1.dat', startEpoch: 5, endEpoch: 724 }]);
    const hash = await eventually(60, async () => {
      const announced = await world.ask<string[] | null>('/announced');
      expect(announced?.length).toBeGreaterThan(0);
      expect((await links())?.state).toBe('Announced');
      return announced?.[0];
    });
    await world.ask('/make-blocks/1');
    await eventually(60, async () => expect((await links())?.state).toBe('Linked'));
    expect(new Set(await world.ask<string[]>('/announced'))).toEqual(new Set([hash]));
  });

  it.sequential('tells somebody when it is not well, and when it is again', async () => {
    await patchSpec(place(), { image: 'nodewright/missing:test', imagePullPolicy: 'Never' });
    const told = () => world.ask<{ alert: string; name: string; status: string }[] | null>('/alerts');
    await eventually(90, async () =>
      expect(await told()).toContainEqual(
        expect.objectContaining({ alert: 'ErrImageNeverPull:recovery', name: 'voter', status: 'firing' }),
      ),
    );
    await untilCondition(place(), 'Ready', { status: 'False', reason: 'PodFailing', message: /ErrImageNeverPull/ });
    await eventually(30, async () =>
      expect((await events(place())).map(({ reason }) => reason)).toContain('ErrImageNeverPull'),
    );
    await patchSpec(place(), { image: NEXT_SYMBOL_IMAGE, imagePullPolicy: 'IfNotPresent' });
    await untilRunning(place());
  });
});
