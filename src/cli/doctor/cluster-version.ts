/** Whether the cluster is new enough. */
import type { Kube } from '../../kube/kube.ts';
import type { Finding } from './finding.ts';

/** CRDs of ours have rules in CEL that older API servers do not know. */
const LEAST_MINOR = 29;

export async function checkCluster(kube: Pick<Kube, 'serverVersion'>): Promise<Finding[]> {
  const { major, minor, gitVersion } = await kube.serverVersion();
  // Clouds write 29+.
  const isNew = Number.parseInt(major, 10) > 1 || Number.parseInt(minor, 10) >= LEAST_MINOR;
  if (isNew) return [{ check: 'cluster', level: 'ok', message: `Kubernetes ${gitVersion}` }];
  return [
    {
      ...{ check: 'cluster', level: 'error' },
      message: `Kubernetes ${gitVersion} is too old: the CRDs have rules that are known from 1.${LEAST_MINOR} on`,
      fix: `upgrade the cluster to 1.${LEAST_MINOR} or later`,
    },
  ];
}
