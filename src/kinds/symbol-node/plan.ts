/**
 * Spec and observation in, changes out: the one place where it is decided what is written for a SymbolNode. Pure. The operator executes the
 * changes, `nodewright plan` prints them, tests assert them.
 */
import type { KubeObject, PersistentVolumeClaim, Pod, StatefulSet } from '../../kube/objects.ts';
import { keyOf } from '../../kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  type ResourceType,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
} from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { type Desired, diffObject } from '../../reconcile/diff.ts';
import { ANNOTATION_PAUSED } from '../../reconcile/labels.ts';
import { compareQuantities } from '../../reconcile/quantity.ts';
import { isProblem, type Problem } from '../problem.ts';
import type { PlanContext } from '../recipe.ts';
import { resumeKept } from './conflict.ts';
import { planCertificates } from './desired/certificates.ts';
import { buildConfiguration } from './desired/configuration.ts';
import { buildKeySecrets } from './desired/key-secrets.ts';
import { buildPackageCopy, buildSeed } from './desired/package-copy.ts';
import { buildServices } from './desired/services.ts';
import { buildStatefulSet } from './desired/stateful-set.ts';
import { currentEpoch, planVotingKeys, type VotingKey } from './desired/voting-keys.ts';
import { removeKopfFinalizer } from './finalizer.ts';
import { type Identity, resolveIdentity } from './identities.ts';
import { type LinkPlan, planLinks } from './link-plan.ts';
import { claimedBy, type Observed } from './observe.ts';
import { type PodPlan, planPod } from './pod.ts';
import type { NodeReading } from './rpc/reading.ts';
import type { SymbolNode } from './schema.ts';

export type Plan = {
  changes: Change[];
  waits: Wait[];
  problems: Problem[];
  /** What the status is made of. */
  observed: Observed;
  identity: Identity | undefined;
  votingKeys: VotingKey[];
  /** The current finalization epoch, where it is known. */
  epoch: number | undefined;
  /** What becomes of the links of the main account; undefined where there is no telling. */
  links: LinkPlan | undefined;
  pod: Pod | undefined;
  podPlan: PodPlan;
  reading: NodeReading | undefined;
  paused: boolean;
};

/** An answer that is older says nothing of now. */
const FRESH_MS = 30_000;

