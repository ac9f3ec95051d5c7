/** Whose volume is taken (spec cosmos §3.8). */
import type { Pod } from '../../kube/objects.ts';
import type { Problem } from '../problem.ts';
import { podsAwayForOthers } from './away.ts';
import { DATA_VOLUME, NODE } from './desired/trial-node.ts';
import type { Observed } from './observe.ts';
import type { Candidate, ScheduledVolumeSnapshot } from './schema.ts';

const DEFAULT_MIN_AVAILABLE = 2;
const ANNOTATION_ORDINAL = 'app.kubernetes.io/ordinal';
/** A status is refreshed once a minute; what is older was written by an operator that no longer looks. */
const STALE_MS = 180_000;

/** The instance to take, or why there is none. */
export function findCandidate(resource: ScheduledVolumeSnapshot, observed: Observed, now: Date): Candidate | Problem {
  const { fullNodeRef, deletePod = false, minAvailable = DEFAULT_MIN_AVAILABLE } = resource.spec;
  const refuse = (message: string): Problem => ({ reason: 'FindCandidateError', message });
  const fullNode = observed.fullNodes.get(fullNodeRef.name);
  if (fullNode === undefined)
    return refuse(`CosmosFullNode ${fullNodeRef.name} does not exist in namespace ${resource.metadata.namespace}`);
  // What another schedule sends away may be in sync for a while still.
  const going = podsAwayForOthers(fullNode, resource);
  const synced = Object.entries(fullNode.status?.sync ?? {})
    .filter(([, sync]) => isInSync(sync, now))
    .flatMap(([name]) => observed.pods.get(name) ?? [])
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined && !going.has(metadata.name))
    .sort((a, b) => ordinalOf(a) - ordinalOf(b));
  const needed = deletePod ? minAvailable : 1;
  if (synced.length < needed)
    return refuse(
      deletePod
        ? `${needed} or more pods must be in-sync to prevent downtime, found ${synced.length} in-sync`
        : `no pod of CosmosFullNode ${fullNodeRef.name} is in sync`,
    );
  const { ordinal } = fullNodeRef;
  const pod = ordinal === undefined ? synced[0] : synced.find((one) => ordinalOf(one) === ordinal);
  if (pod === undefined) return refuse(`in-sync pod with index ${ordinal} not found`);
  const pvcName = claimOf(pod);
  if (pvcName === undefined) return refuse(`pod ${pod.metadata.name} has no volume ${DATA_VOLUME} with a claim`);
  const height = fullNode.status?.sync?.[pod.metadata.name]?.height;
  const image = pod.spec?.containers.find(({ name }) => name === NODE)?.image;
  return {
    podName: pod.metadata.name,
    pvcName,
    podLabels: pod.metadata.labels ?? {},
    ...(height === undefined ? {} : { height }),
    ...(image === undefined ? {} : { image }),
  };
}

/** As a CosmosFullNode says of a node, if it was looked at of late. */
export function isInSync({ inSync, timestamp }: { inSync?: boolean; timestamp?: string }, now: Date): boolean {
  return inSync === true && now.getTime() - Date.parse(timestamp ?? '') <= STALE_MS;
}

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.annotations?.[ANNOTATION_ORDINAL] ?? Number.NaN);
}

/** The claim with the data of a node. */
export function claimOf({ spec }: Pod): string | undefined {
  return spec?.volumes?.find(({ name }) => name === DATA_VOLUME)?.persistentVolumeClaim?.claimName;
}
