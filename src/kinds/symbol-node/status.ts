/** The status of a node: pure, from the plan and what became of it. */
import { addressOf, renderHex } from '../../formats/symbol-keys.ts';
import { isPodReady } from '../../kube/objects.ts';
import { type ConditionInput, mergeConditions, toWireTime } from '../../reconcile/conditions.ts';
import { describeNoPods } from '../../reconcile/pod-profile.ts';
import type { ConditionType, Reason } from '../../reconcile/reasons.ts';
import { alertRecords, deliveryCondition, webhookOf } from './alerting.ts';
import type { Plan } from './plan.ts';
import type { SymbolNode } from './schema.ts';
import { requestStatuses } from './status-requests.ts';
import type { SymbolNodeStatus } from './status-schema.ts';
import type { AlertRecord } from './watch/alerts.ts';
import { judgeCertificates } from './watch/certificates.ts';
import type { Finding, Judgement } from './watch/finding.ts';
import { judgeHeight } from './watch/height.ts';
import { findPodTroubles } from './watch/pods.ts';
import { judgeVotingKeys } from './watch/voting-keys.ts';

export type StatusInput = {
  plan: Plan;
  /** Why the pass did not succeed; undefined when it did. */
  failure: string | undefined;
  now: Date;
  operatorNamespace: string;
};

/** Problems of certificates and their keys, which have a condition of their own. */
const CERTIFICATE_PROBLEMS = /^(CaKey|NodeKey|Certificates|Import)/;

/** Of the world outside: they may end by themselves. */
const PASSING_PROBLEMS = /^(PackageUnavailable|PeersUnknown|HeightUnknown)$/;

export function buildStatus(resource: SymbolNode, input: StatusInput): SymbolNodeStatus {
  const { plan, now, operatorNamespace } = input;
  const { observed, identity, reading, podPlan } = plan;
  const { network, names } = observed;
  const generation = resource.metadata.generation ?? 0;
  const publicKey = identity?.certificates?.caPublicKey ?? identity?.ca?.pair.publicKey;
  const { certificates } = identity ?? {};
  const { recovery } = podPlan;
  const node = reading?.node;
  return {
    observedGeneration: generation,
    phase: phaseOf(input),
    node: names.node,
    operatorNamespace,
    readAt: toWireTime(now),
    ...(network.content === undefined ? {} : { network: network.content.settings.name }),
    ...(network.sha256 === undefined ? {} : { packageSha256: network.sha256 }),
    ...(publicKey === undefined ? {} : { mainPublicKey: renderHex(publicKey) }),
    ...(publicKey === undefined || network.content === undefined
      ? {}
      : { address: addressOf(publicKey, network.content.settings.identifier) }),
    ...(certificates === undefined
      ? {}
      : {
          nodePublicKey: renderHex(certificates.node.publicKey),
          certificates: {
            caNotAfter: toWireTime(certificates.caNotAfter),
            nodeNotAfter: toWireTime(certificates.nodeNotAfter),
          },
        }),
    ...(node === undefined ? {} : { height: node.height, finalizedHeight: node.finalizedHeight }),
    ...(node?.finalizationEpoch === undefined ? {} : { finalizedEpoch: node.finalizationEpoch }),
    ...(node?.peers === undefined ? {} : { peers: node.peers }),
    ...(node?.node === undefined ? {} : { version: node.node.version }),
    ...(reading?.network.value === undefined ? {} : { networkHeight: reading.network.value.height }),
    ...(identity?.harvester === undefined
      ? {}
      : {
          harvesting: {
            remotePublicKey: renderHex(identity.harvester.remote.publicKey),
            vrfPublicKey: renderHex(identity.harvester.vrf.publicKey),
          },
        }),
    ...(plan.votingKeys.length === 0
      ? {}
      : {
          votingKeys: plan.votingKeys.map(({ file, rootPublicKey, startEpoch, endEpoch }) => ({
            ...{ file, publicKey: renderHex(rootPublicKey), startEpoch, endEpoch },
          })),
        }),
    ...(recovery === undefined || recovery.state === 'none'
      ? {}
      : {
          recovery: {
            attempts: recovery.attempts,
            ...(recovery.lastAt === undefined ? {} : { lastAt: recovery.lastAt }),
          },
        }),
    ...(podPlan.updatePending === undefined ? {} : { updatePending: podPlan.updatePending }),
    ...linkStatus(plan),
    ...alertStatus(alertRecords(resource, findingsOf(plan, now), observed.deliveries, now)),
    ...requestStatuses(resource, plan, now),
    conditions: mergeConditions(
      resource.status?.conditions ?? [],
      [
        readyCondition(input),
        ...judgementsOf(plan, now).map(({ condition }) => condition),
        ...specConditions(plan),
        ...recoveryCondition(plan),
        ...linkCondition(plan),
        ...deliveryCondition(webhookOf(resource, observed.userSecrets), observed.deliveries),
        ...updateCondition(plan),
        ...hostCondition(resource, plan),
      ],
      generation,
      now,
    ),
  };
}

