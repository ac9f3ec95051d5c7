/** A fleet as the Go operator leaves it: the same objects with its stamps, its helper images and scripts, and the API server's defaults. */
import { describe, expect, test } from 'vitest';
import type { ConfigMap, KubeObject, Pod } from '../../kube/objects.ts';
import { stampOf } from '../../reconcile/stamp.ts';
import {
  change,
  planOf,
  run,
  type SettledFullNode,
  sentencesOf,
  settle,
  settledFullNode,
  statusOf,
} from './settled-full-node.ts';

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

function ofGoOperator(spec: Parameters<typeof settledFullNode>[0] = {}): SettledFullNode {
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

function withoutOurs(annotations: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !name.startsWith('nodewright.dev/')));
}

const restarts = (settled: SettledFullNode) => sentencesOf(settled).filter((line) => line.startsWith('replace'));

describe('taking over', () => {
  test('a fleet that means the same is stamped, and nothing restarts', () => {
    const settled = ofGoOperator();
    const uids = [...settled.observed.pods.values()].map(({ metadata }) => metadata.uid);
    expect(restarts(settled)).toEqual([]);
    expect(sentencesOf(settled).slice(0, 4)).toEqual(
      [0, 1, 2, 3].map(
        (ordinal) => `patch Pod hub-${ordinal}: it is as we would make it, and is taken over as it runs`,
      ),
    );
    settle(settled);
    expect([...settled.observed.pods.values()].map(({ metadata }) => metadata.uid)).toEqual(uids);
    expect(statusOf(settled)).toMatchObject({ phase: 'Complete' });
    expect(planOf(settled).pendingUpdates.get('hub-0')).toBe(
      'the pod as this version of Nodewright makes it, settings in config.toml or app.toml, the list of peers',
    );
  });

  test('its stamps stay, for the way back', () => {
    const settled = ofGoOperator();
    const before = settled.observed.configMaps.get('hub-0')?.metadata.labels?.['app.kubernetes.io/revision'];
    settle(settled);
    const labels = settled.observed.configMaps.get('hub-0')?.metadata.labels;
    expect(labels?.['app.kubernetes.io/revision']).toBe(before);
  });

  test('its version check keeps the rights that it has, as long as one of its pods is there', () => {
    const settled = ofGoOperator();
    settle(settled);
    const role = () => settled.observed.roles.get('hub-vc-r')?.metadata.annotations?.['nodewright.dev/applied'];
    expect(role()).toBeUndefined();
    settled.fullNode.metadata.annotations = { 'nodewright.dev/restartedAt': '2026-01-02T03:00:00Z' };
    settle(settled);
    expect(role()).toBeDefined();
  });

  test.each<[string, (settled: SettledFullNode) => void, string]>([
    [
      'another image',
      (settled) => change(settled, { podTemplate: { image: 'gaia:v2' } }),
      'image of node gaia:v1 → gaia:v2',
    ],
    [
      'a sidecar that is no longer wanted',
      (settled) => {
        const pod = settled.observed.pods.get('hub-0') as Pod;
        pod.spec?.containers.push({ name: 'extra', image: 'x' });
      },
      'container extra is not wanted any more',
    ],
    [
      'settings that the pod has not started with',
      (settled) => {
        const configMap = settled.observed.configMaps.get('hub-0') as ConfigMap;
        configMap.metadata.labels = { ...configMap.metadata.labels, 'app.kubernetes.io/revision': '12345678' };
      },
      'it runs with settings from before the last change of its ConfigMap',
    ],
    [
      'settings that were changed while no operator ran',
      (settled) => {
        const { chain } = settled.fullNode.spec;
        change(settled, { chain: { ...chain, config: { overrides: 'log_level = "debug"' } } });
      },
      'settings in its ConfigMap differ',
    ],
    [
      'peers of the user that were changed while no operator ran',
      (settled) => {
        const { chain } = settled.fullNode.spec;
        change(settled, { chain: { ...chain, config: { peers: 'aa@1.2.3.4:26656' } } });
      },
      'settings in its ConfigMap differ',
    ],
  ])('%s restarts the pod, within the budget', (_name, alter, reason) => {
    const settled = ofGoOperator();
    alter(settled);
    expect(restarts(settled)).toHaveLength(1);
    expect(restarts(settled)[0]).toContain(`replace Pod hub-0: ${reason}`);
  });
});
