import { describe, expect, test } from 'vitest';
import type { CosmosFullNodeSpec, InstanceOverride } from '../schema.ts';
import { buildClaim, type ClaimInput, claimTemplateOf, padRequest } from './claims.ts';
import { instanceOf, sampleFullNode } from './sample-full-node.ts';

const claimOf = (spec: Partial<CosmosFullNodeSpec> = {}, input: ClaimInput = {}, ordinal = 0) => {
  const fullNode = sampleFullNode(spec as object);
  return buildClaim(fullNode, instanceOf(fullNode, ordinal), input);
};
const template = (storage: string | undefined, rest: object = {}): CosmosFullNodeSpec['volumeClaimTemplate'] => ({
  storageClassName: 'fast',
  resources: storage === undefined ? {} : { requests: { storage } },
  ...rest,
});
const sizeOf = (...args: Parameters<typeof claimOf>) => claimOf(...args).spec?.resources?.requests?.storage;
const own = (volumeClaimTemplate: InstanceOverride['volumeClaimTemplate']) => ({
  volumeClaimTemplate: template('100Gi', { accessModes: ['ReadWriteOncePod'] }),
  instanceOverrides: { 'osmosis-0': { volumeClaimTemplate } },
});

describe('buildClaim', () => {
  test('name, labels and defaults', () => {
    const metadata = { labels: { a: 'b', 'app.kubernetes.io/created-by': 'mine' }, annotations: { c: 'd' } };
    const claim = claimOf({ volumeClaimTemplate: template('100Gi', { metadata }) }, {}, 2);
    expect(claim.metadata).toEqual({
      name: 'pvc-osmosis-2',
      namespace: 'test',
      labels: {
        a: 'b',
        'app.kubernetes.io/created-by': 'cosmos-operator',
        'app.kubernetes.io/component': 'CosmosFullNode',
        'app.kubernetes.io/name': 'osmosis',
        'app.kubernetes.io/instance': 'osmosis-2',
        'app.kubernetes.io/version': 'v1.2.3',
        'cosmos.strange.love/network': 'mainnet',
        'cosmos.strange.love/type': 'FullNode',
      },
      annotations: { c: 'd', 'app.kubernetes.io/ordinal': '2' },
    });
    expect(claim.spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '100Gi' } },
      storageClassName: 'fast',
      volumeMode: 'Filesystem',
    });
  });

  test('an instance’s own template takes the place of the other as a whole, its size from the start', () => {
    const { spec } = claimOf(own({ storageClassName: 'slow', resources: { requests: { storage: '300Gi' } } }));
    expect(spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '300Gi' } },
      storageClassName: 'slow',
      volumeMode: 'Filesystem',
    });
  });

  test('one that is not whole changes the other', () => {
    expect(claimOf(own({})).spec).toEqual(claimOf({ volumeClaimTemplate: own({}).volumeClaimTemplate }).spec);
    expect(claimOf(own({ storageClassName: 'slow' })).spec).toMatchObject({
      storageClassName: 'slow',
      accessModes: ['ReadWriteOncePod'],
      resources: { requests: { storage: '100Gi' } },
    });
  });

  test('data to begin with, and its size', () => {
    const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'one' };
    expect(claimOf({}, { source: { dataSource, size: '120Gi' } }).spec).toMatchObject({
      dataSource,
      resources: { requests: { storage: '120Gi' } },
    });
    expect(sizeOf({}, { source: { dataSource } })).toBe('100Gi');
  });

  test.each<[string, string | undefined, ClaimInput, string | undefined]>([
    ['more than was asked for', '100G', { requestedSize: '97G' }, '100G'],
    ['as much', '102G', { requestedSize: '100G' }, '102G'],
    ['less than what was asked for and 2%', '100G', { requestedSize: '100G' }, '102G'],
    ['in whole bytes', '100Gi', { requestedSize: '120Gi' }, '131425999258'],
    ['a volume does not shrink', '50Gi', { current: { capacity: '100Gi' } }, '100Gi'],
    ['a volume that is smaller grows', '100Gi', { current: { capacity: '50Gi' } }, '100Gi'],
    ['nothing is said', undefined, {}, undefined],
    ['nothing is said, but there is a volume', undefined, { current: { capacity: '5Gi' } }, '5Gi'],
  ])('size: %s', (_name, storage, input, size) => {
    expect(sizeOf({ volumeClaimTemplate: template(storage) }, input)).toBe(size);
  });

  test.each([
    ['150Gi', '123Gi', '134711649240'],
    ['124Gi', '123Gi', '124Gi'],
    ['100Gi', '123Gi', '123Gi'],
    ['0', '100Gi', '109521666048'],
  ])('growth ends at %s: of %s, %s', (maxSize, requestedSize, size) => {
    const selfHeal = { pvcAutoScale: { usedSpacePercentage: 80, increaseQuantity: '10%', maxSize } };
    expect(sizeOf({ volumeClaimTemplate: template('10Gi'), selfHeal }, { requestedSize })).toBe(size);
  });

  test('what is asked for and 2% more', () => {
    expect(['100Gi', '97G', '1Ti'].map(padRequest)).toEqual(['109521666048', '98940M', '1121501860331520m']);
  });

  test('limits and other members of the template stay', () => {
    const resources = { requests: { storage: '1Gi' }, limits: { storage: '2Gi' } };
    const claim = claimOf({ volumeClaimTemplate: { ...template('1Gi'), resources, volumeMode: 'Block' } });
    expect(claim.spec).toMatchObject({ resources, volumeMode: 'Block' });
  });

  test('the template that applies is also that of the data source', () => {
    const fullNode = sampleFullNode(own({ dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } }) as object);
    expect(claimTemplateOf(fullNode, instanceOf(fullNode)).dataSource?.name).toBe('a');
    expect(claimTemplateOf(fullNode, instanceOf(fullNode, 1)).dataSource).toBeUndefined();
  });
});
