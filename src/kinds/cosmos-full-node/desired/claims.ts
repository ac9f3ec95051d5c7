/** The claim of an instance and its size (spec cosmos §2.11, §3.6). */
import type { PersistentVolumeClaim, TypedLocalObjectReference } from '../../../kube/objects.ts';
import { compareQuantities } from '../../../reconcile/quantity.ts';
import { percentOf, roundUpQuantity } from '../../../reconcile/quantity-arithmetic.ts';
import type { Instance } from '../instances.ts';
import { toLabelValue } from '../names.ts';
import type { CosmosFullNode, VolumeClaimTemplate } from '../schema.ts';
import { childMetadata, LABEL_INSTANCE } from './metadata.ts';

export type ClaimInput = {
  /** What a new claim is filled from. `size`, that of what is copied, takes the place of the template's. */
  source?: { dataSource: TypedLocalObjectReference; size?: string | undefined } | undefined;
  /** Of an existing claim that is bound; it never gets smaller. */
  current?: { capacity: string } | undefined;
  /** What the automatic growth of volumes asked for. */
  requestedSize?: string | undefined;
};

export function buildClaim(fullNode: CosmosFullNode, instance: Instance, input: ClaimInput): PersistentVolumeClaim {
  const template = claimTemplateOf(fullNode, instance);
  const { resources, accessModes, storageClassName, volumeMode, metadata } = template;
  const size =
    input.source?.size ?? largest([resources.requests?.storage, padded(fullNode, input), input.current?.capacity]);
  const requests = { ...resources.requests, ...(size === undefined ? {} : { storage: size }) };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: childMetadata(fullNode, {
      name: instance.claimName,
      ordinal: instance.ordinal,
      labels: { [LABEL_INSTANCE]: toLabelValue(instance.name) },
      template: metadata,
    }),
    spec: {
      accessModes: accessModes?.length ? accessModes : ['ReadWriteOnce'],
      resources: { ...resources, ...(Object.keys(requests).length === 0 ? {} : { requests }) },
      storageClassName,
      volumeMode: volumeMode ?? 'Filesystem',
      ...(input.source === undefined ? {} : { dataSource: input.source.dataSource }),
    },
  };
}

/**
 * An instance's own template takes the place of the resource's as a whole. One that leaves out what a template must have, down to `{}`, is
 * taken as a change of the resource's.
 */
export function claimTemplateOf({ spec }: CosmosFullNode, { override }: Instance): VolumeClaimTemplate {
  const own = override?.volumeClaimTemplate;
  if (own === undefined) return spec.volumeClaimTemplate;
  const { storageClassName, resources } = own;
  return storageClassName !== undefined && resources !== undefined
    ? { ...own, storageClassName, resources }
    : ({ ...spec.volumeClaimTemplate, ...own } as VolumeClaimTemplate);
}

/** What a volume is asked to grow to and 2% more, in whole bytes, but not above the limit that the user set (§7.1 B12). */
function padded(fullNode: CosmosFullNode, { requestedSize }: ClaimInput): string | undefined {
  if (requestedSize === undefined) return undefined;
  const size = roundUpQuantity(padRequest(requestedSize) ?? requestedSize);
  const limit = fullNode.spec.selfHeal?.pvcAutoScale?.maxSize;
  if (size === undefined || limit === undefined || (compareQuantities(limit, 0) ?? 0) <= 0) return size;
  const ceiling = largest([limit, requestedSize]) ?? size;
  return (compareQuantities(size, ceiling) ?? 0) > 0 ? ceiling : size;
}

/** 102% of a size; a file system takes some of what is asked for. */
export function padRequest(size: string): string | undefined {
  return percentOf(size, 102n);
}

/** The first of the largest; what is no quantity does not count unless there is nothing else. */
function largest(sizes: (string | number | undefined)[]): string | undefined {
  const given = sizes.flatMap((size) => (size === undefined ? [] : [String(size)]));
  return given.reduce<string | undefined>(
    (found, size) => (found === undefined || (compareQuantities(size, found) ?? 0) > 0 ? size : found),
    undefined,
  );
}
