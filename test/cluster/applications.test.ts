import { describe, expect, it } from 'vitest';
import { askNode, queryValue, sendTransaction } from './chain.ts';
import { eventually } from './eventually.ts';
import { createNetwork, nodePod, nodePods, untilHeight, untilMoreBlocks, untilReady } from './network.ts';
import { readFileIn, signalProgram } from './node-process.ts';
import { useSite } from './site.ts';

const site = useSite('applications');
const overUnix = () => ({ namespace: site.namespace, name: 'unix' });
const overTcp = () => ({ namespace: site.otherNamespace, name: 'tcp' });
const IMAGE = 'nodewright/abci-kvstore:test';

describe('applications', () => {
  it('a container beside the node serves it over a socket', async () => {
    await Promise.all([
      createNetwork(overUnix(), {
        validators: { replicas: 2 },
        app: {
          container: { image: IMAGE, args: ['--address', '$(ABCI_ADDRESS)', 'kvstore', '--persist', '/app'] },
          storage: { size: '16Mi' },
          keys: {},
          genesis: {
            accounts: [
              { pub_key: 'validator-0', coins: [{ denom: 'mycoin', amount: 1000000000 }] },
              { pub_key: 'unix-validator-1', coins: [{ denom: 'mycoin', amount: 1 }] },
              { pub_key: 'nobody', coins: [] },
            ],
          },
        },
      }),
      createNetwork(overTcp(), {
        validators: { replicas: 1 },
        app: {
          transport: 'tcp',
          container: { name: 'store', image: IMAGE, args: ['--address', '$(ABCI_ADDRESS)', 'kvstore'] },
          containers: [{ image: 'busybox:stable', command: ['sh', '-c', 'echo $NODE_NAME; exec sleep 3600'] }],
        },
      }),
    ]);
    for (const place of [overUnix(), overTcp()]) {
      await untilReady(place);
      await sendTransaction(await nodePod(place, 'validator-0'), 'app=outside');
      expect(await queryValue(await nodePod(place, 'validator-0'), 'app')).toBe('outside');
    }
    const { response } = await askNode<{ response: { data: string } }>(
      await nodePod(overUnix(), 'validator-1'),
      '/abci_info',
    );
    expect(response.data).toContain('size');
    const containers = (await nodePod(overTcp(), 'validator-0')).spec?.containers.map(({ name }) => name);
    expect(containers).toEqual(['node', 'store', 'app-1', 'healthcheck']);
  });

  it('every node has an application key of its own, and the genesis has them where it names nodes', async () => {
    const pods = await nodePods(overUnix());
    const keys = await Promise.all(
      pods.map(async (pod) => JSON.parse(await readFileIn(pod, 'app', '/app-keys/pub_key.json'))),
    );
    expect(keys[0]).not.toEqual(keys[1]);
    for (const pod of pods) {
      const { accounts } = JSON.parse(await readFileIn(pod, 'app', '/app-genesis/genesis.json'));
      expect(accounts).toEqual([
        { pub_key: keys[0], coins: [{ denom: 'mycoin', amount: 1000000000 }] },
        { pub_key: keys[1], coins: [{ denom: 'mycoin', amount: 1 }] },
        { pub_key: 'nobody', coins: [] },
      ]);
    }
  });

  it('an application that is killed comes back, although it left its socket behind', async () => {
    for (const [place, container] of [
      [overUnix(), 'app'],
      [overTcp(), 'store'],
    ] as const) {
      const pod = await nodePod(place, 'validator-0');
      await signalProgram(site, pod, 'abci-cli', 'KILL');
      await eventually(60, async () => {
        const { status } = await nodePod(place, 'validator-0');
        expect(status?.containerStatuses?.find(({ name }) => name === container)?.restartCount).toBe(1);
      });
      await untilMoreBlocks(place, 'validator-0', 3, 90);
      expect(await queryValue(await nodePod(place, 'validator-0'), 'app')).toBe('outside');
      await untilReady(place);
      await untilHeight(place, 3);
    }
  });
});
