/** The pods of a CosmosFullNode: which to create, which to restart now, and what waits for what (spec cosmos §3.4, without its faults). */
import { hasStarted, type NodeState } from '../../comet-node/node-view.ts';
import { currentAnswer } from '../../comet-node/reading.ts';
import { keyOf, type Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { ANNOTATION_ASKED, ANNOTATION_RENDERED } from '../../reconcile/labels.ts';
import { deletePod, relabelPod } from '../../reconcile/pod-changes.ts';
import { changedAsked, describeRendered } from '../../reconcile/pod-stamps.ts';
import { planRollout, type RolloutMember } from '../../reconcile/rollout.ts';
import { maxUnavailableOf } from '../../reconcile/rollout-budget.ts';
import { ASKED_PARTS, FIRST_START_PARTS } from './asked.ts';
import { HELPER_CONTAINERS } from './desired/helper-containers.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import type { CosmosFullNode } from './schema.ts';
import { isForeign } from './taken-over.ts';
import { isStoppingForUpgrade } from './upgrade-halt.ts';
import { effectiveVersion } from './versions.ts';

export type PodInputs = {
  fullNode: CosmosFullNode;
  observed: Observed;
  /** Of the instances whose pod is wanted. */
  nodes: readonly NodeView[];
  /** Instances whose pod is away for a snapshot: they count as out of service. */
  away: readonly string[];
  /** Desired pods by name. */
  desired: ReadonlyMap<string, Pod>;
  /** In what pods of another operator differ from ours; by name of the pod. */
  foreign: ReadonlyMap<string, string[]>;
  /** Why no node may be restarted now; absent when they may. */
  holdRestarts: string | undefined;
  /** By name of the instance: why its pod is neither made nor stopped now. */
  holds: ReadonlyMap<string, string>;
  /** By name of the pod: what a restart is to mend. */
  repairs: ReadonlyMap<string, string>;
};

export type PodPlan = {
  changes: Change[];
  waits: Wait[];
  /** By name of the pod: what its next restart will bring. */
  pendingUpdates: Map<string, string>;
  /** Names of pods that do not run what was asked for. */
  stale: Set<string>;
};

export function planPods(inputs: PodInputs): PodPlan {
  const { fullNode, nodes, desired, observed } = inputs;
  const plan: PodPlan = { changes: [], waits: [], pendingUpdates: new Map(), stale: new Set() };
  const anyInSync = nodes.some((node) => node.state === 'InSync' || mayBeInSync(node));
  const members = nodes.map((node) => planPod(inputs, node, anyInSync, plan));
  const away = inputs.away.map((name) => ({ name, health: 'changing' as const, settled: false }));
  const maxUnavailable = maxUnavailableOf(fullNode.spec.strategy?.maxUnavailable, members.length + away.length);
  const decision = planRollout([...members, ...away], { maxUnavailable });
  const isStale = members.some(({ restart }) => restart !== undefined);
  if (inputs.holdRestarts !== undefined) {
    if (isStale) plan.waits.push({ what: 'restarts', why: inputs.holdRestarts });
    return plan;
  }
  if (decision.wait !== undefined) plan.waits.push(decision.wait);
  for (const { name, why } of decision.restart) {
    const pod = observed.pods.get(name);
    if (pod !== undefined) plan.changes.push(deletePod(pod, why, true, desired.get(name)));
  }
  return plan;
}

function planPod(inputs: PodInputs, node: NodeView, anyInSync: boolean, plan: PodPlan): RolloutMember {
  const { name } = node.instance;
  const desired = inputs.desired.get(name);
  const { pod } = node;
  const held = inputs.holds.get(name);
  if (held !== undefined) {
    plan.waits.push({ what: `pod of ${name}`, why: held });
    return { name, health: 'changing', settled: false };
  }
  if (pod === undefined) {
    if (desired !== undefined) plan.changes.push(...createPod(inputs, node, desired, plan));
    return { name, health: 'changing', settled: false };
  }
  if (node.state === 'Terminating') return { name, health: 'changing', settled: false };
  if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') {
    plan.changes.push(deletePod(pod, node.message ?? 'the pod ended', false));
    return { name, health: 'changing', settled: false };
  }
  // It stays until its machine has confirmed that it is gone.
  if (pod.status?.phase === 'Unknown') {
    plan.changes.push(deletePod(pod, 'its machine has not reported on it for too long', false));
    return { name, health: 'changing', settled: false };
  }
  if (desired === undefined) return { name, health: healthOf(node), settled: isSettled(node, anyInSync) };
  const asked = reasonToRestart(inputs, node, pod, desired);
  if (asked !== undefined) plan.stale.add(name);
  const wanted = asked ?? inputs.repairs.get(name);
  const stopping = asked !== undefined && isStoppingForUpgrade(inputs.fullNode, node, desired);
  if (stopping) plan.waits.push({ what: `restart of ${name}`, why: 'it has not stopped at its upgrade height yet' });
  const restart = stopping ? undefined : wanted;
  if (asked === undefined) {
    plan.changes.push(...adoptPod(inputs, pod, desired));
    const pending = describeRendered(pod, desired, RENDERED_PARTS) ?? describeFirstStart(pod, desired);
    if (pending !== undefined) plan.pendingUpdates.set(name, pending);
  }
  plan.changes.push(...relabelPod(pod, desired));
  // It stands still at the height of its upgrade: stopping it costs nothing.
  const halted = restart !== undefined && node.state === 'Halted';
  return {
    name,
    restart,
    health: halted ? 'down' : healthOf(node),
    ...(halted ? { down: 'it has halted' } : {}),
    settled: isSettled(node, anyInSync) && !halted,
  };
}

