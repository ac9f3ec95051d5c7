/** Resources for tests, complete and right; what a test is about is given as changes of `spec`. */

import { type HoprSettings, parseHoprSettings } from '../hopr-settings.ts';
import {
  type ClusterHoprd,
  type ClusterHoprdSpec,
  HOPR_API_VERSION,
  type Hoprd,
  type HoprdSpec,
  type IdentityHoprd,
  type IdentityHoprdSpec,
  type IdentityPool,
} from './schema.ts';

const NAMESPACE = 'team';

/** `{"crypto":{}}` in base64. */
const KEY_FILE = 'eyJjcnlwdG8iOnt9fQ==';

export const SETTINGS_FILE = `
instance:
  name: hoprd-operator
  namespace: hoprd-operator
ingress:
  ingress_class_name: nginx
  dns_domain: example.org
  loadbalancer_ip: 203.0.113.7
  namespace: ingress-nginx
  port_min: 9000
  port_max: 9100
  deployment_name: ingress-nginx-controller
  annotations:
    cert-manager.io/cluster-issuer: "issuer"
hopli_image: registry.example/hopli:2.1.4
bucket_name: "snapshots"
persistence:
  size: 4Gi
  storage_class_name: fast
`;

export function writtenSettings(): HoprSettings {
  return parseHoprSettings(SETTINGS_FILE, 'config.yaml');
}

export function writtenPool(changes: Partial<IdentityPool['spec']> = {}, name = 'pool'): IdentityPool {
  const spec = {
    network: 'rotsee',
    secretName: 'wallet',
    funding: { schedule: '0 1 * * 1', nativeAmount: '0.01' },
    ...changes,
  };
  return { ...head('IdentityPool', name), spec };
}

export function writtenIdentity(changes: Partial<IdentityHoprdSpec> = {}, name = 'pool-1'): IdentityHoprd {
  const spec = {
    identityPoolName: 'pool',
    identityFile: KEY_FILE,
    peerId: '12D3KooWLDer461CFi1fB5pwQKGT72PAvGFMAxH9ALNwNjG7A5ep',
    nativeAddress: '0xa34e407d9ddbe25207f250c4193b42fef68ba903',
    safeAddress: '0x0cdecaff277c296665f31aac0957a3a3151b6159',
    moduleAddress: '0x2031b4494500e7b112342741efa5f61b2d8e6331',
    ...changes,
  };
  return { ...head('IdentityHoprd', name), spec };
}

export function writtenHoprd(changes: Partial<HoprdSpec> = {}, name = 'node-1'): Hoprd {
  const spec: HoprdSpec = {
    identityPoolName: 'pool',
    version: '2.1.0',
    supportedRelease: 'saint-louis',
    config: 'hopr:\n  chain:\n    network: rotsee\n',
    ...changes,
  };
  return { ...head('Hoprd', name), spec };
}

export function writtenCluster(changes: Partial<ClusterHoprdSpec> = {}, name = 'node'): ClusterHoprd {
  const { spec } = writtenHoprd();
  return { ...head('ClusterHoprd', name), spec: { ...spec, replicas: 2, ...changes } as ClusterHoprdSpec };
}

function head(kind: string, name: string) {
  return {
    apiVersion: HOPR_API_VERSION,
    kind,
    metadata: { name, namespace: NAMESPACE, uid: `uid-of-${name}`, resourceVersion: '1' },
  };
}
