/**
 * What the HOPR operator (0.2.29) has made of a pool, five identities, a cluster of two, a node with load balancers and one in whose start it
 * hangs: its objects in its own words (spec hopr §3), not built by our code, on its own CRDs.
 */
import { clusterHoprdCrd, hoprdCrd, identityHoprdCrd, identityPoolCrd } from '../../src/kinds/hopr/crds.ts';
import {
  CLUSTER_HOPRDS,
  HOPRDS,
  type Hoprd,
  type HoprdSpec,
  IDENTITY_HOPRDS,
  IDENTITY_POOLS,
} from '../../src/kinds/hopr/schema.ts';
import { writtenCluster, writtenHoprd, writtenIdentity, writtenPool } from '../../src/kinds/hopr/written-resources.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { CustomResourceDefinition, KubeObject } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  CRON_JOBS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  PERSISTENT_VOLUME_CLAIMS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import { NGINX, TEAM } from './hopr-operator.ts';
import { common, fromWallet, nodeChildren, type OriginalNode, portsOf } from './original-hopr-node.ts';

const MANAGER = 'hoprd-operator';
const FINALIZER = 'hoprds.hoprnet.org/finalizer';
const GROUP = 'hoprnet.org/v1alpha2';
const HOST = '203.0.113.7';
const stamp = { updateTimestamp: '2026-01-01T00:00:00.123456789+00:00', checksum: '7827936867703595675' };

/** One variable of the user replaces a default, one is a second of its name. */
const ENV = '- name: RUST_LOG\n  value: debug\n- name: HOPRD_API_HOST\n  value: "::"\n';

export const NODES: readonly OriginalNode[] = [
  { name: 'relay-1', identity: 'core-1', start: 9004, host: HOST, cluster: 'relay' },
  { name: 'relay-2', identity: 'core-2', start: 9014, host: HOST, cluster: 'relay' },
  { name: 'exit', identity: 'core-3', start: 9091, host: '198.51.100.4', isBalanced: true },
  // Its start took longer than the operator waited.
  { name: 'slow', identity: 'core-4', start: 9024, host: HOST },
];

/**
 * Its CRDs: ours without what they have beyond them, so that what crashes it is let through and half of our statuses is dropped.
 *
 * @param fieldManager who has applied those that are there, if there are any
 */
export async function applyOriginalCrds(kube: Kube, fieldManager = MANAGER): Promise<void> {
  for (const crd of [identityPoolCrd(), identityHoprdCrd(), clusterHoprdCrd(), hoprdCrd()])
    await kube.apply(CUSTOM_RESOURCE_DEFINITIONS, asOfOriginal(crd), { fieldManager });
}

/** The surroundings must be there, and its CRDs be served. */
export async function createOriginalFleet(kube: Kube): Promise<void> {
  const create = (type: ResourceType, object: object) =>
    kube.create(type, object as KubeObject, { fieldManager: MANAGER });
  const pool = await create(IDENTITY_POOLS, {
    ...writtenPool(),
    metadata: { namespace: TEAM, name: 'core', finalizers: [FINALIZER] },
    // It counts up and down, and has lost count.
    status: { ...stamp, phase: 'OutOfSync', size: 4, locked: 6 },
  });
  for (const [type, object] of poolChildren()) await create(type, owned(object, pool));
  for (const index of [1, 2, 3, 4, 5]) {
    const name = `core-${index}`;
    const holder = NODES.find(({ identity }) => identity === name)?.name;
    const { spec } = writtenIdentity({ identityPoolName: 'core' });
    const identity = await create(IDENTITY_HOPRDS, {
      ...{ apiVersion: GROUP, kind: 'IdentityHoprd', spec },
      metadata: { namespace: TEAM, name, finalizers: [FINALIZER], ownerReferences: [ownerOf(pool)] },
      status: { ...stamp, phase: holder === undefined ? 'Ready' : 'InUse', ...(holder && { hoprdNodeName: holder }) },
    });
    await create(PERSISTENT_VOLUME_CLAIMS, owned(claim(name), identity));
  }
  const cluster = await create(CLUSTER_HOPRDS, {
    ...writtenCluster({ identityPoolName: 'core', replicas: 2, enabled: true, deployment: { env: ENV } }),
    metadata: { namespace: TEAM, name: 'relay', finalizers: [FINALIZER] },
    status: { ...stamp, phase: 'Ready', currentNodes: 2 },
  });
  for (const node of NODES) {
    const hoprd = await create(HOPRDS, resourceOf(node, cluster));
    await openPorts(kube, node);
    for (const [type, object] of nodeChildren(node)) await create(type, owned(object, hoprd));
    const status = { replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1, observedGeneration: 1 };
    const key = { namespace: TEAM, name: node.name };
    await kube.mergePatch(DEPLOYMENTS, key, { status }, { subresource: 'status' });
    if (node.isBalanced !== true) continue;
    for (const name of [`${node.name}-p2p-tcp`, `${node.name}-p2p-udp`])
      await kube.mergePatch(
        SERVICES,
        { namespace: TEAM, name },
        { status: { loadBalancer: { ingress: [{ ip: node.host }] } } },
        { subresource: 'status' },
      );
  }
}

/** As it leaves the ingress controller: one container with the ports of the whole range. */
export async function openControllerPorts(kube: Kube, { first, last }: { first: number; last: number }): Promise<void> {
  const ports = Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap((port) => [
    { name: `tcp-${port}`, containerPort: port, protocol: 'TCP' },
    { name: `udp-${port}`, containerPort: port, protocol: 'UDP' },
  ]);
  const containers = [
    { name: 'controller', image: 'nginx', ports: [{ name: 'https', containerPort: 443, protocol: 'TCP' }, ...ports] },
  ];
  const key = { namespace: NGINX, name: 'ingress-nginx-controller' };
  await kube.mergePatch(DEPLOYMENTS, key, { spec: { template: { spec: { containers } } } }, { fieldManager: MANAGER });
}

