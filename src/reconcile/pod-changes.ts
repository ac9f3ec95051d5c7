/** Changes of pods that every kind of node makes. */
import { keyOf, type Pod } from '../kube/objects.ts';
import { PODS } from '../kube/resource-types.ts';
import type { Change } from './change.ts';
import { describeDifference, differences } from './difference.ts';
import { ANNOTATION_ASKED, ANNOTATION_RENDERED } from './labels.ts';

/** @param replacement what comes after it, and what the API server has to be willing to take before the pod is stopped */
export function deletePod(pod: Pod, why: string, disrupts: boolean, replacement?: Pod): Change {
  const uid = pod.metadata.uid as string;
  const change: Change = { verb: 'delete', type: PODS, key: keyOf(pod), uid, why, disrupts };
  return replacement === undefined ? change : { ...change, replacement };
}

/** Labels and annotations change in place, without a restart. The stamps stay: they say what the pod was made from. */
export function relabelPod(live: Pod, desired: Pod): Change[] {
  const {
    [ANNOTATION_ASKED]: _asked,
    [ANNOTATION_RENDERED]: _rendered,
    ...annotations
  } = desired.metadata.annotations ?? {};
  const wanted = { labels: desired.metadata.labels ?? {}, annotations };
  const found = differences(wanted, { labels: live.metadata.labels, annotations: live.metadata.annotations });
  if (found.length === 0) return [];
  const why = found
    .slice(0, 3)
    .map((difference) => describeDifference(difference))
    .join(', ');
  return [
    { verb: 'patch', type: PODS, key: keyOf(live), why, patch: { metadata: { uid: live.metadata.uid, ...wanted } } },
  ];
}
