import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container } from '../../../kube/objects.ts';
import { findContainer, type Sample, samplePodSpec } from './sample-full-node.ts';

const nodeOf = (sample: Sample = {}) => findContainer(samplePodSpec(sample).containers, 'node');
const portsOf = ({ ports = [] }: Container) => ports.map(({ name, containerPort }) => `${name} ${containerPort}`);

describe('the node', () => {
  test('ports', () => {
    const ports = [
      'api 1317',
      'rosetta 8080',
      'grpc 9090',
      'prometheus 26660',
      'p2p 26656',
      'rpc 26657',
      'grpc-web 9091',
    ];
    expect(portsOf(nodeOf())).toEqual(ports);
    expect(portsOf(nodeOf({ type: 'Sentry' }))).toEqual([...ports, 'privval 1234']);
  });

  test('other ports of RPC and P2P reach the container, the health check and the probe', () => {
    const config = { rpcListenAddress: 'tcp://0.0.0.0:27147', p2pListenAddress: 'tcp://0.0.0.0:27146' };
    const { containers } = samplePodSpec({ chain: { config } });
    expect(portsOf(containers[0] as Container)).toEqual(expect.arrayContaining(['p2p 27146', 'rpc 27147']));
    expect(containers[0]?.readinessProbe?.httpGet?.port).toBe(27147);
    expect(containers[1]?.command?.at(-1)).toBe('http://localhost:27147');
  });

  test.each<[string, Sample, string[], string[]]>([
    ['plain', {}, ['osmosisd'], ['start', '--home', '/home/operator/cosmos']],
    [
      'further arguments',
      { chain: { additionalStartArgs: ['--foo', 'bar'] } },
      ['osmosisd'],
      ['start', '--home', '/home/operator/cosmos', '--foo', 'bar'],
    ],
    [
      'in order',
      { chain: { skipInvariants: true, logLevel: 'debug', logFormat: 'json', homeDir: '.osmosisd' } },
      ['osmosisd'],
      [
        ...['start', '--home', '/home/operator/.osmosisd', '--x-crisis-skip-assert-invariants'],
        ...['--log_level', 'debug', '--log_format', 'json'],
      ],
    ],
    ['a sentry sleeps', { type: 'Sentry' }, ['sh'], ['-c', 'sleep 10\nosmosisd start --home /home/operator/cosmos']],
    [
      'as long as it is told to',
      { type: 'Sentry', chain: { privvalSleepSeconds: 60 } },
      ['sh'],
      ['-c', 'sleep 60\nosmosisd start --home /home/operator/cosmos'],
    ],
    [
      'or not',
      { type: 'Sentry', chain: { privvalSleepSeconds: 0 } },
      ['osmosisd'],
      ['start', '--home', '/home/operator/cosmos'],
    ],
  ])('start: %s', (_name, sample, command, args) => {
    expect(nodeOf(sample)).toMatchObject({ command, args });
  });

  test.each<[string | undefined, string, string]>([
    [undefined, '/home/operator/cosmos', 'the default'],
    ['.osmosisd', '/home/operator/.osmosisd', 'a name'],
    ['/a/b', '/home/operator/a/b', 'with a slash in front'],
    ['./a//b/../c/', '/home/operator/a/c', 'with steps to and fro'],
  ])('home %s is %s (%s)', (homeDir, home) => {
    const env = [
      { name: 'HOME', value: '/home/operator' },
      { name: 'CHAIN_HOME', value: home },
      { name: 'GENESIS_FILE', value: `${home}/config/genesis.json` },
      { name: 'ADDRBOOK_FILE', value: `${home}/config/addrbook.json` },
      { name: 'CONFIG_DIR', value: `${home}/config` },
      { name: 'DATA_DIR', value: `${home}/data` },
    ];
    const { containers, initContainers = [] } = samplePodSpec({ chain: { homeDir, snapshotURL: 'https://x/y.tar' } });
    expect(containers[0]?.env).toEqual(env);
    for (const container of initContainers) expect([container.name, container.env]).toEqual([container.name, env]);
  });

  test('mounts', () => {
    const home = { name: 'vol-chain-home', mountPath: '/home/operator/cosmos' };
    const tmp = { name: 'vol-system-tmp', mountPath: '/tmp' };
    const { containers, initContainers = [] } = samplePodSpec();
    expect(containers[0]?.volumeMounts).toEqual([home, tmp]);
    expect(containers[1]?.volumeMounts).toEqual([{ ...home, readOnly: true }]);
    for (const { volumeMounts } of initContainers)
      expect(volumeMounts).toEqual([
        ...[home, tmp, { name: 'vol-tmp', mountPath: '/home/operator/.tmp' }],
        { name: 'vol-config', mountPath: '/home/operator/.config' },
      ]);
  });

  test.each<['None' | 'Reachable' | 'InSync' | undefined, boolean, boolean]>([
    ['None', false, false],
    ['Reachable', true, false],
    ['InSync', true, true],
    [undefined, true, true],
  ])('probes %s: of the node %s, of the health check %s', (strategy, node, health) => {
    const numbers = { initialDelaySeconds: 1, timeoutSeconds: 10, periodSeconds: 10, successThreshold: 1 };
    const { containers } = samplePodSpec({ podTemplate: { probes: { strategy } } });
    expect(containers.map(({ readinessProbe }) => readinessProbe)).toEqual([
      node ? { httpGet: { path: '/health', port: 26657, scheme: 'HTTP' }, ...numbers, failureThreshold: 5 } : undefined,
      health ? { httpGet: { path: '/', port: 1251, scheme: 'HTTP' }, ...numbers, failureThreshold: 3 } : undefined,
    ]);
  });
});

describe('the script of chain-init', () => {
  // As the SDK's init: it refuses a home that has a genesis.
  const CHAIN = `#!/bin/sh
for home; do :; done
[ -e "$home/config/genesis.json" ] && { echo "genesis.json exists in $home" >&2; exit 1; }
mkdir -p "$home/config" "$home/data" && echo "$*" > "$home/config/genesis.json"
`;
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'chain-init-'));
    writeFileSync(join(home, 'osmosisd'), CHAIN, { mode: 0o755 });
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const run = (sample: Sample = {}) => {
    const { command = [], args = [] } = findContainer(samplePodSpec(sample).initContainers, 'chain-init');
    const env = { PATH: `${home}:${process.env.PATH}`, HOME: home, CHAIN_HOME: join(home, 'chain home') };
    return spawnSync(command[0] as string, args, { env, encoding: 'utf8' });
  };

  test('fills the home once and the directory to throw away at every start, also after a start that failed', () => {
    const first = run();
    expect(first.stderr).toBe('');
    expect(first.stdout).toMatch(/^init of the chain's home, .*\ninit into /);
    const second = run();
    expect([second.status, second.stderr]).toEqual([0, '']);
    expect(second.stdout).toMatch(/holds data of the chain: no init\ninit into /);
  });

  test('fails where init fails', () => {
    const { status, stderr } = run({ chain: { binary: 'nothing-here' } });
    expect(status).not.toBe(0);
    expect(stderr).toContain('nothing-here');
  });
});
