import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Pod } from '../../../kube/objects.ts';
import { sampleFullNode, samplePod } from '../../cosmos-full-node/desired/sample-full-node.ts';
import { buildServices } from '../../cosmos-full-node/desired/services.ts';
import { createRig } from '../rig.ts';
import { whyMaySign } from '../trial-safety.ts';
import { buildTrialPod } from './trial-node.ts';

const { resource } = createRig();
const snapshot = { apiVersion: 'v1', kind: 'VolumeSnapshot', metadata: { name: 's', namespace: 'default' } };

/** As the API server has it. */
function live(pod: Pod): Pod {
  const token = { name: 'kube-api-access-x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  const [node, ...others] = pod.spec?.containers ?? [];
  const served = { ...node, name: 'node', volumeMounts: [...(node?.volumeMounts ?? []), token] };
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: [served, ...others],
      volumes: [...(pod.spec?.volumes ?? []), { name: token.name, projected: {} }],
      nodeName: 'machine-1',
      priority: 0,
      serviceAccount: 'x',
    },
  };
}
const trialOf = (pod: Pod) => buildTrialPod(resource, snapshot, live(pod), { agentImage: 'agent:v1', lifeSeconds: 60 });
const sample = samplePod({
  chain: { versions: [{ height: 1, image: 'gaia:v1' }] },
  podTemplate: {
    image: 'gaia:v1',
    nodeSelector: { disk: 'fast' },
    containers: [
      { name: 'node', ports: [{ containerPort: 26656, hostPort: 26656 }] },
      { name: 'app', image: 'app:v1', volumeMounts: [{ name: 'vol-chain-home', mountPath: '/data' }] },
      { name: 'relayer', image: 'relayer:v1' },
    ],
  },
});

test('is the node and what works on its volume, on a machine of its own choice and without rights', () => {
  const { metadata, spec } = trialOf(sample);
  expect(spec?.containers.map(({ name }) => name).sort()).toEqual(['app', 'node']);
  expect(spec?.initContainers?.map(({ name, image }) => [name, image])).toEqual([['another-node', 'agent:v1']]);
  const node = spec?.containers.find(({ name }) => name === 'node');
  expect(node).toMatchObject({ image: 'gaia:v1', command: ['osmosisd'], args: ['start', '--home', expect.anything()] });
  expect(JSON.stringify(node?.ports)).not.toContain('hostPort');
  expect(spec?.volumes?.map(({ name }) => name).sort()).toEqual(['vol-chain-home', 'vol-system-tmp']);
  expect(spec?.volumes?.[0]).toEqual({ name: 'vol-chain-home', persistentVolumeClaim: { claimName: 's-verify' } });
  expect(spec).toMatchObject({
    nodeSelector: { disk: 'fast' },
    automountServiceAccountToken: false,
    activeDeadlineSeconds: 60,
    securityContext: sample.spec?.securityContext,
  });
  for (const member of ['nodeName', 'hostname', 'subdomain', 'priority', 'serviceAccount'])
    expect(spec).not.toHaveProperty(member);
  expect(metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ScheduledVolumeSnapshot', controller: true });
});

test('no Service leads to it', () => {
  const { labels = {} } = trialOf(sample).metadata;
  for (const { metadata, spec } of buildServices(sampleFullNode({ type: 'Sentry' })))
    expect(
      Object.entries(spec?.selector ?? {}).every(([label, value]) => labels[label] === value),
      metadata.name,
    ).toBe(false);
});

test('may be made of any node but one that signs', () => {
  const settings = (text: string) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'osmosis-0' } },
    data: { 'config-overlay.toml': text },
  });
  expect(whyMaySign(live(sample), settings('priv_validator_laddr = ""\n'))).toBeUndefined();
  expect(whyMaySign(live(samplePod({ type: 'Sentry' })), settings(''))).toContain('container node of pod osmosis-0');
});

test('another node is made of the copy of a home', () => {
  const home = mkdtempSync(join(tmpdir(), 'trial-'));
  const keys = ['config/node_key.json', 'config/priv_validator_key.json', 'data/priv_validator_state.json'];
  for (const folder of ['config', 'data']) mkdirSync(join(home, folder));
  for (const file of keys) writeFileSync(join(home, file), '{}');
  writeFileSync(join(home, 'config/genesis.json'), '{}');
  const config = ['moniker = "a"', '[p2p]', '  external_address = "1.2.3.4:26656"', 'seeds = "external_address"'];
  writeFileSync(join(home, 'config/config.toml'), `${config.join('\n')}\n`);
  const [step] = trialOf(sample).spec?.initContainers ?? [];
  const [shell = '', ...args] = step?.command ?? [];
  const { status, stderr } = spawnSync(shell, args, { env: { ...process.env, NODE_HOME: home }, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  for (const file of keys) expect(existsSync(join(home, file))).toBe(false);
  expect(existsSync(join(home, 'config/genesis.json'))).toBe(true);
  expect(readFileSync(join(home, 'config/config.toml'), 'utf8').split('\n')).toEqual([
    ...['moniker = "a"', '[p2p]', '  external_address = ""', 'seeds = "external_address"', ''],
  ]);
  expect(step?.env).toEqual([{ name: 'NODE_HOME', value: '/home/operator/cosmos' }]);
});
