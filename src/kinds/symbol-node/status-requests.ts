/** What became of what a person asked for once. What was done is remembered on the objects themselves. */

import type { Pod, StatefulSet } from '../../kube/objects.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import { ANNOTATION_ASKED } from '../../reconcile/labels.ts';
import { changedAsked } from '../../reconcile/pod-stamps.ts';
import { ANNOTATION_REQUEST } from './desired/key-secrets.ts';
import type { Plan } from './plan.ts';
import type { SymbolNode } from './schema.ts';
import type { SymbolNodeStatus } from './status-schema.ts';

type RequestStatus = NonNullable<SymbolNodeStatus['requests']>[number];

export function requestStatuses(resource: SymbolNode, plan: Plan, now: Date): Pick<SymbolNodeStatus, 'requests'> {
  const { requests = {} } = resource.spec;
  const { names, secrets, network, statefulSets } = plan.observed;
  const restarted = isCurrent(plan.pod, statefulSets.get(names.statefulSet));
  const onSecret = (name: string, id: string) =>
    secrets.get(name)?.metadata.annotations?.[ANNOTATION_REQUEST] === id && restarted;
  const found: [string, string | undefined, boolean][] = [
    ['resync', requests.resync?.id, restarted && hasPrepared(plan.pod)],
    [
      'renewCertificates',
      requests.renewCertificates?.id,
      onSecret(names.certificates, requests.renewCertificates?.id ?? ''),
    ],
    ['renewVotingKeys', requests.renewVotingKeys?.id, onSecret(names.votingKeys, requests.renewVotingKeys?.id ?? '')],
    ['updatePackage', requests.updatePackage?.id, !network.isPending && network.newZip === undefined && restarted],
  ];
  const list = found.flatMap(([name, id, isDone]): RequestStatus[] => {
    if (id === undefined) return [];
    const before = resource.status?.requests?.find((request) => request.name === name && request.id === id);
    if (!isDone && before?.state !== 'Done')
      return [{ name, id, state: plan.problems.length > 0 ? 'Pending' : 'Running' }];
    return [{ name, id, state: 'Done', finishedAt: before?.finishedAt ?? toWireTime(now) }];
  });
  return list.length === 0 ? {} : { requests: list };
}

/** The pod was started with what the StatefulSet has now. */
function isCurrent(pod: Pod | undefined, live: StatefulSet | undefined): boolean {
  if (pod?.metadata.annotations?.[ANNOTATION_ASKED] === undefined || live === undefined) return false;
  const template = { ...pod, metadata: { name: '', ...live.spec?.template.metadata } } as Pod;
  return changedAsked(pod, template).length === 0 && pod.metadata.deletionTimestamp === undefined;
}

function hasPrepared(pod: Pod | undefined): boolean {
  const status = pod?.status?.initContainerStatuses?.find(({ name }) => name === 'prepare');
  return status?.state?.terminated?.exitCode === 0;
}
