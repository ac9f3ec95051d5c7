/**
 * Why nothing can be done for a resource at all. Our CRDs refuse it; those of the HOPR operator, which may still be installed, do not, and it
 * crashes on each (spec hopr §8.1).
 */
import type { KubeObject } from '../../kube/objects.ts';

const NODE_MEMBERS = ['identityPoolName', 'version', 'supportedRelease', 'config'];

const REQUIRED: Record<string, readonly string[]> = {
  IdentityPool: ['network', 'secretName'],
  IdentityHoprd: ['identityPoolName', 'identityFile', 'peerId', 'nativeAddress', 'safeAddress', 'moduleAddress'],
  ClusterHoprd: [...NODE_MEMBERS, 'replicas'],
  Hoprd: NODE_MEMBERS,
};

/** The least that each may be. */
const COUNTS: Record<string, number> = { replicas: 0, portsAllocation: 1 };

export function findUnusable({ kind, ...resource }: KubeObject): string[] {
  const { spec } = resource as { spec?: Record<string, unknown> | null };
  const missing = (REQUIRED[kind] ?? []).filter((member) => (spec?.[member] ?? undefined) === undefined);
  return [
    ...missing.map((member) => `spec.${member}: must be set`),
    ...Object.entries(COUNTS).flatMap(([member, least]) => {
      const value = spec?.[member] ?? undefined;
      if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) return [];
      return [`spec.${member}: must be a whole number from ${least} on, not ${JSON.stringify(value)}`];
    }),
  ];
}
