/**
 * The operator of HOPR resources on a real API server, with the rights that it has in a cluster. There are no controllers beside it: what stands
 * in for them says that Deployments are ready, and lets go of what waits for its children.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { setUpKind } from '../../src/cli/operator.ts';
import { clusterHoprd, hoprd, identityHoprd, identityPool } from '../../src/kinds/hopr/kind.ts';
import { writtenSettings } from '../../src/kinds/hopr/written-resources.ts';
import type { HoprSettings } from '../../src/kinds/hopr-settings.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { Deployment, KubeObject } from '../../src/kube/objects.ts';
import { keyOf } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  INGRESS_CLASSES,
  JOBS,
  NAMESPACES,
  SECRETS,
  STORAGE_CLASSES,
} from '../../src/kube/resource-types.ts';
import { type RunningManager, startManager } from '../../src/runtime/manager.ts';
import { createMetrics } from '../../src/runtime/metrics.ts';

export const TEAM = 'team';
export const NGINX = 'ingress-nginx';
const WORKERS = 8;
const FOREGROUND = 'foregroundDeletion';

/** Room for 60 nodes of five ports, and a few more. */
export const SETTINGS: HoprSettings = {
  ...writtenSettings(),
  ingress: { ...writtenSettings().ingress, portMax: 9399 },
};

type LogLine = {
  level: number;
  msg: string;
  controller?: string;
  why?: string;
  change?: string;
  err?: { message: string };
};
export type HoprOperator = RunningManager & { lines: LogLine[]; metrics(): Promise<string> };

export async function startHoprOperator(kube: Kube): Promise<HoprOperator> {
  const lines: LogLine[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const metrics = createMetrics({ processMetrics: false });
  const manager = await startManager({
    kube,
    leaderElection: false,
    healthAddress: false,
    log,
    metrics,
    setUp: (runtime) => {
      const parts = [identityPool, identityHoprd, clusterHoprd, hoprd].map((kind) =>
        setUpKind(kind, runtime, {
          podGet: () => Promise.reject(new Error('no node is ever asked')),
          options: { operatorNamespace: 'nodewright-system', agentImage: 'nodewright:test', hopr: SETTINGS },
          now: () => new Date(),
          random: randomBytes,
        }),
      );
      return {
        controllers: parts.map(({ controller }) => ({ ...controller, workers: WORKERS })),
        leaderTasks: parts.map(({ reconciler }) => reconciler),
      };
    },
  });
  await manager.leading;
  return { ...manager, lines, metrics: () => metrics.registry.metrics() };
}

/** Everything that the configuration of the operator names, and the wallet of the pools. */
export async function createSurroundings(kube: Kube): Promise<void> {
  const create = (type: Parameters<Kube['create']>[0], object: object) => kube.create(type, object as KubeObject);
  for (const name of [TEAM, NGINX, 'hoprd-operator'])
    await create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await create(STORAGE_CLASSES, {
    ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', provisioner: 'test/none' },
    metadata: { name: SETTINGS.persistence.storageClassName },
  });
  await create(INGRESS_CLASSES, {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name: 'nginx' } },
    spec: { controller: 'k8s.io/ingress-nginx' },
  });
  const configMap = (name: string, data: object) =>
    create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: NGINX, name }, data });
  await configMap('ingress-nginx-tcp', { 9003: 'git/ssh:22', 25: 'mail/smtp:25' });
  await configMap('ingress-nginx-udp', {});
  await create(DEPLOYMENTS, deployment(NGINX, 'ingress-nginx-controller', ['controller', 'log-shipper']));
  const data = Object.fromEntries(
    ['DEPLOYER_PRIVATE_KEY', 'IDENTITY_PASSWORD', 'HOPRD_API_TOKEN'].map((key) => [key, 'c2VjcmV0']),
  );
  await create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: TEAM, name: 'wallet' }, data });
}

export function deployment(namespace: string, name: string, containers: string[], image = 'nginx'): KubeObject {
  const labels = { app: name };
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name } },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: containers.map((container) => ({
            ...{ name: container, image },
            ports: container === 'controller' ? [{ name: 'https', containerPort: 443 }] : [],
          })),
        },
      },
    },
  } as KubeObject;
}

/** Stands in for the controllers of Kubernetes until `stop`. */
export function startStandIn(kube: Kube): { stop(): Promise<void> } {
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      await runOnce(kube).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
    },
  };
}

async function runOnce(kube: Kube): Promise<void> {
  for (const type of [DEPLOYMENTS, JOBS]) {
    for (const object of await kube.list<Deployment>(type, { namespace: TEAM })) {
      const { deletionTimestamp, finalizers = [] } = object.metadata;
      if (deletionTimestamp !== undefined && finalizers.includes(FOREGROUND)) {
        const others = finalizers.filter((name) => name !== FOREGROUND);
        await kube.mergePatch(type, keyOf(object), { metadata: { finalizers: others } });
      } else if (type === DEPLOYMENTS && deletionTimestamp === undefined) await makeReady(kube, object);
    }
  }
}

async function makeReady(kube: Kube, { metadata, spec, status }: Deployment): Promise<void> {
  const replicas = spec?.replicas ?? 1;
  if ((status?.readyReplicas ?? 0) === replicas && status?.observedGeneration === metadata.generation) return;
  const next = {
    ...{ replicas, readyReplicas: replicas, updatedReplicas: replicas, availableReplicas: replicas },
    observedGeneration: metadata.generation,
  };
  await kube.mergePatch(
    DEPLOYMENTS,
    keyOf({ kind: 'Deployment', metadata } as KubeObject),
    { status: next },
    { subresource: 'status' },
  );
}