export function planSymbolNode(resource: SymbolNode, observed: Observed, context: PlanContext): Plan {
  const { names, network, conflict } = observed;
  const { maxAttempts } = observed.settings.recovery;
  const live = observed.statefulSets.get(names.statefulSet);
  const pod = observed.pods.get(names.pod);
  const found = observed.readings.get(pod?.metadata.uid ?? '');
  const reading = found !== undefined && context.now.getTime() - found.at < FRESH_MS ? found : undefined;
  const facts = {
    ...{ waits: [], observed, identity: undefined, votingKeys: [], epoch: undefined, links: undefined, pod, reading },
    paused: resource.metadata.annotations?.[ANNOTATION_PAUSED] === 'true',
  };
  const nothing: Plan = {
    ...facts,
    changes: [],
    problems: [],
    podPlan: planPod(pod, live, undefined, false, maxAttempts),
  };
  if (resource.metadata.deletionTimestamp !== undefined) return { ...nothing, changes: removeKopfFinalizer(resource) };
  if (conflict !== undefined) return { ...nothing, problems: [{ reason: 'Conflict', message: conflict }] };
  const identity = resolveIdentity(resource, observed, context.random);
  const problems = [...(network.problem === undefined ? [] : [network.problem]), ...identity.problems];
  const diff = (desired: Desired) => diffObject(desired, findLive(observed, desired), context.residues);
  const kept = resumeKept(resource, claimedBy(names, observed));
  const keys = buildKeySecrets(resource, observed, identity);
  const certificates = planCertificates(resource, observed, identity, context);
  problems.push(...certificates.problems);
  const { content } = network;
  if (content === undefined) {
    const changes = [...kept, ...[...keys, ...certificates.desired].flatMap(diff), ...certificates.changes];
    const waits =
      network.problem === undefined ? [{ what: 'the node', why: "the network's package is being fetched" }] : [];
    return { ...nothing, identity, problems, waits, changes: facts.paused ? [] : changes };
  }
  const finalized = reading?.node?.finalizedHeight;
  const epoch = currentEpoch(observed.height?.value?.finalizedHeight ?? finalized, content);
  // What has ended is given up for good: nodewatch alone is not believed in that.
  const surelyAt = Math.min(epoch ?? 0, currentEpoch(finalized, content) ?? 0);
  const voting = planVotingKeys(resource, observed, content, { epoch, surelyAt }, context.random);
  problems.push(...voting.problems);
  const links = planLinks(resource, {
    ...{
      names,
      settings: observed.settings,
      content,
      identity,
      votingKeys: voting.keys,
      epoch,
      surelyAt,
      pod,
      reading,
    },
    cosigner: observed.userSecrets.get(resource.spec.accounts?.cosigner?.name ?? ''),
    live: observed.configMaps.get(names.transaction),
    transactions: observed.transactions,
    now: context.now,
  });
  problems.push(...links.problems);
  const configuration = buildConfiguration(resource, observed, content, identity);
  if (isProblem(configuration)) problems.push(configuration);
  const seed = buildSeed(resource, observed, content);
  // What is made in this pass is in the stamp of the pod, which must not change right after it was started.
  const isSettled = hasIdentity(observed, identity) && certificates.changes.length + voting.desired.length === 0;
  const workload =
    isSettled && !isProblem(configuration)
      ? buildStatefulSet(resource, observed, {
          seed,
          images: { ...content.settings.images, ...definedOf(resource.spec.images) },
          agentImage: context.options.agentImage,
          podSecurity: context.options.podSecurity,
          identity: {
            package: network.sha256,
            certificates: certificateStamp(observed),
            voting: voting.keys.map(({ rootPublicKey }) => Buffer.from(rootPublicKey).toString('hex')),
          },
          rendered: configuration.asked,
        })
      : undefined;
  const growth = growClaim(resource, observed.claims.get(names.claim));
  if (isProblem(growth)) problems.push(growth);
  const workloadChanges = workload === undefined ? [] : diff(workload);
  const before: Change[] = [
    ...kept,
    ...[...keys, ...certificates.desired, ...voting.desired].flatMap(diff),
    ...certificates.changes,
    ...voting.changes,
    ...buildPackageCopy(resource, observed).flatMap(diff),
    ...(isProblem(configuration) ? [] : [...configuration.desired, ...seed.desired].flatMap(diff)),
    ...buildServices(resource, observed).flatMap(diff),
    ...(growth === undefined || isProblem(growth) ? [] : [growth]),
  ];
  // Nothing is stopped before everything that it is to start with is in place.
  const isApplied = workload !== undefined && workloadChanges.length === 0 && before.length === 0;
  const podPlan = planPod(
    pod,
    live,
    workload?.object as StatefulSet | undefined,
    isApplied && observed.isConfirmed,
    maxAttempts,
  );
  // Last, as nothing is announced after a failure.
  const changes = [...before, ...workloadChanges, ...podPlan.changes, ...links.changes];
  return {
    ...facts,
    ...{ identity, votingKeys: voting.keys, epoch, links, problems, podPlan },
    waits: [...podPlan.waits, ...links.waits],
    changes: facts.paused ? [] : changes,
  };
}

/** A pod can't begin without them; those that exist are enough, whatever is wrong with the keys that they were made with. */
function hasIdentity({ settings }: Observed, { certificates, harvester }: Identity): boolean {
  return certificates !== undefined && (!settings.features.has('HARVESTER') || harvester !== undefined);
}

/** Of the certificates that a pod is started with; it changes when they are renewed. */
function certificateStamp({ secrets, names }: Observed): string | undefined {
  return secrets.get(names.certificates)?.data?.['node.full.crt.pem'];
}

function findLive(observed: Observed, { type, object }: Desired): KubeObject | undefined {
  const maps = new Map<ResourceType, ReadonlyMap<string, KubeObject>>([
    [SECRETS, observed.secrets],
    [CONFIG_MAPS, observed.configMaps],
    [SERVICES, observed.services],
    [STATEFUL_SETS, observed.statefulSets],
  ]);
  return maps.get(type)?.get(object.metadata.name);
}

function growClaim({ spec }: SymbolNode, claim: PersistentVolumeClaim | undefined): Change | Problem | undefined {
  const found = claim?.spec?.resources?.requests?.storage;
  if (claim === undefined || found === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined;
  const order = compareQuantities(spec.volumeSize, found);
  if (order === undefined || order === 0) return undefined;
  if (order < 0) {
    const message = `spec.volumeSize: the volume has ${found} already and can't shrink to ${spec.volumeSize}; set it to ${found} or more`;
    return { reason: 'VolumeCannotShrink', message };
  }
  return {
    verb: 'patch',
    type: PERSISTENT_VOLUME_CLAIMS,
    key: keyOf(claim),
    why: `size ${found} → ${spec.volumeSize}`,
    patch: { metadata: { uid: claim.metadata.uid }, spec: { resources: { requests: { storage: spec.volumeSize } } } },
  };
}

function definedOf(images: SymbolNode['spec']['images'] = {}): Partial<Record<'rest' | 'mongo', string>> {
  const { rest, mongo } = images;
  return { ...(rest === undefined ? {} : { rest }), ...(mongo === undefined ? {} : { mongo }) };
}
