import type { KubeObject } from '../../src/kube/objects.ts';

export type ConfigMapObject = KubeObject & { data?: Record<string, string> };

export function configMap(namespace: string, name: string, data: Record<string, string> = {}): ConfigMapObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data };
}
