/** Which claims are to grow because they become full (spec cosmos §3.7, without B12 and B13). Pure. */
import type { PersistentVolumeClaim } from '../../kube/objects.ts';
import { toWireTime } from '../../reconcile/conditions.ts';
import { compareQuantities } from '../../reconcile/quantity.ts';
import { increaseQuantity } from '../../reconcile/quantity-arithmetic.ts';
import { capacityOf } from './disk-usage.ts';
import type { Instance } from './instances.ts';
import type { Observed } from './observe.ts';
import type { CosmosFullNode, CosmosFullNodeStatus } from './schema.ts';

type Requests = NonNullable<NonNullable<CosmosFullNodeStatus['selfHealing']>['pvcAutoScaler']>;

export type VolumeGrowth = {
  /** `status.selfHealing.pvcAutoScaler` as it is to be; undefined where there is nothing to say. */
  requests: Requests | undefined;
  /** What is asked for now, in words. */
  sentences: string[];
  /** Names of instances whose volume is full enough to grow and has reached `maxSize`. */
  exhausted: ReadonlySet<string>;
  /** Why no volume can be measured; undefined when one could, or none was tried. */
  failure: string | undefined;
};

/** Older measurements say nothing any more. */
const FRESH_MS = 180_000;

export function planGrowth(
  fullNode: CosmosFullNode,
  instances: readonly Instance[],
  observed: Observed,
  now: Date,
): VolumeGrowth {
  const known = fullNode.status?.selfHealing?.pvcAutoScaler;
  const kept = Object.entries(known ?? {}).filter(([name]) => observed.claims.has(name));
  const requests: Requests = Object.fromEntries(kept);
  const exhausted = new Set<string>();
  const growth: VolumeGrowth = { requests, sentences: [], exhausted, failure: undefined };
  const autoScale = fullNode.spec.selfHeal?.pvcAutoScale;
  const errors: string[] = [];
  let measured = 0;
  for (const { name, claimName } of autoScale === undefined ? [] : instances) {
    const disk = observed.readings.get(observed.pods.get(name)?.metadata.uid ?? '')?.disk;
    const claim = observed.claims.get(claimName);
    if (disk === undefined || claim === undefined || now.getTime() - disk.at > FRESH_MS) continue;
    if (disk.error === undefined) measured++;
    else errors.push(`${name}: ${disk.error}`);
    // A measurement from before the last growth would make the volume grow twice.
    const capacity = capacityOf(claim);
    if (!disk.isFull || capacity === undefined || disk.capacity !== capacity) continue;
    if (isGrowing(claim, capacity, requests[claimName]?.requestedSize)) continue;
    const size = nextSize(fullNode, capacity);
    if (size === undefined) exhausted.add(name);
    if (size === undefined) continue;
    requests[claimName] = { requestedSize: size, requestedAt: toWireTime(now) };
    growth.sentences.push(`claim ${claimName} is ${disk.usedPercent}% full: ${capacity} → ${size}`);
  }
  if (measured === 0 && errors.length > 0) growth.failure = errors.join('; ');
  return { ...growth, requests: known === undefined && growth.sentences.length === 0 ? undefined : requests };
}

/** The resource with these requests in its status. */
export function withRequests(fullNode: CosmosFullNode, requests: Requests | undefined): CosmosFullNode {
  if (requests === undefined) return fullNode;
  const status = { ...fullNode.status, selfHealing: { pvcAutoScaler: requests } } as CosmosFullNodeStatus;
  return { ...fullNode, status };
}

function isGrowing(claim: PersistentVolumeClaim, capacity: string, requested: string | number | undefined): boolean {
  const sizes = [requested, claim.spec?.resources?.requests?.storage];
  return (
    claim.metadata.deletionTimestamp !== undefined ||
    sizes.some((size) => size !== undefined && (compareQuantities(size, capacity) ?? 0) > 0) ||
    (claim.status?.conditions ?? []).some(({ type, status }) => RESIZING.has(type) && status === 'True')
  );
}

const RESIZING: ReadonlySet<string> = new Set(['Resizing', 'FileSystemResizePending']);

/** Undefined at the maximum, and where the spec names no increase. */
function nextSize({ spec }: CosmosFullNode, capacity: string): string | undefined {
  const { increaseQuantity: increase = '', maxSize } = spec.selfHeal?.pvcAutoScale ?? {};
  const next = increaseQuantity(capacity, increase.replace(/^\+/, ''));
  if (next === undefined) return undefined;
  const isBounded = maxSize !== undefined && (compareQuantities(maxSize, 0) ?? 0) > 0;
  const size = isBounded && (compareQuantities(next, maxSize) ?? 0) > 0 ? String(maxSize) : next;
  return (compareQuantities(size, capacity) ?? 0) > 0 ? size : undefined;
}
