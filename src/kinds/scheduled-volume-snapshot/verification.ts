/**
 * `verify`: a throw-away node is started on a copy of a snapshot that is ready, and the snapshot labelled by what becomes of it. Beside the
 * runs, and apart from them. Which step it is at follows from the claim, the pod and the labels that there are; the status keeps the time
 * and the height of the first answer.
 */
import { type KubeObject, keyOf } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS, type ResourceType, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import type { PlanContext } from '../recipe.ts';
import { LABEL_VERIFIED, type VolumeSnapshot } from '../volume-snapshot.ts';
import { isInSync } from './candidate.ts';
import { buildTrialClaim, buildTrialPod, NODE } from './desired/trial-node.ts';
import type { Observed } from './observe.ts';
import { verifyLimitOf } from './problems.ts';
import type { ScheduledVolumeSnapshot, Verification } from './schema.ts';
import { ANNOTATION_HEIGHT, ANNOTATION_IMAGE, ANNOTATION_VERIFICATION, trialName } from './snapshots.ts';
import { whyMaySign } from './trial-safety.ts';
import { judge, type Verdict } from './verdict.ts';

export type VerificationPlan = {
  changes: Change[];
  /** Under way, or the last one; undefined where there never was one. */
  verification: Verification | undefined;
  /** What a verification that is under way waits for. */
  wait?: string | undefined;
  /** Of a verification that ended in this pass. */
  verdict?: Verdict | undefined;
};

/** So long after its time limit a throw-away node ends even where no operator is left. */
const SPARE_SECONDS = 600;

export function planVerification(
  resource: ScheduledVolumeSnapshot,
  observed: Observed,
  { now, options }: Pick<PlanContext, 'now' | 'options'>,
): VerificationPlan {
  const { target } = observed;
  const last = resource.status?.verification;
  if (target === undefined) {
    const why = resource.spec.verify === true ? 'no snapshot is to be verified with it' : 'spec.verify is not set';
    return { changes: removeTrials(observed, undefined, why), verification: endIfUnderWay(last, now) };
  }
  const { snapshot } = target;
  const name = snapshot.metadata.name;
  const leftOver = removeTrials(observed, trialName(name), `VolumeSnapshot ${name} is verified now`);
  const notes =
    last?.snapshotName === name && last.endedAt === undefined
      ? last
      : { snapshotName: name, startedAt: toWireTime(now) };
  const isOverdue = now.getTime() - Date.parse(notes.startedAt) >= verifyLimitOf(resource);
  const refusal = whyNot(target);
  if (refusal !== undefined) return conclude(snapshot, notes, leftOver, unknown(refusal), now);

  const claim = observed.trialClaims.get(trialName(name));
  const pod = observed.trialPods.get(trialName(name));
  const { original, originalClaim } = target;
  const hasPattern = original !== undefined && originalClaim !== undefined;
  if (!hasPattern && (claim === undefined || pod === undefined)) {
    const wait = 'the node whose snapshot it is has to be there, as the pattern for a throw-away node';
    if (isOverdue) return conclude(snapshot, notes, leftOver, unknown(wait), now);
    return { verification: notes, wait, changes: leftOver };
  }
  const reading = observed.readings.get(pod?.metadata.uid ?? '');
  const leastHeight = Number(snapshot.metadata.annotations?.[ANNOTATION_HEIGHT] ?? Number.NaN);
  const judged = judge(
    notes,
    {
      pod,
      reading,
      leastHeight: Number.isNaN(leastHeight) ? undefined : leastHeight,
      chainHeight: chainHeightOf(resource, observed, now),
      isOverdue,
    },
    now,
  );
  if (judged.verdict !== undefined) return conclude(snapshot, judged.notes, leftOver, judged.verdict, now);
  const base = { verification: judged.notes, wait: judged.wait };
  const going = [claim, pod].find((object) => object?.metadata.deletionTimestamp !== undefined);
  // A pod that holds a claim which is to go, or that the kubelet has ended, makes room for another.
  if (pod !== undefined && pod.metadata.deletionTimestamp === undefined && (going !== undefined || hasEnded(pod)))
    return { ...base, changes: [...leftOver, remove(PODS, pod, 'it cannot run any more')] };
  if (going !== undefined)
    return { ...base, wait: `${going.kind} ${going.metadata.name} is being deleted`, changes: leftOver };
  if (!hasPattern) return { ...base, changes: leftOver };
  const lifeSeconds = Math.ceil(verifyLimitOf(resource) / 1000) + SPARE_SECONDS;
  const { agentImage, podSecurity } = options;
  return {
    ...base,
    changes: [
      ...leftOver,
      ...(claim === undefined
        ? [create(PERSISTENT_VOLUME_CLAIMS, buildTrialClaim(resource, snapshot, originalClaim), snapshot)]
        : []),
      ...(pod === undefined
        ? [
            create(
              PODS,
              buildTrialPod(resource, snapshot, original, { agentImage, lifeSeconds, podSecurity }),
              snapshot,
            ),
          ]
        : []),
    ],
  };
}

