/**
 * For tests: a fleet as the Cosmos Operator in Go leaves it. The same objects with its stamps, its helper images and scripts, and the API
 * server's defaults.
 */
import type { KubeObject, Pod } from '../../kube/objects.ts';
import { withoutOurs } from '../../reconcile/labels.ts';
import { stampOf } from '../../reconcile/stamp.ts';
import { run, type SettledFullNode, settledFullNode } from './settled-full-node.ts';

const HELPERS = new Set([
  'clean-init',
  'genesis-init',
  'addrbook-init',
  'config-merge',
  'snapshot-restore',
  'version-check',
  'healthcheck',
  'version-check-interval',
]);

export function ofGoOperator(spec: Parameters<typeof settledFullNode>[0] = {}): SettledFullNode {
  const settled = settledFullNode(spec);
  const { observed } = settled;
  for (const children of [
    observed.services,
    observed.configMaps,
    observed.claims,
    observed.serviceAccounts,
    observed.roles,
    observed.roleBindings,
  ] as ReadonlyMap<string, KubeObject>[]) {
    for (const [name, child] of children) (children as Map<string, KubeObject>).set(name, withItsStamps(child));
  }
  for (const [name, pod] of observed.pods) {
    const revision = observed.configMaps.get(name)?.metadata.labels?.['app.kubernetes.io/revision'] ?? '';
    (observed.pods as Map<string, Pod>).set(name, asItsPod(pod, revision));
  }
  for (const name of observed.pods.keys()) run(settled, name);
  return settled;
}

function withItsStamps<T extends KubeObject>(object: T): T {
  const annotations = withoutOurs(object.metadata.annotations);
  const labels = { ...object.metadata.labels, 'app.kubernetes.io/revision': stampOf(object).slice(0, 8) };
  return { ...object, metadata: { ...object.metadata, labels, annotations } };
}

function asItsPod(pod: Pod, configRevision: string): Pod {
  const stamped = withItsStamps(pod);
  const asIts = (container: NonNullable<Pod['spec']>['containers'][number]) => ({
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    ...container,
    ...(HELPERS.has(container.name)
      ? {
          image: 'cosmos-operator:v0.25.0',
          command: ['/manager', container.name === 'healthcheck' ? 'healthcheck' : 'versioncheck'],
        }
      : {}),
    ...(container.name === 'chain-init' ? { command: ['sh'], args: ['-c', 'another script'] } : {}),
    volumeMounts: [
      ...(container.volumeMounts ?? []),
      { name: 'kube-api-access-x', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
    ],
  });
  return {
    ...stamped,
    metadata: {
      ...stamped.metadata,
      annotations: { ...stamped.metadata.annotations, 'cosmos.strange.love/config-checksum': configRevision },
    },
    spec: {
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      nodeName: 'machine-1',
      ...pod.spec,
      containers: (pod.spec?.containers ?? []).map(asIts),
      initContainers: (pod.spec?.initContainers ?? []).map(asIts),
      volumes: [...(pod.spec?.volumes ?? []), { name: 'kube-api-access-x', projected: { sources: [] } }],
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
    } as NonNullable<Pod['spec']>,
  };
}
