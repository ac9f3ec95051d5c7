/** Every example is valid as it stands; those that need nothing of a cluster render to the objects they promise. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../kube/objects.ts';
import { readResources } from './resource-files.ts';

const FOLDER = join(import.meta.dirname, '../../examples');
const NOW = new Date('2026-01-01T00:00:00Z');
const OPTIONS = { operatorNamespace: 'nodewright-system', agentImage: 'nodewright/nodewright:test' };

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

const RENDERED: Record<string, { pods: string[]; deployments?: string[] }> = {
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
  'tendermint-network-existing-keys.yaml': /Secret key-a does not exist/,
  'tendermint-network-join.yaml': /ConfigMap demo-1-genesis, which spec\.genesis\.configMap names, does not exist/,
};

test('every file of the folder is tested here', () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...Object.keys(RENDERED), ...Object.keys(NEED_A_CLUSTER)].sort());
});

describe('render', () => {
  test.each(Object.entries(RENDERED))('%s', async (file, { pods, deployments = [] }) => {
    const objects = await render(file);
    expect(namesOf(objects, 'Pod')).toEqual(pods);
    expect(namesOf(objects, 'Deployment')).toEqual(deployments);
    expect(namesOf(objects, 'ConfigMap')).toContain(`${pods[0]?.split('-')[0]}-genesis`);
  });

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
