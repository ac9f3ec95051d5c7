/**
 * Recovery of nodes whose databases cannot be opened (spec.selfHeal.corruptDataRecovery), one at a time. Begun when everything that it needs
 * is there; from then on a claim `<claim>-broken-<n>` tells of it, and each pass makes the one step that is missing (recovery-steps.ts).
 */
import { currentAnswer } from '../../comet-node/reading.ts';
import { keyOf, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import { bestFirst, type VolumeSnapshot } from '../volume-snapshot.ts';
import { findCorruption } from './corrupt-data.ts';
import {
  ANNOTATION_UNPROVEN,
  brokenClaimName,
  buildBrokenClaim,
  isBrokenClaimOf,
  recoveryOf,
} from './desired/broken-claim.ts';
import { listInstances } from './instances.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import { nextStep } from './recovery-steps.ts';
import { snapshotSelector } from './recovery-view.ts';
import type { CosmosFullNode } from './schema.ts';
import { holdsKeyOfAnother, whyItSigns } from './validator-key.ts';

const DEFAULT_LIMIT = 2;
const ANNOTATION_KEPT_FOR = 'nodewright.dev/kept-for';

export type Recoveries = {
  /** By name of the instance: what is done with its claim, which nobody else touches now. */
  holds: ReadonlyMap<string, string>;
  changes: Change[];
  condition: ConditionInput | undefined;
  /** Snapshots that are needed. */
  snapshots: ReadonlySet<string>;
};

export const NO_RECOVERIES: Recoveries = {
  holds: new Map(),
  changes: [],
  condition: undefined,
  snapshots: new Set(),
};

export function planRecoveries(
  fullNode: CosmosFullNode,
  nodes: readonly NodeView[],
  observed: Observed,
  now: number,
): Recoveries {
  const underWay = [...observed.claims.values()].flatMap((broken) => {
    const recovery = recoveryOf(broken);
    return recovery === undefined ? [] : [{ broken, recovery }];
  });
  const holds = new Map<string, string>();
  const changes = noteProven(nodes, observed);
  for (const { broken, recovery } of underWay) {
    const instance = listInstances(fullNode).find(({ claimName }) => claimName === recovery.claimName);
    const node = nodes.find((one) => one.instance.name === instance?.name);
    const step = nextStep(fullNode, { broken, recovery, instance, node }, observed);
    changes.push(...step.changes.map((change) => ({ ...change, node: instance?.name ?? broken.metadata.name })));
    if (instance !== undefined && step.wait !== undefined) holds.set(instance.name, step.wait);
  }
  const corrupt = nodes.flatMap((node) => {
    const words = describeCorruption(fullNode, node, observed, now);
    return words === undefined || holds.has(node.instance.name) ? [] : [{ node, words }];
  });
  const words = [...holds].map(([name, wait]) => `${name}: ${wait}`);
  let reason: Reason | undefined = holds.size > 0 ? 'Recovering' : undefined;
  let isBusy = underWay.length > 0;
  for (const { node, words: damage } of corrupt) {
    const beginning = isBusy ? OTHER_FIRST : begin(fullNode, node, nodes, observed);
    reason ??= beginning.reason;
    words.push(`${node.instance.name}: ${damage}: ${beginning.message}`);
    changes.push(...(beginning.change === undefined ? [] : [{ ...beginning.change, node: node.instance.name }]));
    if (beginning.change === undefined) continue;
    isBusy = true;
    holds.set(node.instance.name, beginning.message);
  }
  return {
    holds,
    changes,
    condition:
      reason === undefined ? undefined : { type: 'CorruptData', status: 'True', reason, message: words.join('; ') },
    snapshots: new Set(underWay.map(({ recovery }) => recovery.snapshot)),
  };
}

type Beginning = { reason: Reason; message: string; change?: Change };

const OTHER_FIRST: Beginning = { reason: 'Waiting', message: 'another instance is being recovered first' };

/** The first write of a recovery, or why there is none. */
function begin(
  fullNode: CosmosFullNode,
  { instance, pod }: NodeView,
  nodes: readonly NodeView[],
  observed: Observed,
): Beginning {
  const { limit = DEFAULT_LIMIT, acceptSignStateLoss } = fullNode.spec.selfHeal?.corruptDataRecovery ?? {};
  const not = (reason: Reason, message: string): Beginning => ({ reason, message });
  const claim = observed.claims.get(instance.claimName);
  const volume = observed.recovery.volumes.get(claim?.spec?.volumeName ?? '');
  const signs = claim && whyItSigns(fullNode, claim);
  if (signs !== undefined && acceptSignStateLoss !== true)
    return not(
      'ValidatorKey',
      `it is not recovered, as it may sign a height twice with older data: ${signs}; see spec.selfHeal.corruptDataRecovery.acceptSignStateLoss`,
    );
  const broken = [...observed.claims.values()].filter((one) => isBrokenClaimOf(one, instance));
  if (broken.length >= limit)
    return not(
      'LimitReached',
      `it has been recovered before, and ${broken.map(({ metadata }) => metadata.name).join(', ')} are still there; find out why its data breaks, and delete them`,
    );
  const unproven = nodes.find((node) => node.instance.name !== instance.name && isUnproven(node, observed));
  if (unproven !== undefined)
    return not('Waiting', `${unproven.instance.name}, which was recovered before, has to answer first`);
  const others = usersOf(instance.claimName, observed, pod?.metadata.name);
  if (others.length > 0) return not('ClaimInUse', `claim ${instance.claimName} is mounted by ${others.join(', ')} too`);
  const [snapshot] = candidates(observed, claim);
  if (snapshot === undefined) return not('NoSnapshot', describeMissing(fullNode, observed));
  if (volume === 'forbidden')
    return not(
      'Forbidden',
      'the operator may not read and patch PersistentVolumes: install it with the rights to recover volumes',
    );
  if (claim === undefined || volume === undefined || volume.spec?.claimRef?.uid !== claim.metadata.uid)
    return not('VolumeUnknown', `claim ${instance.claimName} is not bound to a volume`);
  const name = brokenClaimName(instance, new Set(observed.claims.keys()));
  const message = `it is recovered from VolumeSnapshot ${snapshot.metadata.name}; its volume is kept as claim ${name}`;
  if (volume.spec?.persistentVolumeReclaimPolicy !== 'Retain')
    return { reason: 'Recovering', message, change: retain(volume, `${claim.metadata.namespace}/${name}`) };
  const object = buildBrokenClaim(fullNode, instance, name, { claim, volume, snapshot: snapshot.metadata.name });
  const why = `the volume of ${instance.name}, which cannot be opened, is to be kept`;
  const change: Change = { verb: 'create', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(object), why, object };
  return { reason: 'Recovering', message, change };
}

function describeCorruption(
  { spec }: CosmosFullNode,
  { pod, reading, state }: NodeView,
  { readings }: Observed,
  now: number,
): string | undefined {
  const recovery = spec.selfHeal?.corruptDataRecovery;
  if (recovery === undefined || pod === undefined || state === 'Terminating') return undefined;
  const known = reading ?? readings.get(pod.metadata.uid ?? '');
  const damage = findCorruption(recovery, pod, known, now);
  return damage && `a database cannot be opened (${damage})`;
}

/** It was recovered, and no node has answered on the new volume yet. */
function isUnproven({ instance }: NodeView, { claims }: Observed): boolean {
  return [...claims.values()].some(
    (claim) => isBrokenClaimOf(claim, instance) && claim.metadata.annotations?.[ANNOTATION_UNPROVEN] !== undefined,
  );
}

function noteProven(nodes: readonly NodeView[], { claims }: Observed): Change[] {
  return nodes
    .filter(({ reading }) => currentAnswer(reading) !== undefined)
    .flatMap(({ instance }) => [...claims.values()].filter((claim) => isBrokenClaimOf(claim, instance)))
    .filter(({ metadata }) => metadata.annotations?.[ANNOTATION_UNPROVEN] !== undefined)
    .map((claim) => ({
      verb: 'patch',
      type: PERSISTENT_VOLUME_CLAIMS,
      key: keyOf(claim),
      why: 'the node answers on its new volume',
      patch: { metadata: { uid: claim.metadata.uid, annotations: { [ANNOTATION_UNPROVEN]: null } } },
    }));
}

/** What the claim was made from has been tried. */
function candidates({ recovery, claims }: Observed, claim: PersistentVolumeClaim | undefined): VolumeSnapshot[] {
  const name = claim?.metadata.name ?? '';
  const tried = claim?.spec?.dataSource?.name;
  return bestFirst(recovery.snapshots ?? []).filter(
    (snapshot) => snapshot.metadata.name !== tried && !holdsKeyOfAnother(snapshot, name, claims),
  );
}

function describeMissing(fullNode: CosmosFullNode, { recovery }: Observed): string {
  if (recovery.snapshots === undefined)
    return 'the cluster has no VolumeSnapshots, so there is nothing to recover it from';
  const words = Object.entries(snapshotSelector(fullNode)).map(([key, value]) => `${key}=${value}`);
  return `there is no other good VolumeSnapshot with labels ${words.join(',')} in namespace ${fullNode.metadata.namespace}, of an instance that signs nothing, to recover it from`;
}

function usersOf(claimName: string, { pods }: Observed, own: string | undefined): string[] {
  return [...pods.values()]
    .filter(({ spec }) => spec?.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === claimName))
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== own);
}

function retain(volume: PersistentVolume, keptFor: string): Change {
  const { uid, resourceVersion } = volume.metadata;
  return {
    verb: 'patch',
    type: PERSISTENT_VOLUMES,
    key: keyOf(volume),
    why: 'it is to be kept when its claim goes',
    patch: {
      metadata: { uid, resourceVersion, annotations: { [ANNOTATION_KEPT_FOR]: keptFor } },
      spec: { persistentVolumeReclaimPolicy: 'Retain' },
    },
  };
}
