/**
 * The claim under which the volume of a recovered instance is kept. It has no owner, so nothing deletes it; while the recovery is under way
 * its annotations say whose it is, so that whoever comes after a crash can go on.
 */
import type { PersistentVolume, PersistentVolumeClaim } from '../../../kube/objects.ts';
import type { Instance } from '../instances.ts';
import { toLabelValue, toName } from '../names.ts';
import type { CosmosFullNode } from '../schema.ts';
import { childMetadata } from './metadata.ts';

/** The instance whose data it was. */
const LABEL_BROKEN = 'nodewright.dev/broken-data-of';
/** Name of the claim that is to be made anew; gone when that is done. */
export const ANNOTATION_RECOVERS = 'nodewright.dev/recovers-claim';
/** Uid of the claim that had the volume before. */
const ANNOTATION_REPLACED = 'nodewright.dev/replaced-claim';
/** There since the new claim was made, until its node has answered. */
export const ANNOTATION_UNPROVEN = 'nodewright.dev/unproven';
const ANNOTATION_SNAPSHOT = 'nodewright.dev/recovered-from';

export type Recovery = { claimName: string; replacedUid: string; snapshot: string; volumeName: string };

/** What a claim says of a recovery that is under way. */
export function recoveryOf({ metadata, spec }: PersistentVolumeClaim): Recovery | undefined {
  const { annotations = {} } = metadata;
  const claimName = annotations[ANNOTATION_RECOVERS];
  if (claimName === undefined) return undefined;
  return {
    claimName,
    replacedUid: annotations[ANNOTATION_REPLACED] ?? '',
    snapshot: annotations[ANNOTATION_SNAPSHOT] ?? '',
    volumeName: spec?.volumeName ?? '',
  };
}

/** Those of an instance, of recoveries that are under way too. */
export function isBrokenClaimOf({ metadata }: PersistentVolumeClaim, { name }: Instance): boolean {
  return metadata.labels?.[LABEL_BROKEN] === toLabelValue(name);
}

/** The first name that is free. */
export function brokenClaimName({ claimName }: Instance, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const name = toName(`${claimName}-broken-${number}`);
    if (!taken.has(name)) return name;
  }
}

/** @param snapshot that the new claim is to be made from */
export function buildBrokenClaim(
  fullNode: CosmosFullNode,
  instance: Instance,
  name: string,
  input: { claim: PersistentVolumeClaim; volume: PersistentVolume; snapshot: string },
): PersistentVolumeClaim {
  const { claim, volume, snapshot } = input;
  const { labels, annotations, ...metadata } = childMetadata(fullNode, { name, ordinal: instance.ordinal });
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      labels: { ...labels, [LABEL_BROKEN]: toLabelValue(instance.name) },
      annotations: {
        ...annotations,
        [ANNOTATION_RECOVERS]: instance.claimName,
        [ANNOTATION_REPLACED]: claim.metadata.uid ?? '',
        [ANNOTATION_SNAPSHOT]: snapshot,
      },
    },
    spec: {
      accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
      // Not more than the volume has, or it could not be bound to it.
      resources: { requests: { storage: volume.spec?.capacity?.storage ?? claim.status?.capacity?.storage ?? '1' } },
      storageClassName: volume.spec?.storageClassName ?? '',
      volumeMode: volume.spec?.volumeMode ?? 'Filesystem',
      volumeName: volume.metadata.name,
    },
  };
}
