/**
 * The next step of a recovery that is under way: its pod goes, then its claim; the volume, which stays, is handed to the claim that keeps it;
 * and the claim is made anew from a snapshot. What is done already shows in the objects, so a step is never made twice, and whoever comes
 * after a crash goes on. Pure.
 */
import { currentAnswer } from '../../comet-node/reading.ts';
import { keyOf, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/objects.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, VOLUME_SNAPSHOTS } from '../../kube/resource-types.ts';
import type { Change } from '../../reconcile/change.ts';
import { deletePod } from '../../reconcile/pod-changes.ts';
import { bestFirst } from '../volume-snapshot.ts';
import { ANNOTATION_RECOVERS, ANNOTATION_UNPROVEN, type Recovery } from './desired/broken-claim.ts';
import { buildClaim } from './desired/claims.ts';
import { claimWanted, type Instance } from './instances.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import { isRetained, withOwner } from './ownership.ts';
import type { CosmosFullNode } from './schema.ts';

type UnderWay = {
  /** The claim that keeps the old volume. */
  broken: PersistentVolumeClaim;
  recovery: Recovery;
  /** Undefined where it is no longer wanted. */
  instance: Instance | undefined;
  /** Undefined where no pod is wanted. */
  node: NodeView | undefined;
};

type Step = {
  changes: Change[];
  /** What is done, or waited for; undefined when the instance is free again. */
  wait: string | undefined;
};

export function nextStep(fullNode: CosmosFullNode, underWay: UnderWay, observed: Observed): Step {
  const { broken, recovery } = underWay;
  const claim = observed.claims.get(recovery.claimName);
  const old = claim?.metadata.uid === recovery.replacedUid ? claim : undefined;
  const volume = observed.recovery.volumes.get(recovery.volumeName);
  const { name } = broken.metadata;
  if (broken.metadata.deletionTimestamp !== undefined)
    return old === undefined ? FREE : waitFor(`claim ${name} is being deleted, which ends the recovery`);
  if (volume === 'forbidden')
    return waitFor(`its recovery stands still: the operator may not read PersistentVolume ${recovery.volumeName}`);
  if (old !== undefined) return removeOld(fullNode, underWay, old, volume, observed);
  if (volume !== undefined && volume.spec?.claimRef?.uid !== broken.metadata.uid) {
    if (volume.spec?.claimRef !== undefined && volume.spec.claimRef.uid !== recovery.replacedUid)
      return waitFor(
        `PersistentVolume ${volume.metadata.name} has been given to claim ${volume.spec.claimRef.name}; delete claim ${name} to go on without it`,
      );
    // A claim that is not seen may have lost its labels only; Kubernetes, which sees all, says when it is gone.
    if (volume.spec?.claimRef !== undefined && volume.status?.phase !== 'Released')
      return waitFor(
        `PersistentVolume ${volume.metadata.name} is not released yet by claim ${recovery.claimName}, which has to be gone first`,
      );
    return make(handOver(volume, broken), `its old volume becomes claim ${name}`);
  }
  if (volume !== undefined && broken.status?.phase !== 'Bound')
    return waitFor(`claim ${name} has to be bound to PersistentVolume ${volume.metadata.name} first`);
  if (claim === undefined && underWay.instance !== undefined && claimWanted(underWay.instance))
    return makeNew(fullNode, underWay.instance, underWay, observed);
  return { changes: [finish(broken)], wait: undefined };
}

const FREE: Step = { changes: [], wait: undefined };