/** On deletion: owner references see to it too, but where they are to be ignored nobody would. */
export function removeTrials(observed: Observed, except: string | undefined, why: string): Change[] {
  const all: [ResourceType, ReadonlyMap<string, KubeObject>][] = [
    [PODS, observed.trialPods],
    [PERSISTENT_VOLUME_CLAIMS, observed.trialClaims],
  ];
  return all.flatMap(([type, objects]) =>
    [...objects.values()]
      .filter(({ metadata }) => metadata.name !== except && metadata.deletionTimestamp === undefined)
      .map((object) => remove(type, object, why)),
  );
}

/** Why no node may or can be started for a snapshot; the verdict is then that nothing is known. */
function whyNot({ snapshot, original, settings }: NonNullable<Observed['target']>): string | undefined {
  if (original === undefined) return undefined;
  const signs = whyMaySign(original, settings);
  if (signs !== undefined) return `${signs}: no second node is started that could sign with it`;
  const before = snapshot.metadata.annotations?.[ANNOTATION_IMAGE];
  const image = original.spec?.containers.find(({ name }) => name === NODE)?.image;
  return before === undefined || before === image
    ? undefined
    : `pod ${original.metadata.name} has image ${image} now, and had ${before} when the snapshot was taken`;
}

/** The label first: what was used for it goes when nothing needs it any more, that is, in the next pass. */
function conclude(
  snapshot: VolumeSnapshot,
  notes: Verification,
  changes: Change[],
  verdict: Verdict,
  now: Date,
): VerificationPlan {
  const { result, message } = verdict;
  const patch = {
    metadata: {
      uid: snapshot.metadata.uid,
      ...(result === 'Unknown' ? {} : { labels: { [LABEL_VERIFIED]: result === 'Good' ? 'true' : 'false' } }),
      annotations: { [ANNOTATION_VERIFICATION]: `${result}: ${message}` },
    },
  };
  const { name } = snapshot.metadata;
  const mark = {
    verb: 'patch',
    type: VOLUME_SNAPSHOTS,
    key: keyOf(snapshot),
    why: message,
    node: name,
    patch,
  } as const;
  return {
    changes: [...changes, mark],
    verification: { ...notes, endedAt: toWireTime(now), result, message },
    verdict,
  };
}

function endIfUnderWay(last: Verification | undefined, now: Date): Verification | undefined {
  if (last === undefined || last.endedAt !== undefined) return last;
  return { ...last, endedAt: toWireTime(now), result: 'Unknown', message: 'it was broken off' };
}

/** Of the nodes in sync, as their CosmosFullNode says; 0: there is none. */
function chainHeightOf({ spec }: ScheduledVolumeSnapshot, { fullNodes }: Observed, now: Date): number {
  const sync = Object.values(fullNodes.get(spec.fullNodeRef.name)?.status?.sync ?? {});
  return Math.max(0, ...sync.map((node) => (isInSync(node, now) ? (node.height ?? 0) : 0)));
}

function unknown(message: string): Verdict {
  return { result: 'Unknown', message };
}

function hasEnded({ status }: { status?: { phase?: string } }): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

function create(type: ResourceType, object: KubeObject, { metadata: { name } }: VolumeSnapshot): Change {
  return { verb: 'create', type, key: keyOf(object), why: `to verify VolumeSnapshot ${name}`, node: name, object };
}

function remove(type: ResourceType, object: KubeObject, why: string): Change {
  const { uid = '', name } = object.metadata;
  return { verb: 'delete', type, key: keyOf(object), uid, why, node: name, disrupts: false };
}
