/**
 * The further pods of every instance (spec cosmos §2.9). Each of them rolls by itself, within the same budget: a pod whose main node is
 * being replaced goes with it (§7.1 B6).
 */
import { isPodReady, keyOf, type Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { ANNOTATION_ASKED, ANNOTATION_RESTARTED_AT } from '../../reconcile/labels.ts';
import { deletePod, relabelPod } from '../../reconcile/pod-changes.ts';
import type { PodSecurity } from '../../reconcile/pod-security.ts';
import { changedAsked, formatParts } from '../../reconcile/pod-stamps.ts';
import { planRollout, type RolloutMember } from '../../reconcile/rollout.ts';
import { maxUnavailableOf } from '../../reconcile/rollout-budget.ts';
import { buildAdditionalPods } from './desired/additional-pods.ts';
import { LABEL_APP } from './desired/metadata.ts';
import type { Instance } from './instances.ts';
import type { Observed } from './observe.ts';
import { withOwner } from './ownership.ts';
import type { CosmosFullNode } from './schema.ts';
import { foreignPodDifferences, isForeign, secured } from './taken-over.ts';
import { effectiveVersion } from './versions.ts';

export type AdditionalPodPlan = { changes: Change[]; waits: Wait[]; names: ReadonlySet<string> };

/** @param replaced names of main pods that are being replaced in this pass */
export function planAdditionalPods(
  fullNode: CosmosFullNode,
  instances: readonly Instance[],
  observed: Observed,
  input: {
    replaced: ReadonlySet<string>;
    heightOf: (instance: Instance) => number;
    podSecurity: PodSecurity | undefined;
  },
): AdditionalPodPlan {
  const changes: Change[] = [];
  const waits: Wait[] = [];
  const names = new Set<string>();
  const groups = new Map<string, { desired: Pod; member: RolloutMember }[]>();
  for (const instance of instances) {
    for (const pod of buildAdditionalPods(fullNode, instance, { height: input.heightOf(instance) })) {
      const desired = secured(stamped(fullNode, instance, pod, input.heightOf(instance)), input.podSecurity);
      names.add(desired.metadata.name);
      const group = desired.metadata.labels?.[LABEL_APP] ?? '';
      const live = observed.pods.get(desired.metadata.name);
      const member = planPod(
        desired,
        live && secured(live, input.podSecurity),
        input.replaced.has(instance.name),
        changes,
      );
      groups.set(group, [...(groups.get(group) ?? []), { desired, member }]);
    }
  }
  for (const group of groups.values()) {
    const maxUnavailable = maxUnavailableOf(fullNode.spec.strategy?.maxUnavailable, group.length);
    const decision = planRollout(
      group.map(({ member }) => member),
      { maxUnavailable },
    );
    if (decision.wait !== undefined) waits.push(decision.wait);
    for (const { name, why } of decision.restart) {
      const live = observed.pods.get(name);
      const desired = group.find((entry) => entry.member.name === name)?.desired;
      if (live !== undefined) changes.push(deletePod(live, why, true, desired));
    }
  }
  return { changes, waits, names };
}

function stamped(fullNode: CosmosFullNode, instance: Instance, pod: Pod, height: number): Pod {
  const { spec, metadata } = fullNode;
  const template = spec.additionalVersionedPods?.find(
    ({ name }) => pod.metadata.name === `${name}-${instance.ordinal}`,
  );
  const { metadata: _metadata, ...asked } = template ?? { name: pod.metadata.name };
  const parts = {
    pod: asked,
    version: effectiveVersion(fullNode, height),
    image: spec.instanceOverrides?.[pod.metadata.name]?.image,
    restartedAt: metadata.annotations?.[ANNOTATION_RESTARTED_AT],
  };
  const annotations = { ...pod.metadata.annotations, [ANNOTATION_ASKED]: formatParts(parts) };
  return withOwner(fullNode, { ...pod, metadata: { ...pod.metadata, annotations } });
}

function planPod(desired: Pod, live: Pod | undefined, withMain: boolean, changes: Change[]): RolloutMember {
  const { name } = desired.metadata;
  if (live === undefined) {
    changes.push({ verb: 'create', type: PODS, key: keyOf(desired), why: 'additional pod', object: desired });
    return { name, health: 'changing', settled: false };
  }
  if (live.metadata.deletionTimestamp !== undefined) return { name, health: 'changing', settled: false };
  if (live.status?.phase === 'Failed' || live.status?.phase === 'Succeeded') {
    changes.push(deletePod(live, 'the pod ended', false));
    return { name, health: 'changing', settled: false };
  }
  const restart = isForeign(live) ? foreignReason(live, desired) : askedReason(live, desired);
  if (restart === undefined) {
    if (isForeign(live)) changes.push(takeOver(live, desired));
    changes.push(...relabelPod(live, desired));
  }
  const ready = isPodReady(live);
  return { name, restart, health: withMain || !ready ? 'down' : 'healthy', settled: ready };
}

const ASKED_PARTS: Record<string, string> = {
  pod: 'its template in spec.additionalVersionedPods changed',
  version: 'the next of spec.chain.versions is due',
  image: 'its image in spec.instanceOverrides changed',
  restartedAt: 'a restart was asked for',
};

function askedReason(live: Pod, desired: Pod): string | undefined {
  const changed = changedAsked(live, desired);
  return changed.length === 0 ? undefined : changed.map((part) => ASKED_PARTS[part] ?? part).join(', ');
}

function foreignReason(live: Pod, desired: Pod): string | undefined {
  const found = foreignPodDifferences(live, desired);
  return found.length === 0 ? undefined : found.slice(0, 3).join(', ');
}

function takeOver(live: Pod, desired: Pod): Change {
  const annotations = { [ANNOTATION_ASKED]: desired.metadata.annotations?.[ANNOTATION_ASKED] };
  return {
    verb: 'patch',
    type: PODS,
    key: keyOf(live),
    why: 'it is as we would make it, and is taken over as it runs',
    patch: { metadata: { uid: live.metadata.uid, annotations } },
  };
}
