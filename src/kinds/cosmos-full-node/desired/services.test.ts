import { describe, expect, test } from 'vitest';
import type { Service } from '../../../kube/objects.ts';
import type { CosmosFullNodeSpec } from '../schema.ts';
import { sampleFullNode } from './sample-full-node.ts';
import { buildServices, externalAddressOf } from './services.ts';

const namesOf = (services: Service[]) => services.map(({ metadata }) => metadata.name);
const servicesWith = (service: CosmosFullNodeSpec['service'], rest: Partial<CosmosFullNodeSpec> = {}) =>
  buildServices(sampleFullNode({ service, ...(rest as object) }));
const reachOf = (services: Service[]) =>
  services
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'p2p')
    .map(({ spec }) => [spec?.type, spec?.externalTrafficPolicy]);

describe('buildServices', () => {
  test('one per instance and one for RPC; the first one is open to the world', () => {
    const services = servicesWith(undefined);
    expect(namesOf(services)).toEqual(['osmosis-p2p-0', 'osmosis-p2p-1', 'osmosis-p2p-2', 'osmosis-rpc']);
    expect(reachOf(services)).toEqual([
      ['LoadBalancer', 'Local'],
      ['ClusterIP', undefined],
      ['ClusterIP', undefined],
    ]);
    expect(services[3]?.spec).toEqual({
      ports: [
        { name: 'api', protocol: 'TCP', port: 1317, targetPort: 'api' },
        { name: 'rosetta', protocol: 'TCP', port: 8080, targetPort: 'rosetta' },
        { name: 'grpc', protocol: 'TCP', port: 9090, targetPort: 'grpc' },
        { name: 'rpc', protocol: 'TCP', port: 26657, targetPort: 'rpc' },
        { name: 'grpc-web', protocol: 'TCP', port: 9091, targetPort: 'grpc-web' },
      ],
      selector: { 'app.kubernetes.io/name': 'osmosis' },
      type: 'ClusterIP',
    });
  });

  test('a sentry has one more, for its signer', () => {
    const services = buildServices(sampleFullNode({ type: 'Sentry', replicas: 2 }));
    expect(namesOf(services)).toEqual([
      ...['osmosis-p2p-0', 'osmosis-p2p-1', 'osmosis-privval-0', 'osmosis-privval-1', 'osmosis-rpc'],
    ]);
    expect(services.map(({ metadata }) => metadata.annotations?.['app.kubernetes.io/ordinal'])).toEqual([
      ...['0', '1', '2', '3', '4'],
    ]);
    expect(services[2]?.metadata.labels?.['app.kubernetes.io/component']).toBe('cosmos-sentry');
    expect(services[2]?.spec).toEqual({
      ports: [{ name: 'sentry-privval', protocol: 'TCP', port: 1234, targetPort: 'privval' }],
      selector: { 'app.kubernetes.io/instance': 'osmosis-0' },
      type: 'ClusterIP',
      publishNotReadyAddresses: true,
    });
  });

  test.each<[string, CosmosFullNodeSpec['service'], unknown[]]>([
    ['none are open', { maxP2PExternalAddresses: 0 }, ['ClusterIP', 'ClusterIP', 'ClusterIP']],
    ['two are', { maxP2PExternalAddresses: 2 }, ['LoadBalancer', 'LoadBalancer', 'ClusterIP']],
    ['more than there are', { maxP2PExternalAddresses: 9 }, ['LoadBalancer', 'LoadBalancer', 'LoadBalancer']],
    ['by another type', { p2pTemplate: { type: 'NodePort' } }, ['NodePort', 'ClusterIP', 'ClusterIP']],
  ])('%s', (_name, service, types) => expect(reachOf(servicesWith(service)).map(([type]) => type)).toEqual(types));

  test('a traffic policy only where it has a meaning', () => {
    expect(reachOf(servicesWith({ p2pTemplate: { type: 'NodePort', externalTrafficPolicy: 'Cluster' } }))[0]).toEqual([
      ...['NodePort', 'Cluster'],
    ]);
    expect(reachOf(servicesWith({ p2pTemplate: { type: 'ClusterIP' } }))[0]).toEqual(['ClusterIP', undefined]);
    const rpc = servicesWith({ rpcTemplate: { externalTrafficPolicy: 'Local' } }).at(-1);
    expect(rpc?.spec?.externalTrafficPolicy).toBeUndefined();
  });

  test('the template of P2P Services is that of the open ones', () => {
    const p2pTemplate = { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, clusterIP: 'None' };
    const [open, closed] = servicesWith({ p2pTemplate });
    expect(open?.metadata).toMatchObject({ labels: { a: 'b' }, annotations: { c: 'd' } });
    expect(open?.spec?.clusterIP).toBeUndefined();
    expect(closed?.metadata.labels).not.toHaveProperty('a');
    expect(closed?.metadata.annotations).not.toHaveProperty('c');
    expect(closed?.spec?.clusterIP).toBe('None');
    expect(servicesWith({ p2pTemplate, maxP2PExternalAddresses: 0 })[0]?.metadata.labels).not.toHaveProperty('a');
  });

  test('the template of the RPC Service', () => {
    const ports = [{ name: 'evm', port: 8545, targetPort: 8545, protocol: 'TCP' }];
    const rpcTemplate = {
      type: 'NodePort' as const,
      externalTrafficPolicy: 'Local' as const,
      clusterIP: '10.0.0.1',
      metadata: { labels: { 'app.kubernetes.io/component': 'mine', a: 'b' } },
      ports,
    };
    const rpc = servicesWith({ rpcTemplate }).at(-1);
    expect(rpc?.metadata.labels).toMatchObject({ 'app.kubernetes.io/component': 'rpc', a: 'b' });
    expect(rpc?.spec).toMatchObject({ type: 'NodePort', externalTrafficPolicy: 'Local', clusterIP: '10.0.0.1' });
    expect(rpc?.spec?.ports?.at(-1)).toEqual(ports[0]);
  });

  test('labels of the resource cannot break a selector', () => {
    const labels = { 'app.kubernetes.io/name': 'chart', 'app.kubernetes.io/instance': 'release', team: 'platform' };
    const services = buildServices(sampleFullNode({}, { metadata: { labels } }));
    expect(services[0]?.metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'osmosis',
      'app.kubernetes.io/instance': 'osmosis-0',
      team: 'platform',
    });
    expect(services[3]?.spec?.selector).toEqual({ 'app.kubernetes.io/name': 'osmosis' });
  });
});

describe('externalAddressOf', () => {
  const service = (type: string, ingress: { ip?: string; hostname?: string }[] = []): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'osmosis-p2p-0' },
    spec: { type, ports: [{ name: 'p2p', port: 26656 }] },
    status: { loadBalancer: { ingress } },
  });

  test.each<[string, Service, ReturnType<typeof externalAddressOf>]>([
    ['another type has none', service('NodePort', [{ ip: '192.0.2.1' }]), 'none'],
    ['none yet', service('LoadBalancer'), 'pending'],
    ['an entry with nothing in it', service('LoadBalancer', [{}]), 'pending'],
    ['IPv4', service('LoadBalancer', [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }]), { address: '192.0.2.1:26656' }],
    ['IPv6', service('LoadBalancer', [{ ip: '2001:db8::1' }]), { address: '[2001:db8::1]:26656' }],
    ['a name', service('LoadBalancer', [{ hostname: 'host.example.com' }]), { address: 'host.example.com:26656' }],
  ])('%s', (_name, live, address) => expect(externalAddressOf(live)).toEqual(address));
});