/** The pod, then the claim; as long as the volume is certain to stay. */
function removeOld(
  { spec }: CosmosFullNode,
  { broken, recovery, node, instance }: UnderWay,
  old: PersistentVolumeClaim,
  volume: PersistentVolume | undefined,
  { pods }: Observed,
): Step {
  const { name } = broken.metadata;
  const isGoing = old.metadata.deletionTimestamp !== undefined;
  const answers = currentAnswer(node?.reading) !== undefined;
  const isOff = spec.selfHeal?.corruptDataRecovery === undefined;
  if (!isGoing && broken.status?.phase !== 'Bound' && (answers || isOff)) {
    const why = answers
      ? 'its node answers again, and is not recovered'
      : 'spec.selfHeal.corruptDataRecovery was removed';
    return make(deleteClaim(broken, why), `its recovery is called off: ${why}`);
  }
  if (!isGoing && volume?.spec?.claimRef?.uid !== old.metadata.uid)
    return waitFor(
      `claim ${old.metadata.name} is not bound to PersistentVolume ${recovery.volumeName}; delete claim ${name} to call its recovery off`,
    );
  if (!isGoing && volume?.spec?.persistentVolumeReclaimPolicy !== 'Retain')
    return waitFor(
      `PersistentVolume ${recovery.volumeName} is no longer kept (Retain); delete claim ${name} to call its recovery off`,
    );
  const pod = instance && pods.get(instance.name);
  if (pod !== undefined && pod.metadata.deletionTimestamp === undefined)
    // Its node may have come back since it was last asked: all are asked once more before it is stopped.
    return make(deletePod(pod, 'its data is restored from a snapshot', true), 'its pod is stopped');
  if (isGoing) return waitFor(`claim ${old.metadata.name} has to be gone first; it is, when no pod mounts it any more`);
  if (pod !== undefined) return waitFor('its pod has to be gone first');
  return make(deleteClaim(old, `its volume is kept as ${name}`), `claim ${old.metadata.name} goes`);
}

function makeNew(
  fullNode: CosmosFullNode,
  instance: Instance,
  { broken, recovery }: UnderWay,
  observed: Observed,
): Step {
  const usable = bestFirst(observed.recovery.snapshots ?? []);
  const snapshot = usable.find(({ metadata }) => metadata.name === recovery.snapshot) ?? usable[0];
  if (snapshot === undefined)
    return waitFor(
      `VolumeSnapshot ${recovery.snapshot} is gone, and there is no other good one; delete claim ${broken.metadata.name} to have it begin like a new instance`,
    );
  const { name } = snapshot.metadata;
  const size = snapshot.status?.restoreSize;
  const dataSource = { apiGroup: VOLUME_SNAPSHOTS.group, kind: VOLUME_SNAPSHOTS.kind, name };
  const claim = buildClaim(fullNode, instance, { source: { dataSource, ...(size === undefined ? {} : { size }) } });
  const object = withOwner(fullNode, claim, !isRetained(fullNode));
  const why = `data of ${instance.name}, recovered from VolumeSnapshot ${name}`;
  return make({ verb: 'create', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(object), why, object }, why);
}

function handOver(volume: PersistentVolume, broken: PersistentVolumeClaim): Change {
  const { uid, resourceVersion } = volume.metadata;
  const claimRef = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: broken.metadata.namespace,
    name: broken.metadata.name,
    uid: broken.metadata.uid,
    resourceVersion: null,
  };
  const why = `it is kept as claim ${broken.metadata.name}`;
  const patch = { metadata: { uid, resourceVersion }, spec: { claimRef } };
  return { verb: 'patch', type: PERSISTENT_VOLUMES, key: keyOf(volume), why, patch };
}

function finish(broken: PersistentVolumeClaim): Change {
  const annotations = { [ANNOTATION_RECOVERS]: null, [ANNOTATION_UNPROVEN]: 'true' };
  const patch = { metadata: { uid: broken.metadata.uid, annotations } };
  const why = 'the new claim is made';
  return { verb: 'patch', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(broken), why, patch };
}

function deleteClaim(claim: PersistentVolumeClaim, why: string): Change {
  const uid = claim.metadata.uid ?? '';
  return { verb: 'delete', type: PERSISTENT_VOLUME_CLAIMS, key: keyOf(claim), uid, why, disrupts: false };
}

function make(change: Change, wait: string): Step {
  return { changes: [change], wait };
}

function waitFor(wait: string): Step {
  return { changes: [], wait };
}
