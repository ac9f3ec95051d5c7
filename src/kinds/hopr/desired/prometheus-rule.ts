/** What is worth waking somebody for, in a pool. */
import type { KubeObject } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import type { IdentityPool } from '../schema.ts';
import { childMetadata, commonLabels } from './metadata.ts';

/** As far as it is used here; the CRD belongs to the Prometheus operator. */
type PrometheusRule = KubeObject & { spec: { groups: { name: string; rules: Alert[] }[] } };

type Alert = {
  alert: string;
  expr: string;
  for: string;
  labels: { severity: string };
  annotations: { summary: string };
};

export function buildPrometheusRule(pool: IdentityPool, settings: HoprSettings): PrometheusRule {
  const { name, namespace = '' } = pool.metadata;
  const labels = commonLabels(settings, name);
  const of = `namespace="${namespace}",pool="${name}"`;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: childMetadata(pool, name, labels),
    spec: {
      groups: [
        {
          name: `hopr-${namespace}-${name}`,
          rules: [
            {
              alert: 'HoprNodeNotReady',
              // Where Prometheus puts labels of its own on what it scrapes, ours begin with `exported_`.
              expr: `nodewright_hopr_node_ready{${of}} == 0 or nodewright_hopr_node_ready{exported_namespace="${namespace}",pool="${name}"} == 0`,
              for: '30m',
              labels: { severity: 'warning' },
              annotations: { summary: 'HOPR node {{ $labels.node }} should run and is not ready for half an hour' },
            },
            {
              alert: 'HoprPoolExhausted',
              expr: `(nodewright_hopr_pool_identities{${of}} - nodewright_hopr_pool_identities_in_use == 0) or (nodewright_hopr_pool_identities{exported_namespace="${namespace}",pool="${name}"} - nodewright_hopr_pool_identities_in_use == 0)`,
              for: '1h',
              labels: { severity: 'info' },
              annotations: { summary: `every identity of pool ${name} is in use; the next node will wait for one` },
            },
          ],
        },
      ],
    },
  };
}
