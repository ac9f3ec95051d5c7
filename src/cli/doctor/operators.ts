/** Whether an operator runs and leads, and is of this release. */
import type { Lease, Pod } from '../../kube/objects.ts';
import { LEASES, PODS } from '../../kube/resource-types.ts';
import { describeDeploymentTrouble, describePodTrouble } from '../../reconcile/pod-trouble.ts';
import { LEASE_NAME } from '../operator.ts';
import { VERSION } from '../version.ts';
import type { Finding } from './finding.ts';
import type { InstalledOperator } from './installed-operator.ts';
import { describeObject, isHeld, type Surroundings } from './surroundings.ts';

export async function checkOperators(around: Surroundings): Promise<Finding[]> {
  const { operators, outside, operatorNamespace, operatorsHidden } = around;
  if (operators.length + outside.length === 0) return [describeNone(operatorsHidden)];
  const findings = (await Promise.all(operators.map((operator) => checkOne(around, operator)))).flat();
  for (const { namespace, holder } of outside)
    findings.push({
      ...{ check: 'operator', level: 'ok', subject: `Lease ${namespace}/${LEASE_NAME}` },
      message: `an operator without a Deployment in the cluster leads: ${holder}`,
    });
  const greedy = operators.filter(({ namespaces }) => namespaces === undefined);
  if (operators.length > 1 && greedy.length > 0)
    findings.push({
      ...{ check: 'operator', level: 'warning' },
      message: `${operators.length} operators share namespaces: ${operators.map(({ deployment }) => describeObject(deployment)).join(', ')}`,
      fix: 'give each namespaces of its own (--namespaces), or remove all but one',
    });
  if (operatorsHidden !== undefined)
    findings.push({
      ...{ check: 'operator', level: 'unknown' },
      message: `there may be others than that in namespace ${operatorNamespace}: ${operatorsHidden}`,
    });
  return findings;
}

function describeNone(hidden: string | undefined): Finding {
  const reservation =
    hidden === undefined ? '' : `, as far as can be seen (${hidden}; --operator-namespace names its namespace)`;
  return {
    ...{ check: 'operator', level: 'error', message: `no operator runs${reservation}` },
    fix: 'install one with the Helm chart, or run nodewright operator; docs/operations.md tells how',
  };
}

async function checkOne({ kube, now }: Surroundings, operator: InstalledOperator): Promise<Finding[]> {
  const { deployment, namespace, version } = operator;
  const subject = describeObject(deployment);
  const error = (message: string, fix: string): Finding[] => [
    { check: 'operator', level: 'error', subject, message, fix },
  ];
  const ready = deployment.status?.readyReplicas ?? 0;
  if (deployment.spec?.replicas === 0)
    return error('it is scaled to 0', `kubectl scale deployment ${operator.name} -n ${namespace} --replicas 1`);
  if (ready === 0) {
    const trouble = await whyNotReady(kube, operator);
    return error(
      `no pod of it is ready${trouble === undefined ? '' : `: ${trouble}`}`,
      `kubectl logs -n ${namespace} deployment/${operator.name} tells more`,
    );
  }
  const leader = operator.leaderElection ? await findLeader(kube, operator, now()) : 'itself';
  if (leader === undefined)
    return error(
      `${ready} of its pods are ready and none leads: nothing is reconciled`,
      `see whether it may write Leases in namespace ${operator.leaseNamespace}, and kubectl logs -n ${namespace} deployment/${operator.name}`,
    );
  const findings: Finding[] = [
    {
      check: 'operator',
      level: 'ok',
      subject,
      message: `${ready} ready; ${leader} leads; release ${version ?? 'unknown'}`,
    },
  ];
  if (version !== undefined && version !== VERSION)
    findings.push({
      ...{ check: 'operator', level: 'warning', subject },
      message: `it is of release ${version} and this command of ${VERSION}: plans and CRDs may differ from what the operator does`,
      fix: 'use the command of its release, or upgrade it; no node restarts for that',
    });
  return findings;
}

async function whyNotReady(kube: Surroundings['kube'], { deployment, namespace }: InstalledOperator) {
  const trouble = describeDeploymentTrouble(deployment);
  if (trouble !== undefined) return trouble;
  const labels = deployment.spec?.selector.matchLabels ?? {};
  const labelSelector = Object.entries(labels)
    .map((pair) => pair.join('='))
    .join(',');
  const pods = await kube.list<Pod>(PODS, { namespace, labelSelector });
  return pods.map(describePodTrouble).find((found) => found !== undefined);
}

async function findLeader(kube: Surroundings['kube'], operator: InstalledOperator, now: Date) {
  const lease = await kube.get<Lease>(LEASES, { namespace: operator.leaseNamespace, name: LEASE_NAME });
  return lease !== undefined && isHeld(lease, now) ? lease.spec?.holderIdentity : undefined;
}
