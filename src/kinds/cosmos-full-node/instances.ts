/** The instances of a CosmosFullNode: one pod, claim, ConfigMap and P2P Service per ordinal. */
import { toName, toServiceName } from './names.ts';
import type { CosmosFullNode, InstanceOverride } from './schema.ts';

export type Instance = {
  /** Of its pod and of its ConfigMap, and the key in `spec.instanceOverrides`. */
  name: string;
  ordinal: number;
  /** Counts from 0, whatever `spec.ordinals.start` is. */
  index: number;
  override: InstanceOverride | undefined;
  claimName: string;
  p2pServiceName: string;
  privvalServiceName: string;
};

/** All of them, disabled or not. */
export function listInstances({ metadata, spec }: CosmosFullNode): Instance[] {
  const app = toName(metadata.name);
  const start = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas }, (_, index) => {
    const ordinal = start + index;
    const name = toName(`${app}-${ordinal}`);
    return {
      name,
      ordinal,
      index,
      override: spec.instanceOverrides?.[name],
      claimName: toName(`pvc-${app}-${ordinal}`),
      p2pServiceName: toServiceName(`${app}-p2p-${ordinal}`),
      privvalServiceName: toServiceName(`${app}-privval-${ordinal}`),
    };
  });
}

export function podWanted(fullNode: CosmosFullNode, instance: Instance): boolean {
  return instance.override?.disable === undefined && !isAwayForSnapshot(fullNode, instance);
}

/** A scheduled snapshot is being taken of its volume, and its pod is to be gone meanwhile. */
export function isAwayForSnapshot({ status }: CosmosFullNode, { name }: Instance): boolean {
  return Object.values(status?.scheduledSnapshotStatus ?? {}).some(({ podCandidate }) => podCandidate === name);
}

export function claimWanted({ override }: Instance): boolean {
  return override?.disable !== 'All';
}
