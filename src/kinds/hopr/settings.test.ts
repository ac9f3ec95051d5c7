import { describe, expect, test } from 'vitest';
import { parseHoprSettings } from '../hopr-settings.ts';
import { SETTINGS_FILE } from './written-resources.ts';

test('the file of the HOPR operator as it stands', () => {
  expect(parseHoprSettings(SETTINGS_FILE, 'config.yaml')).toEqual({
    instanceName: 'hoprd-operator',
    instanceNamespace: 'hoprd-operator',
    ingress: {
      className: 'nginx',
      dnsDomain: 'example.org',
      annotations: { 'cert-manager.io/cluster-issuer': 'issuer' },
      loadBalancerIp: '203.0.113.7',
      portMin: 9000,
      portMax: 9100,
      namespace: 'ingress-nginx',
      deploymentName: 'ingress-nginx-controller',
    },
    persistence: { size: '4Gi', storageClassName: 'fast' },
    snapshotUrl: 'https://storage.googleapis.com/snapshots/hopr_logs.tar.gz',
    providerUrl: 'https://gnosis.drpc.org',
    images: {
      hoprd: 'europe-west3-docker.pkg.dev/hoprassociation/docker-images/hoprd',
      metrics: 'europe-west3-docker.pkg.dev/hoprassociation/docker-images/hoprd-operator-metrics',
      init: 'alpine',
      deleteDatabase: 'debian:stable',
      hopli: 'registry.example/hopli:2.1.4',
      kubectl: 'registry.hub.docker.com/bitnami/kubectl:1.24',
    },
  });
});

test('images and endpoints of our own', () => {
  const file = `${SETTINGS_FILE}
hopli_rpc_provider_url: https://rpc.example
snapshot_url: https://snapshots.example/db.tar.gz
hoprd_image: a
metrics_image: b
init_image: c
delete_database_image: d
kubectl_image: e
`;
  const { images, providerUrl, snapshotUrl } = parseHoprSettings(file, 'config.yaml');
  expect([images.hoprd, images.metrics, images.init, images.deleteDatabase, images.kubectl]).toEqual([...'abcde']);
  expect([providerUrl, snapshotUrl]).toEqual(['https://rpc.example', 'https://snapshots.example/db.tar.gz']);
});

test('without a bucket there is no snapshot', () => {
  const { snapshotUrl } = parseHoprSettings(SETTINGS_FILE.replace(/^bucket_name.*$/m, ''), 'config.yaml');
  expect(snapshotUrl).toBeUndefined();
});

describe('what is wrong has a line and a field', () => {
  test.each<[string, string, RegExp]>([
    ['  port_min: 9000', '  port_min: low', /^config\.yaml: line 10, ingress\.port_min: /],
    ['  port_min: 9000', '  port_min: 9200', /^config\.yaml: line 5, ingress: port_min must not be above port_max$/],
    ['  port_max: 9100', '  port_max: 70000', /^config\.yaml: line 11, ingress\.port_max: .*65535/],
    ['  dns_domain: example.org', '', /^config\.yaml: line 5, ingress\.dns_domain: /],
    ['  size: 4Gi', '  sise: 4Gi', /persistence\.sise: unknown field; did you mean size\?/],
    ['instance:', 'instance: [', /^config\.yaml: line \d+, column \d+: /],
  ])('%s → %s', (line, other, message) => {
    expect(() => parseHoprSettings(SETTINGS_FILE.replace(line, other), 'config.yaml')).toThrow(message);
  });

  test('an empty file', () => {
    expect(() => parseHoprSettings('', 'config.yaml')).toThrow(/^config\.yaml: line 1, instance: /);
  });
});
