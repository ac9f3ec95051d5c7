import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../cluster/cluster.ts';
import { connect } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import type { CustomResourceDefinition, KubeObject } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  NAMESPACES,
  type ResourceType,
} from '../../src/kube/resource-types.ts';
import { type ConfigMapObject, configMap } from './config-map.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** On a new machine the control plane is compiled first. */
const BUILD_MS = 20 * 60_000;

/** A real etcd and API server for the tests of one file, and a way to it whose connections can be cut. */
export type TestApi = {
  plane: ControlPlane;
  /** Straight to the API server. */
  kube: Kube;
  proxy: TcpProxy;
  /** A kubeconfig for the way through the proxy. */
  proxiedKubeconfig: string;
  /** Through the proxy, with a time limit of a few seconds. */
  proxied: Kube;
};

/** Call at the top of a test file; the fields are there when its tests run. */
export function useTestApi(): TestApi {
  const api = {} as TestApi;
  beforeAll(async () => {
    api.plane = await startControlPlane();
    api.kube = (await connect({ kubeconfig: api.plane.kubeconfigPath })).kube;
    const url = new URL(api.plane.apiServerUrl);
    api.proxy = await startTcpProxy(url.hostname, Number(url.port));
    api.proxiedKubeconfig = join(api.plane.dir, 'proxied.kubeconfig');
    const config = await readFile(api.plane.kubeconfigPath, 'utf8');
    await writeFile(api.proxiedKubeconfig, config.replaceAll(url.origin, `https://127.0.0.1:${api.proxy.port}`));
    api.proxied = (await connect({ kubeconfig: api.proxiedKubeconfig, timeoutMs: 5000 })).kube;
  }, BUILD_MS);
  afterAll(async () => {
    await api.proxy?.close();
    await api.plane?.stop();
  });
  return api;
}

export async function createNamespace(kube: Kube, name: string): Promise<void> {
  await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

export async function createConfigMap(kube: Kube, namespace: string, name: string, data?: Record<string, string>) {
  return kube.create<ConfigMapObject>(CONFIG_MAPS, configMap(namespace, name, data));
}

export async function deleteConfigMap(kube: Kube, namespace: string, name: string): Promise<void> {
  const found = await kube.get(CONFIG_MAPS, { namespace, name });
  await kube.delete(CONFIG_MAPS, { namespace, name }, { uid: found?.metadata.uid ?? '' });
}

export const WIDGETS: ResourceType = {
  group: 'test.nodewright.dev',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

export type Widget = KubeObject & { spec: { size: number; colour?: string }; status?: { phase?: string } };

/** A CRD with defaults, a rule and a status, and the wait until it is served. */
export async function installWidgets(kube: Kube): Promise<void> {
  await kube.create<CustomResourceDefinition>(CUSTOM_RESOURCE_DEFINITIONS, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.test.nodewright.dev' },
    spec: {
      group: WIDGETS.group,
      scope: 'Namespaced',
      names: { kind: WIDGETS.kind, plural: WIDGETS.plural },
      versions: [
        {
          name: WIDGETS.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    size: {
                      type: 'integer',
                      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'size cannot be changed' }],
                    },
                    colour: { type: 'string', default: 'red' },
                  },
                },
                status: { type: 'object', properties: { phase: { type: 'string' } } },
              },
            },
          },
        },
      ],
    } as unknown as CustomResourceDefinition['spec'],
  });
  while (!(await kube.discover('test.nodewright.dev/v1'))?.some(({ kind }) => kind === 'Widget')) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