/** The part of a status whose change is written at once; numbers and the time of reading wait for the next refresh. */
export function significantPart(status: SymbolNodeStatus | undefined): unknown {
  if (status === undefined) return undefined;
  const {
    height,
    finalizedHeight: _final,
    networkHeight: _network,
    peers: _peers,
    readAt: _at,
    conditions,
    alerts,
    ...rest
  } = status;
  return {
    ...rest,
    alerts: alerts?.map(({ message: _message, ...alert }) => alert),
    started: (height ?? 0) > 0,
    // Problems are told in full: a second one beside the first is news. Messages of the others have numbers in them.
    conditions: conditions?.map(({ message, ...condition }) =>
      condition.status === 'False' && condition.type === 'SpecValid' ? { ...condition, message } : condition,
    ),
  };
}

/** What a person should know of now. */
function findingsOf(plan: Plan, now: Date): Finding[] {
  const { step } = plan.links ?? {};
  return [
    ...(plan.pod === undefined ? [] : findPodTroubles(plan.pod)),
    ...judgementsOf(plan, now).flatMap(({ finding }) => finding ?? []),
    ...(step?.state === 'Failed'
      ? [{ name: 'LinksFailed' satisfies Reason, severity: 'warning' as const, message: step.message }]
      : []),
  ];
}

function alertStatus(alerts: AlertRecord[]): Pick<SymbolNodeStatus, 'alerts'> {
  return alerts.length === 0 ? {} : { alerts };
}

function linkStatus({ links, observed: { names } }: Plan): Pick<SymbolNodeStatus, 'links'> {
  const { step, hash } = links ?? {};
  if (step === undefined) return {};
  const { state, message } = step;
  const hasTransaction = state !== 'Linked' && state !== 'Unknown';
  return {
    links: {
      ...{ state, message },
      ...(hasTransaction ? { transaction: names.transaction } : {}),
      ...(hash === undefined ? {} : { hash }),
    },
  };
}

/** What is watched over, each with its condition. */
function judgementsOf(plan: Plan, now: Date): Judgement[] {
  const { settings, network } = plan.observed;
  const problem = plan.problems.find(({ reason }) => CERTIFICATE_PROBLEMS.test(reason));
  const { content } = network;
  const voting =
    plan.epoch === undefined || content === undefined
      ? undefined
      : {
          keys: plan.votingKeys,
          linked: plan.reading?.account.value?.state?.links.voting,
          epoch: plan.epoch,
          secondsPerEpoch: content.settings.voting.grouping * content.settings.blockSeconds,
        };
  return [
    judgeHeight(plan.reading, settings.monitor.maxBlocksBehind, now.getTime()),
    judgeCertificates(plan.identity?.certificates, problem, settings.certificates, now),
    ...(settings.features.has('VOTER') ? [judgeVotingKeys(voting, settings.voting)] : []),
  ];
}

function phaseOf({ plan, failure }: StatusInput): string {
  const { problems, pod, paused, observed, podPlan } = plan;
  if (paused) return 'Paused';
  if (problems.some(({ reason }) => reason === 'Conflict')) return 'Conflict';
  if (podPlan.recovery?.state === 'exhausted') return 'Degraded';
  if (observed.settings.replicas === 0) return 'Stopped';
  if (podPlan.restart !== undefined || pod?.metadata.deletionTimestamp !== undefined) return 'Updating';
  if (isPodReady(plan.pod)) return problems.length > 0 || failure !== undefined ? 'Degraded' : 'Running';
  if (podPlan.recovery?.state === 'needed') return 'Recovering';
  return pod === undefined && problems.some(({ reason }) => !PASSING_PROBLEMS.test(reason))
    ? 'Invalid'
    : pod !== undefined && findPodTroubles(pod).length > 0
      ? 'Degraded'
      : 'Creating';
}