const RENDERED_PARTS: Record<string, string> = {
  pod: 'the pod as this version of Nodewright makes it',
  config: 'settings in config.toml or app.toml',
  peers: 'the list of peers',
};

function createPod({ observed, holdRestarts }: PodInputs, node: NodeView, desired: Pod, plan: PodPlan): Change[] {
  const { name, claimName } = node.instance;
  if (observed.claims.get(claimName)?.metadata.deletionTimestamp !== undefined) {
    plan.waits.push({ what: `pod of ${name}`, why: `claim ${claimName} is being deleted` });
    return [];
  }
  // Invalid settings leave the last good ConfigMap in place; without any the pod could only hang.
  if (holdRestarts !== undefined && !observed.configMaps.has(name)) return [];
  return [{ verb: 'create', type: PODS, key: keyOf(desired), why: `instance ${name}`, object: desired }];
}

/** Only a difference in what the user asked for restarts a pod; the sentence names it. */
function reasonToRestart(inputs: PodInputs, node: NodeView, live: Pod, desired: Pod): string | undefined {
  if (isForeign(live)) {
    const found = inputs.foreign.get(live.metadata.name) ?? [];
    if (found.length === 0) return undefined;
    const images = changedImages(live, desired);
    return (images.length > 0 ? images : found).slice(0, 3).join(', ');
  }
  const changed = changedAsked(live, desired).filter((part) => !FIRST_START_PARTS.has(part) || !hasStarted(live));
  if (changed.length === 0) return undefined;
  const images = changedImages(live, desired);
  const parts = changed
    .filter((part) => images.length === 0 || (part !== 'image' && part !== 'version'))
    .map((part) => ASKED_PARTS[part] ?? part);
  const due = effectiveVersion(inputs.fullNode, node.height);
  const isUpgrade = due !== undefined && images.some((image) => image.endsWith(` → ${due.image}`));
  const height = isUpgrade && node.height > 0 ? [`at height ${node.height}`] : [];
  return [...images, ...height, ...parts].join(', ');
}

function describeFirstStart(live: Pod, desired: Pod): string | undefined {
  const changed = isForeign(live) ? [] : changedAsked(live, desired);
  return changed.some((part) => FIRST_START_PARTS.has(part)) ? ASKED_PARTS.sources : undefined;
}

/** Images that the user chose, of containers that both pods have. The chain's own init step goes with the node. */
function changedImages(live: Pod, desired: Pod): string[] {
  const [before, after] = [live, desired].map(({ spec }) => {
    const chosen = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].filter(
      ({ name }) => !HELPER_CONTAINERS.has(name) && name !== 'chain-init',
    );
    return new Map(chosen.map(({ name, image }) => [name, image]));
  }) as [Map<string, string | undefined>, Map<string, string | undefined>];
  return [...after].flatMap(([name, image]) => {
    const old = before.get(name);
    return old === undefined || old === image ? [] : [`image of ${name} ${old} → ${image}`];
  });
}

/** A pod of another operator that means the same gets our stamps: from now on we know what it was made from. */
function adoptPod({ foreign, holdRestarts }: PodInputs, live: Pod, desired: Pod): Change[] {
  // With settings that cannot be read nobody knows whether the pod has them.
  if (!isForeign(live) || foreign.get(live.metadata.name) === undefined || holdRestarts !== undefined) return [];
  const { [ANNOTATION_ASKED]: asked, [ANNOTATION_RENDERED]: rendered = '' } = desired.metadata.annotations ?? {};
  return [
    {
      verb: 'patch',
      type: PODS,
      key: keyOf(live),
      why: 'it is as we would make it, and is taken over as it runs',
      patch: {
        metadata: {
          uid: live.metadata.uid,
          // The settings are the same; the next restart brings our helper containers.
          annotations: {
            [ANNOTATION_ASKED]: asked,
            [ANNOTATION_RENDERED]: rendered.replace(/\bpod=\S+/, 'pod=taken-over'),
          },
        },
      },
    },
  ];
}

const CHANGING: ReadonlySet<NodeState> = new Set<NodeState>(['Terminating', 'Missing']);

function healthOf(node: NodeView): RolloutMember['health'] {
  if (node.state === 'InSync') return 'healthy';
  if (CHANGING.has(node.state)) return 'changing';
  return node.processDown ? 'down' : 'unproven';
}

/** It says so, and was first asked too lately to have shown a block: an operator that has just started knows no better. */
function mayBeInSync({ state, reading }: NodeView): boolean {
  if (state !== 'Starting' || reading === undefined) return false;
  return currentAnswer(reading)?.status.catchingUp === false && reading.at - reading.since < FIRST_BLOCK_MS;
}

/** Longer than blocks take on any chain. */
const FIRST_BLOCK_MS = 20_000;

/** Where nobody is in sync, such as on a new chain or one that stands still, it is enough to answer. */
function isSettled(node: NodeView, anyInSync: boolean): boolean {
  if (node.state === 'InSync') return true;
  return !anyInSync && currentAnswer(node.reading) !== undefined;
}
