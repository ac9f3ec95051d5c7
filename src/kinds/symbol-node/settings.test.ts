import { expect, test } from 'vitest';
import type { SymbolNode, SymbolNodeSpec } from './schema.ts';
import { settingsOf } from './settings.ts';

function settings(spec: Partial<SymbolNodeSpec>) {
  const given = { image: 'catapult:1', volumeSize: '1Gi', hostName: '', friendlyName: 'n', network: 'sai', ...spec };
  const resource: SymbolNode = {
    apiVersion: 'example.com/v1',
    kind: 'SymbolNode',
    metadata: { name: 'a' },
    spec: given,
  };
  return settingsOf(resource, 'a-sai');
}

test('defaults are those of the tutorial and of shoestring', () => {
  expect(settings({})).toMatchObject({
    features: new Set(['PEER']),
    api: 'none',
    replicas: 1,
    certificates: { caCommonName: 'a-sai CA', nodeCommonName: 'a-sai', caDays: 7300, nodeDays: 375 },
    links: 'Prepare',
    monitor: { maxBlocksBehind: 5, nodewatch: undefined },
    exposure: { type: 'HostPort', restType: 'Internal' },
    retain: true,
  });
});

test.each<[SymbolNodeSpec['features'], boolean | undefined, string]>([
  [['PEER', 'HARVESTER'], undefined, 'none'],
  [['API'], undefined, 'full'],
  [['API'], true, 'light'],
  [['VOTER'], true, 'none'],
])('%j, lightApi %s: API %s', (features, lightApi, api) => {
  const light = lightApi === undefined ? {} : { lightApi };
  expect(settings({ ...(features === undefined ? {} : { features }), ...light })).toMatchObject({ api });
});