function readyCondition({ plan, failure }: StatusInput): ConditionInput {
  const not = (reason: Reason, message: string): ConditionInput => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
  });
  const { problems, pod, observed, podPlan, waits, reading } = plan;
  const [problem] = problems;
  if (problem !== undefined) return not(problem.reason, problems.map(({ message }) => message).join('; '));
  if (failure !== undefined) return not('ReconcileFailed', failure);
  if (observed.settings.replicas === 0) return not('Stopped', 'spec.replicas is 0');
  if (podPlan.restart !== undefined) return not('Restarting', podPlan.restart);
  const [trouble] = pod === undefined ? [] : findPodTroubles(pod);
  const failing = pod === undefined ? describeWithoutPod(observed) : trouble?.message;
  if (failing !== undefined) return not('PodFailing', failing);
  if (isPodReady(plan.pod))
    return { type: 'Ready', status: 'True', reason: 'Answering', message: 'the node runs and answers' };
  const [wait] = waits;
  if (wait !== undefined) return not('Waiting', `${wait.what}: ${wait.why}`);
  return not(
    'Starting',
    reading?.error === undefined ? 'the node is being started' : `the node is being started: ${reading.error}`,
  );
}

/** The controller has seen what there is now, and has made no pod of it. */
function describeWithoutPod({ statefulSets, names }: Plan['observed']): string | undefined {
  const made = statefulSets.get(names.statefulSet);
  const hasSeen =
    made?.status?.observedGeneration !== undefined && made.status.observedGeneration === made.metadata.generation;
  const spec = made?.spec?.template.spec;
  return hasSeen && spec !== undefined && made.status?.replicas === 0 ? describeNoPods(made, spec) : undefined;
}

function specConditions({ problems, observed }: Plan): ConditionInput[] {
  const say = (type: ConditionType, failed: typeof problems, ok: string): ConditionInput => {
    const [first] = failed;
    return first === undefined
      ? { type, status: 'True', reason: 'Valid', message: ok }
      : { type, status: 'False', reason: first.reason, message: failed.map(({ message }) => message).join('; ') };
  };
  const ofPackage = problems.filter(({ reason }) => reason.startsWith('Package'));
  const others = problems.filter(({ reason }) => !reason.startsWith('Package'));
  const { content, sha256, source, isPending } = observed.network;
  const missing: ConditionInput = {
    ...{
      type: 'PackageReady',
      status: 'False',
      reason: 'Fetching',
      message: `the package of ${source} is being fetched`,
    },
  };
  const ready = say('PackageReady', ofPackage, `network ${content?.settings.name ?? ''}, SHA-256 ${sha256 ?? ''}`);
  return [
    content === undefined && isPending && ofPackage.length === 0 ? missing : ready,
    say('SpecValid', others, 'everything in the spec can be done'),
  ];
}

function linkCondition({ links }: Plan): ConditionInput[] {
  const { step } = links ?? {};
  if (step === undefined) return [];
  const { state, message } = step;
  const status = state === 'Linked' ? 'True' : state === 'Unknown' ? 'Unknown' : 'False';
  return [{ type: 'KeysLinked', status, reason: state, message }];
}

function recoveryCondition({ podPlan, observed }: Plan): ConditionInput[] {
  const { recovery } = podPlan;
  if (recovery === undefined || recovery.state === 'none') return [];
  const times = `${recovery.attempts} of ${observed.settings.recovery.maxAttempts} times`;
  if (recovery.state === 'needed')
    return [
      {
        ...{ type: 'Recovered', status: 'True', reason: 'RecoveryRan' },
        message: `the node had not stopped cleanly, and its data were recovered, ${times} in a row`,
      },
    ];
  return [
    {
      ...{ type: 'Recovered', status: 'False', reason: 'RecoveryFailed' },
      message: `the node did not stop cleanly, and its data could not be recovered, ${times}: look at the log of container recovery, then raise spec.recovery.maxAttempts to try again, or ask for a resync with spec.requests.resync`,
    },
  ];
}

/** The node runs all the same, and finds others itself. */
function hostCondition({ spec }: SymbolNode, { observed }: Plan): ConditionInput[] {
  if (observed.hasHost !== false) return [];
  return [
    {
      type: 'HostKnown',
      status: 'False',
      reason: 'HostDoesNotResolve',
      message: `spec.hostName: nobody knows the name ${JSON.stringify(spec.hostName)}: other nodes can't connect to this one by it. Give the name an address, or leave it empty`,
    },
  ];
}

function updateCondition({ podPlan: { updatePending } }: Plan): ConditionInput[] {
  if (updatePending === undefined) return [];
  return [
    {
      ...{ type: 'UpdatePending', status: 'True', reason: 'WaitsForRestart' },
      message: `the next restart brings: ${updatePending}; nothing is restarted for it. To do it now, set the annotation nodewright.dev/restartedAt to the current time`,
    },
  ];
}
