/** How Prometheus finds the nodes of a pool and tells them apart (spec hopr §3.1). */
import type { KubeObject } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import type { IdentityPool } from '../schema.ts';
import { childMetadata, LABEL_NAME, LABEL_POOL } from './metadata.ts';

/** As far as it is used here; the CRD belongs to the Prometheus operator. */
type ServiceMonitor = KubeObject & {
  spec: {
    jobLabel: string;
    namespaceSelector: { any: boolean; matchNames: string[] };
    selector: { matchLabels: Record<string, string> };
    endpoints: { port: string; path: string; interval: string; relabelings: Relabeling[] }[];
  };
};

type Relabeling = { action: 'replace'; sourceLabels: string[]; targetLabel: string };

/** Labels of the pods, and what they are called on the metrics. */
const RELABELED: Record<string, string> = {
  network: 'hoprd_network',
  safeAddress: 'hoprd_safe_address',
  nativeAddress: 'hoprd_address',
  peerId: 'hoprd_peer_id',
  cluster: 'hoprd_cluster',
};

export function buildServiceMonitor(pool: IdentityPool, { instanceName }: HoprSettings): ServiceMonitor {
  const { name, namespace = '' } = pool.metadata;
  const labels = { [LABEL_NAME]: instanceName, [LABEL_POOL]: name };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: childMetadata(pool, name, labels),
    spec: {
      jobLabel: name,
      namespaceSelector: { any: false, matchNames: [namespace] },
      selector: { matchLabels: labels },
      endpoints: [
        {
          port: 'metrics',
          path: '/metrics',
          interval: '15s',
          relabelings: Object.entries(RELABELED).map(([label, targetLabel]) => ({
            action: 'replace',
            sourceLabels: [`__meta_kubernetes_pod_label_hoprds_hoprnet_org_${label}`],
            targetLabel,
          })),
        },
      ],
    },
  };
}