function asOfOriginal(crd: CustomResourceDefinition): CustomResourceDefinition {
  const copy = structuredClone(crd);
  const schema = copy.spec?.versions[0]?.schema?.openAPIV3Schema as unknown as {
    properties: Record<'spec' | 'status', { required: string[]; properties: Record<string, unknown> }>;
  };
  const { spec, status } = schema.properties;
  spec.required = spec.required.filter((member) => member !== 'config');
  for (const member of ['observedGeneration', 'conditions', 'operatorNamespace', 'selector'])
    delete status.properties[member];
  const [version] = copy.spec?.versions ?? [];
  if (version !== undefined) delete (version as { subresources?: unknown }).subresources;
  return copy;
}

function resourceOf({ name, identity, cluster, isBalanced }: OriginalNode, owner: KubeObject): object {
  const own: Partial<HoprdSpec> =
    cluster === undefined
      ? { ...(isBalanced && { service: { type: 'LoadBalancer' } }), deployment: { env: ENV } }
      : { deployment: { env: ENV }, service: { type: 'ClusterIP' }, enabled: true };
  const { spec } = writtenHoprd({ identityPoolName: 'core', deleteDatabase: false, ...own });
  const labels = {
    ...{ 'app.kubernetes.io/name': 'hoprd-operator', 'app.kubernetes.io/instance': name },
    ...{ 'app.kubernetes.io/component': 'node', 'hoprds.hoprnet.org/cluster': cluster },
  };
  const status: Hoprd['status'] =
    name === 'slow' ? { ...stamp, phase: 'Initializing' } : { ...stamp, phase: 'Running', identityName: identity };
  return {
    ...{ apiVersion: GROUP, kind: 'Hoprd', spec, status },
    metadata: {
      ...{ namespace: TEAM, name, finalizers: [FINALIZER] },
      ...(cluster === undefined ? {} : { labels, ownerReferences: [ownerOf(owner)] }),
    },
  };
}

function poolChildren(): [ResourceType, object][] {
  const labels = { 'app.kubernetes.io/name': 'hoprd-operator', 'app.kubernetes.io/instance': 'core' };
  const metadata = { namespace: TEAM, name: 'core', labels };
  const rbac = 'rbac.authorization.k8s.io';
  const verbs = ['get', 'list', 'watch', 'create', 'delete'];
  const funding = { ...labels, 'app.kubernetes.io/component': 'auto-funding' };
  const container = (name: string, image: string, script: string) => ({
    ...{ name, image, command: ['/bin/bash', '-c'], args: [script] },
    resources: { limits: { cpu: '1500m', memory: '2Gi' }, requests: { cpu: '750m', memory: '512Mi' } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  });
  const podSpec = {
    ...{ restartPolicy: 'Never', serviceAccountName: 'core', volumes: [{ name: 'data', emptyDir: {} }] },
    initContainers: [container('kubectl', 'registry.hub.docker.com/bitnami/kubectl:1.24', 'list the addresses')],
    containers: [
      {
        ...container('hopli', 'registry.example/hopli:2.1.4', 'send funds'),
        imagePullPolicy: 'Always',
        env: ['DEPLOYER_PRIVATE_KEY', 'PRIVATE_KEY'].map((name) => fromWallet(name, 'DEPLOYER_PRIVATE_KEY')),
      },
    ],
  };
  return [
    [SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }],
    [
      ROLES,
      {
        ...{ apiVersion: `${rbac}/v1`, kind: 'Role', metadata },
        rules: [{ apiGroups: ['hoprnet.org'], resources: ['identityhoprds'], verbs }],
      },
    ],
    [
      ROLE_BINDINGS,
      {
        ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata },
        roleRef: { apiGroup: rbac, kind: 'Role', name: 'core' },
        subjects: [{ kind: 'ServiceAccount', name: 'core' }],
      },
    ],
    [
      CRON_JOBS,
      {
        ...{ apiVersion: 'batch/v1', kind: 'CronJob' },
        metadata: { namespace: TEAM, name: 'auto-funding-core', labels: funding },
        spec: {
          ...{ schedule: '0 1 * * 1', concurrencyPolicy: 'Forbid' },
          ...{ successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 3 },
          jobTemplate: {
            spec: {
              ...{ parallelism: 1, completions: 1, backoffLimit: 1, activeDeadlineSeconds: 300 },
              template: { spec: podSpec },
            },
          },
        },
      },
    ],
  ];
}

function claim(name: string): object {
  return {
    ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace: TEAM, name, labels: common(name) } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '4Gi' } }, storageClassName: 'fast' },
  };
}

async function openPorts(kube: Kube, node: OriginalNode): Promise<void> {
  if (node.isBalanced === true) return;
  const data = Object.fromEntries(portsOf(node).map((port) => [port, `${TEAM}/${node.name}:${port}`]));
  for (const name of ['ingress-nginx-tcp', 'ingress-nginx-udp'])
    await kube.mergePatch(CONFIG_MAPS, { namespace: NGINX, name }, { data }, { fieldManager: MANAGER });
}

function ownerOf({ kind, metadata }: KubeObject) {
  return { apiVersion: GROUP, kind, name: metadata.name, uid: metadata.uid as string, controller: true };
}

function owned(object: object, owner: KubeObject): object {
  const { metadata } = object as KubeObject;
  return { ...object, metadata: { ...metadata, ownerReferences: [ownerOf(owner)] } };
}
