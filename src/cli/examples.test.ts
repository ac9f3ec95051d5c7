/** Every example is valid as it stands; those that need nothing of a cluster render to the objects they promise. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTINGS_FILE } from '../kinds/hopr/written-resources.ts';
import { parseHoprSettings } from '../kinds/hopr-settings.ts';
import type { ConfigMap, KubeObject, Pod, Service } from '../kube/objects.ts';
import { readResources } from './resource-files.ts';

const FOLDER = join(import.meta.dirname, '../../examples');
const NOW = new Date('2026-01-01T00:00:00Z');
const OPTIONS = {
  operatorNamespace: 'nodewright-system',
  agentImage: 'nodewright/nodewright:test',
  hopr: parseHoprSettings(SETTINGS_FILE, 'config.yaml'),
};

async function render(file: string): Promise<KubeObject[]> {
  let calls = 0;
  const random = (size: number) => new Uint8Array(size).fill(++calls);
  const resources = await readResources(join(FOLDER, file));
  return resources.flatMap(({ kind, object }) => kind.render(object, OPTIONS, NOW, random));
}

function namesOf(objects: KubeObject[], kind: string): string[] {
  return objects
    .filter((object) => object.kind === kind)
    .map(({ metadata }) => metadata.name)
    .sort();
}

const four = (name: string) => [0, 1, 2, 3].map((index) => `${name}-validator-${index}`);

type Expected = { pods: string[]; deployments?: string[]; configMaps?: string[]; loadBalancers?: string[] };

/** A CosmosFullNode has a ConfigMap per node, and no other. */
const fullNodes = (name: string, replicas: number, loadBalancers: number, furtherPods: string[] = []): Expected => {
  const pods = Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}`);
  return {
    pods: [...pods, ...furtherPods].sort(),
    configMaps: pods,
    loadBalancers: Array.from({ length: loadBalancers }, (_, ordinal) => `${name}-p2p-${ordinal}`),
  };
};

const RENDERED: Record<string, Expected> = {
  'cosmos-additional-pods.yaml': fullNodes('accompanied', 2, 1, ['indexer-0', 'indexer-1']),
  'cosmos-autoscaled.yaml': fullNodes('elastic', 2, 0),
  'cosmos-hub.yaml': fullNodes('cosmoshub', 2, 1),
  'cosmos-load-balancers.yaml': fullNodes('reachable', 3, 2),
  'cosmos-scheduled-snapshot.yaml': fullNodes('nightly', 3, 0),
  'cosmos-sentry-remote-signer.yaml': fullNodes('cosmoshub-sentry', 2, 2),
  'cosmos-snapshot.yaml': fullNodes('snapshot', 1, 1),
  'cosmos-staged-upgrade.yaml': fullNodes('staged', 3, 1),
  'cosmos-stateful-job.yaml': { pods: [], configMaps: [] },
  // What nodes are made of depends on identities and ports that are free.
  'hopr-cluster.yaml': { pods: [], configMaps: [] },
  'hopr-load-balancer.yaml': { pods: [], configMaps: [] },
  'osmosis.yaml': fullNodes('osmosis', 3, 1),
  'tendermint-network.yaml': { pods: four('demo') },
  'tendermint-network-full-nodes.yaml': {
    pods: ['followed-full-0', 'followed-full-1', ...four('followed')],
    deployments: ['followed-monitor', 'followed-transacter'],
  },
  'tendermint-network-unequal-powers.yaml': {
    pods: ['consortium-lima', 'consortium-london', 'consortium-nairobi', 'consortium-tokyo'],
  },
  'tendermint-network-external-app.yaml': { pods: four('basecoin') },
};

/** What they need from a cluster, as `render` says it. */
const NEED_A_CLUSTER: Record<string, RegExp> = {
  'symbol-full-api.yaml': /network's package \(sai\), which is not fetched here/,
  'symbol-peer-sai.yaml': /network's package \(sai\), which is not fetched here/,
  'symbol-voter-mainnet.yaml': /network's package \(mainnet\), which is not fetched here/,
  'tendermint-network-existing-keys.yaml': /Secret key-a does not exist/,
  'tendermint-network-join.yaml': /ConfigMap demo-1-genesis, which spec\.genesis\.configMap names, does not exist/,
};

test('every file of the folder is tested here', () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...Object.keys(RENDERED), ...Object.keys(NEED_A_CLUSTER)].sort());
});

describe('render', () => {
  test.each(Object.entries(RENDERED))(
    '%s',
    async (file, { pods, deployments = [], configMaps, loadBalancers = [] }) => {
      const objects = await render(file);
      expect(namesOf(objects, 'Pod')).toEqual(pods);
      expect(namesOf(objects, 'Deployment')).toEqual(deployments);
      if (configMaps === undefined)
        expect(namesOf(objects, 'ConfigMap')).toContain(`${pods[0]?.split('-')[0]}-genesis`);
      else expect(namesOf(objects, 'ConfigMap')).toEqual(configMaps);
      const balanced = (objects as Service[]).filter(({ spec }) => spec?.type === 'LoadBalancer');
      expect(namesOf(balanced, 'Service')).toEqual(loadBalancers);
    },
  );

  test.each(Object.entries(NEED_A_CLUSTER))('%s is valid and says what it needs', async (file, message) => {
    await expect(render(file)).rejects.toThrow(message);
  });
});

test('the application of the external example finds keys in its genesis', async () => {
  const objects = await render('tendermint-network-external-app.yaml');
  const genesis = objects.find(({ metadata }) => metadata.name === 'basecoin-genesis') as KubeObject & {
    data: Record<string, string>;
  };
  const { app_options } = JSON.parse(genesis.data['app_genesis.json'] ?? '');
  expect(app_options.accounts).toHaveLength(4);
  for (const { pub_key } of app_options.accounts)
    expect(pub_key).toEqual({ type: 'tendermint/PubKeyEd25519', value: expect.stringMatching(/^[\w+/]{43}=$/) });
});

test('the sentries of the example can be dialled by their signer before they are ready', async () => {
  const objects = await render('cosmos-sentry-remote-signer.yaml');
  const services = (objects as Service[]).filter(({ metadata }) => metadata.name.includes('-privval-'));
  expect(
    services.map(({ metadata, spec }) => [metadata.name, spec?.ports?.[0]?.port, spec?.publishNotReadyAddresses]),
  ).toEqual([
    ['cosmoshub-sentry-privval-0', 1234, true],
    ['cosmoshub-sentry-privval-1', 1234, true],
  ]);
});

test('the checksums of the snapshot example reach the containers that download', async () => {
  const [pod] = (await render('cosmos-snapshot.yaml')).filter(({ kind }) => kind === 'Pod') as Pod[];
  const commands = (pod?.spec?.initContainers ?? []).map(({ name, command }) => [name, command?.join(' ')]);
  const sha256 = '0'.repeat(64);
  expect(commands).toContainEqual(['genesis-init', expect.stringContaining(`--sha256 ${sha256}`)]);
  expect(commands).toContainEqual(['snapshot-restore', expect.stringContaining(`--sha256 ${sha256}`)]);
});

test('the node of the load balancer example that has an address by hand announces it', async () => {
  const objects = await render('cosmos-load-balancers.yaml');
  const configMap = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'reachable-2',
  ) as ConfigMap;
  expect(configMap.data?.['config-overlay.toml']).toContain('external_address = "node.example.com:30656"');
});

test('the nodes of the HOPR example have the identities of their numbers', async () => {
  const objects = await render('hopr-cluster.yaml');
  expect(namesOf(objects, 'Hoprd')).toEqual(['core-1', 'core-2']);
  expect(namesOf(objects, 'PersistentVolumeClaim')).toEqual(['core-1', 'core-2']);
  expect(namesOf(objects, 'CronJob')).toEqual(['auto-funding-core']);
});
