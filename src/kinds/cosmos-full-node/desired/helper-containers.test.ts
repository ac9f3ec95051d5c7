import { describe, expect, test } from 'vitest';
import { findContainer, type Sample, samplePodSpec } from './sample-full-node.ts';

const initOf = (name: string, ...args: Parameters<typeof samplePodSpec>) =>
  findContainer(samplePodSpec(...args).initContainers, name);

describe('init containers', () => {
  const SOURCES = { snapshotURL: 'https://x/snapshot.tar', genesisURL: 'https://x/genesis.json' };

  test('in order, each in its image and at home', () => {
    const { initContainers = [] } = samplePodSpec({ chain: SOURCES });
    expect(initContainers.map(({ name, image }) => `${name} ${image}`)).toEqual([
      'clean-init agent:v1',
      'chain-init busybox:v1.2.3',
      'genesis-init agent:v1',
      'addrbook-init agent:v1',
      'config-merge agent:v1',
      'snapshot-restore agent:v1',
      'version-check agent:v1',
    ]);
    expect(new Set(initContainers.map(({ workingDir }) => workingDir))).toEqual(new Set(['/home/operator']));
    expect(samplePodSpec().initContainers?.map(({ name }) => name)).not.toContain('snapshot-restore');
  });

  test('init of the chain, once into its home and always into a directory to throw away', () => {
    const chain = { chainID: 'osmosis-123', additionalInitArgs: ['--overwrite', '--foo=bar'] };
    const script = initOf('chain-init', { chain, replicas: 7 }, { ordinal: 6 }).args?.[1] ?? '';
    const line = 'osmosisd init --chain-id osmosis-123 osmosis-6 --overwrite --foo=bar --home';
    expect(
      script
        .split('\n')
        .filter((text) => text.includes(' init '))
        .map((text) => text.trim()),
    ).toEqual([`${line} "$CHAIN_HOME"`, `${line} "$HOME/.tmp"`]);
  });

  test.each<[string, string, NonNullable<Sample['chain']>, string[]]>([
    ['genesis that init made', 'genesis-init', {}, ['fetch-genesis']],
    ['genesis by URL', 'genesis-init', { genesisURL: 'https://x/g' }, ['fetch-genesis', '--url', 'https://x/g']],
    [
      'genesis with a checksum',
      'genesis-init',
      { genesisURL: 'https://x/g', genesisSHA256: 'ab' },
      ['fetch-genesis', '--url', 'https://x/g', '--sha256', 'ab'],
    ],
    [
      'a script wins over a URL',
      'genesis-init',
      { genesisURL: 'https://x/g', genesisSHA256: 'ab', genesisScript: 'echo' },
      ['fetch-genesis', '--script', 'echo'],
    ],
    ['no address book', 'addrbook-init', {}, ['fetch-addrbook']],
    [
      'address book by URL',
      'addrbook-init',
      { addrbookURL: 'https://x/a' },
      ['fetch-addrbook', '--url', 'https://x/a'],
    ],
    ['address book by script', 'addrbook-init', { addrbookScript: 'echo' }, ['fetch-addrbook', '--script', 'echo']],
    [
      'snapshot by URL',
      'snapshot-restore',
      { snapshotURL: 'https://x/s', snapshotSHA256: 'ab' },
      ['restore-snapshot', '--url', 'https://x/s', '--sha256', 'ab'],
    ],
    ['snapshot by script', 'snapshot-restore', { snapshotScript: 'echo' }, ['restore-snapshot', '--script', 'echo']],
    ['clean-up', 'clean-init', {}, ['empty-directory', '/home/operator/.tmp']],
    ['configuration', 'config-merge', {}, ['merge-config']],
    ['version', 'version-check', {}, ['version-check']],
  ])('%s', (_name, container, chain, command) => {
    expect(initOf(container, { chain }).command).toEqual(['nodewright-agent', ...command]);
    expect(initOf(container, { chain }).args).toBeUndefined();
  });
});
