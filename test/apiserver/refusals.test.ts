/** What a person reads when a TendermintNetwork is wrong, as far as the API server itself can say it; typed as they type it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { applyCrds } from '../../src/cli/crds.ts';
import { useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';

const api = useTestApi();

beforeAll(async () => {
  await applyCrds(api.kube);
});

const good = { chainId: 'test-1', image: 'cometbft/cometbft:v0.38.26', validators: { replicas: 4 } };

function kubectlApply(spec: object, name = 'net', more: string[] = []): Promise<string> {
  const object = { apiVersion: 'nodewright.dev/v1alpha1', kind: 'TendermintNetwork', metadata: { name }, spec };
  return kubectl(api, ['apply', ...more, '-f', '-'], object);
}

const dryRun = (spec: object, name?: string) => kubectlApply(spec, name, ['--dry-run=server']);

describe('new resources', () => {
  test('the example is taken', async () => {
    expect(await dryRun(good)).toContain('created');
  });

  const nodes = (...list: object[]) => ({ ...good, validators: { nodes: list } });
  test.each<[string, object, RegExp]>([
    [
      'power 0',
      { ...good, validators: { replicas: 4, power: 0 } },
      /spec\.validators\.power.*greater than or equal to 1/,
    ],
    [
      'negative power',
      nodes({ name: 'a', power: -5 }),
      /spec\.validators\.nodes\[0\]\.power.*greater than or equal to 1/,
    ],
    ['duplicate names', nodes({ name: 'a' }, { name: 'a' }), /Duplicate value.*"name":"a"/],
    ['a chain id over 50 characters', { ...good, chainId: 'x'.repeat(51) }, /spec\.chainId.*(more than 50|51).*/],
    [
      'replicas and nodes',
      { ...good, validators: { replicas: 1, nodes: [{ name: 'a' }] } },
      /set either replicas or nodes/,
    ],
    ['neither replicas nor nodes', { ...good, validators: {} }, /set either replicas or nodes/],
    ['no validator at all', { ...good, validators: { replicas: 0 } }, /a new chain needs at least one validator/],
    ['a name of ours', nodes({ name: 'rpc' }), /this name is used by other objects/],
    ['a name that is no DNS label', nodes({ name: 'Alice' }), /spec\.validators\.nodes\[0\]\.name.*should match/],
    [
      'two applications',
      { ...good, app: { builtin: 'kvstore', container: { image: 'x' } } },
      /set either builtin or container/,
    ],
    ['an unknown application', { ...good, app: { builtin: 'counter' } }, /Unsupported value: "counter"/],
    ['keys without a container', { ...good, app: { keys: {} } }, /need a container/],
    ['a peer without id', { ...good, peers: ['host:26656'] }, /spec\.peers\[0\].*should match/],
    [
      'a genesis file and its parts',
      { ...good, genesis: { configMap: { name: 'g' }, initialHeight: 5 } },
      /configMap names a finished genesis file/,
    ],
    ['a size that is none', { ...good, storage: { size: 'big' } }, /spec\.storage\.size.*should match/],
    ['an unknown field', { ...good, valdators: 3 }, /unknown field "spec\.valdators"/],
    [
      'an unknown field deep inside',
      { ...good, validators: { replicas: 4, powr: 1 } },
      /unknown field "spec\.validators\.powr"/,
    ],
    [
      'the root user',
      { ...good, securityContext: { runAsUser: 0 } },
      /spec\.securityContext\.runAsUser.*greater than or equal to 1/,
    ],
  ])('%s is refused', async (_what, spec, message) => {
    expect(await dryRun(spec)).toMatch(message);
  });

  test('a name that makes no DNS name is refused', async () => {
    expect(await dryRun(good, 'x'.repeat(33))).toMatch(/at most 32 lower-case letters/);
    expect(await dryRun(good, '1abc')).toMatch(/beginning with a letter/);
  });
});

describe('changes', () => {
  const genesis = { appState: { accounts: [{ name: 'a' }] }, consensusParams: { block: { max_gas: '5' } } };
  const first = { ...good, genesis, storage: { size: '2Gi', storageClassName: 'fast' } };

  beforeAll(async () => {
    expect(await kubectlApply(first, 'changes')).toContain('created');
  });

  test.each<[string, object, RegExp]>([
    ['the chain id', { ...first, chainId: 'other-1' }, /the chain id is part of the genesis and cannot change/],
    ['the app state', { ...first, genesis: { ...genesis, appState: { accounts: [] } } }, /the genesis cannot change/],
    ['the genesis, by leaving it out', { ...first, genesis: undefined }, /the genesis cannot change/],
    [
      'the size of volumes, downwards',
      { ...first, storage: { ...first.storage, size: '1500Mi' } },
      /a volume cannot shrink/,
    ],
    [
      'the storage class',
      { ...first, storage: { size: '2Gi', storageClassName: 'slow' } },
      /the storage class of existing volumes cannot change/,
    ],
  ])('%s cannot change', async (_what, spec, message) => {
    expect(await dryRun(spec, 'changes')).toMatch(message);
  });

  test.each<[string, object]>([
    ['the same size in other units', { ...first, storage: { ...first.storage, size: '2048Mi' } }],
    ['a larger size', { ...first, storage: { ...first.storage, size: '3Gi' } }],
    ['the image', { ...first, image: 'cometbft/cometbft:v0.38.27' }],
    ['the number of full nodes', { ...first, fullNodes: { replicas: 3 } }],
  ])('%s can', async (_what, spec) => {
    expect(await dryRun(spec, 'changes')).toMatch(/configured|unchanged/);
  });

  test('kubectl scale changes the full nodes', async () => {
    await kubectl(api, ['scale', 'tmn/changes', '--replicas=2']);
    const path = 'jsonpath={.spec.fullNodes.replicas}';
    expect(await kubectl(api, ['get', 'tmn', 'changes', '-o', path])).toBe('2');
  });
});
