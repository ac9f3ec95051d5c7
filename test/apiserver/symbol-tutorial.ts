/** The objects of a node as the operator of the tutorial creates them. */
import type { SymbolNode } from '../../src/kinds/symbol-node/schema.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { type KubeObject, uidOf } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, type ResourceType, SECRETS, STATEFUL_SETS } from '../../src/kube/resource-types.ts';
import { NAMESPACE } from './symbol-site.ts';

/** What the tutorial's operator makes of a resource, as pykube sends it. */
export async function createAsTutorial(
  kube: Kube,
  resource: SymbolNode,
  name: string,
  files: Record<string, string>,
): Promise<void> {
  const owner = {
    ...{ apiVersion: 'example.com/v1', kind: 'SymbolNode', name: resource.metadata.name, uid: uidOf(resource) },
    ...{ controller: true, blockOwnerDeletion: true },
  };
  const of = (child: string, labels?: Record<string, string>) => ({
    ...{ namespace: NAMESPACE, name: child, ownerReferences: [owner] },
    ...(labels === undefined ? {} : { labels }),
  });
  const app = { app: name };
  const seed = [
    'index.dat',
    'proof.index.dat',
    'proof.heights.dat',
    '00001.dat',
    '00001.proof',
    '00001.stmt',
    'hashes.dat',
  ];
  const make = (type: ResourceType, object: object) =>
    kube.create(type, object as KubeObject, { fieldManager: 'pykube-ng' });
  await make(SECRETS, {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: of(`certificates-${name}`, app) },
    data: Object.fromEntries(Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString('base64')])),
  });
  await make(CONFIG_MAPS, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: of(`resources-${name}`, app) },
    data: { 'config-node.properties': '[localnode]\n\nhost =\n', 'peers-p2p.json': '{"knownPeers": []}' },
  });
  await make(CONFIG_MAPS, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: of(`seed-${name}`, app) },
    binaryData: Object.fromEntries(seed.map((file) => [file, 'AQ=='])),
  });
  const folder = (file: string) => (file.endsWith('index.dat') ? file : `00000/${file}`);
  await make(STATEFUL_SETS, {
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: of(`${name}-statefulset`) },
    spec: {
      replicas: 1,
      selector: { matchLabels: app },
      template: {
        metadata: { labels: app },
        spec: {
          containers: [
            {
              name: 'client',
              image: resource.spec.image,
              command: ['/usr/catapult/bin/catapult.server', '/'],
              env: [{ name: 'LD_LIBRARY_PATH', value: '/usr/catapult/lib:/usr/catapult/deps' }],
              ports: [{ containerPort: 7900, hostPort: 7900 }],
              resources: { requests: { cpu: '1.0', memory: '2Gi' }, limits: { cpu: '2.0', memory: '4Gi' } },
              volumeMounts: [
                { name: `data-${name}`, mountPath: '/data' },
                ...['resources', 'certificates', 'seed'].map((volume) => ({
                  ...{ name: volume, mountPath: `/${volume}`, readOnly: true },
                })),
              ],
            },
          ],
          volumes: [
            { name: 'resources', configMap: { name: `resources-${name}` } },
            { name: 'certificates', secret: { secretName: `certificates-${name}` } },
            {
              name: 'seed',
              configMap: { name: `seed-${name}`, items: seed.map((key) => ({ key, path: folder(key) })) },
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: `data-${name}` },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: resource.spec.volumeSize } } },
        },
      ],
    },
  });
}
