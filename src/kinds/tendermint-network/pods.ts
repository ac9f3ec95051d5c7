/** The pods of a network: which to create, which to restart now, and what waits for what. */
import { currentAnswer } from '../../comet-node/reading.ts';
import { keyOf, type Pod } from '../../kube/objects.ts';
import { PODS } from '../../kube/resource-types.ts';
import type { Change, Wait } from '../../reconcile/change.ts';
import { deletePod, relabelPod } from '../../reconcile/pod-changes.ts';
import { changedAsked } from '../../reconcile/pod-stamps.ts';
import { planRollout, type RolloutMember } from '../../reconcile/rollout.ts';
import { type ChainView, powerWithout } from './chain-view.ts';
import { describePendingUpdate } from './desired/pod.ts';
import { whyHung } from './hung.ts';
import type { NodeView } from './node.ts';
import type { Observed } from './observe.ts';
import { hasQuorum, quorumOf } from './quorum.ts';
import { ANNOTATION_VALIDATOR, type Reservation } from './reservation.ts';
import { isLossAccepted } from './run-record.ts';
import type { TendermintNetwork } from './schema.ts';

export type PodInputs = {
  network: TendermintNetwork;
  observed: Observed;
  nodes: readonly NodeView[];
  chain: ChainView;
  /** Addresses of our validators, by name of the node. */
  addresses: ReadonlyMap<string, string>;
  reservations: ReadonlyMap<string, Reservation>;
  /** Desired pods by name of the node; a node that cannot run has none. */
  pods: ReadonlyMap<string, Pod>;
  /** Why no node may be restarted now; absent when they may. */
  holdRestarts: string | undefined;
  /** Milliseconds since 1970. */
  now: number;
};

export type PodPlan = {
  changes: Change[];
  waits: Wait[];
  /** By name of the node: what its next restart will bring. */
  pendingUpdates: Map<string, string>;
  /** Names of nodes that do not run what was asked for. */
  stale: ReadonlySet<string>;
};

export function planPods(inputs: PodInputs): PodPlan {
  const changes: Change[] = [];
  const waits: Wait[] = [];
  const pendingUpdates = new Map<string, string>();
  const stale = new Set<string>();
  const restarts: RolloutMember[] = [];
  for (const node of inputs.nodes) {
    const desired = inputs.pods.get(node.member.name);
    const { pod } = node;
    if (pod === undefined) {
      if (desired !== undefined) changes.push(...createPod(inputs, node, desired, waits));
      restarts.push({ name: node.member.name, health: 'changing', settled: false });
      continue;
    }
    if (pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded') {
      if (node.state !== 'Terminating') changes.push(deletePod(pod, node.message ?? 'the pod ended', false));
      restarts.push({ name: node.member.name, health: 'changing', settled: false });
      continue;
    }
    const asked = desired && reasonToRestart(node, pod, desired);
    if (asked) stale.add(node.member.name);
    const hung = desired && whyHung(inputs.network, node, inputs.now);
    const wanted = asked ?? hung;
    const obstacle = wanted && whyNotComeBack(inputs, node);
    if (obstacle) waits.push({ what: `restart of ${node.member.name}`, why: obstacle });
    const restart = obstacle ? undefined : wanted;
    const pending = desired && restart === undefined && describePendingUpdate(pod, desired);
    if (pending) pendingUpdates.set(node.member.name, pending);
    if (desired !== undefined && node.state !== 'Terminating') changes.push(...relabelPod(pod, desired));
    restarts.push({
      name: node.member.name,
      restart,
      ...(hung === undefined
        ? { health: healthOf(node), settled: isSettled(node, inputs.chain) }
        : { health: 'down', down: 'it does nothing any more', settled: false }),
    });
  }
  const byRole = [...restarts].sort((a, b) => roleOrder(inputs, a.name) - roleOrder(inputs, b.name));
  const decision = planRollout(byRole, { mayStop: (member) => whyNotStop(inputs, member) });
  if (inputs.holdRestarts !== undefined) {
    if (restarts.some((member) => member.restart !== undefined))
      waits.push({ what: 'restarts', why: inputs.holdRestarts });
    return { changes, waits, pendingUpdates, stale };
  }
  if (decision.wait !== undefined) waits.push(decision.wait);
  for (const { name, why } of decision.restart) {
    const pod = inputs.nodes.find((node) => node.member.name === name)?.pod;
    if (pod !== undefined) changes.push(deletePod(pod, why, true, inputs.pods.get(name)));
  }
  return { changes, waits, pendingUpdates, stale };
}

/** What would keep a node from starting again: then it had better go on running. */
function whyNotComeBack({ observed, reservations }: PodInputs, { member }: NodeView): string | undefined {
  // A full node begins anew on an empty volume.
  if (member.role === 'full') return undefined;
  const problem = reservations.get(member.name)?.problem;
  if (problem !== undefined) return problem.message;
  const claim = observed.claims.get(member.objectName);
  if (claim === undefined) return `claim ${member.objectName} does not exist`;
  return claim.metadata.deletionTimestamp === undefined
    ? undefined
    : `claim ${member.objectName} is being deleted, and goes for good with the sign state on it when the pod stops; if that is meant, delete pod ${member.objectName} by hand`;
}

/** Full nodes first: a bad image or setting then costs no vote. */
function roleOrder(inputs: PodInputs, name: string): number {
  return inputs.nodes.find((node) => node.member.name === name)?.member.role === 'full' ? 0 : 1;
}

function createPod(inputs: PodInputs, node: NodeView, desired: Pod, waits: Wait[]): Change[] {
  const { observed, reservations } = inputs;
  const { name, objectName, role } = node.member;
  const reservation = reservations.get(name);
  if (role === 'validator' && reservation?.problem !== undefined) return [];
  const claim = observed.claims.get(objectName);
  if (claim?.metadata.deletionTimestamp !== undefined) {
    waits.push({ what: `pod of ${name}`, why: `claim ${objectName} is being deleted` });
    return [];
  }
  // A validator's pod comes only after its claim exists and is tied to its key (reservation.ts).
  if (role === 'validator' && !reservation?.podAllowed) return [];
  // Invalid settings leave the last good config.toml in place; without any the pod could only hang.
  if (inputs.holdRestarts !== undefined && !observed.configMaps.has(objectName)) return [];
  const address = claim?.metadata.annotations?.[ANNOTATION_VALIDATOR];
  const why = address === undefined ? `node ${name}` : `node ${name}, validator ${address}`;
  return [{ verb: 'create', type: PODS, key: keyOf(desired), why, object: desired }];
}

/** Only a difference in what the user asked for restarts a pod; the sentence names it. */
function reasonToRestart(node: NodeView, live: Pod, desired: Pod): string | undefined {
  const changed = changedAsked(live, desired);
  if (changed.length === 0)
    return node.processDown && isLossAccepted(live, desired)
      ? 'its lost sign state is given up, as spec.acceptSignStateLoss says'
      : undefined;
  const images = [...imagesOf(desired)].flatMap(([name, image]) => {
    const old = imagesOf(live).get(name);
    return old === undefined || old === image ? [] : [`image of ${name} ${old} → ${image}`];
  });
  const parts = changed
    .filter((part) => images.length === 0 || (part !== 'image' && part !== 'app'))
    .map((part) => ASKED_PARTS[part] ?? part);
  return [...images, ...parts].join(', ');
}

/** How a person calls what they changed. */
const ASKED_PARTS: Record<string, string> = {
  image: 'spec.image changed',
  imagePullPolicy: 'spec.imagePullPolicy changed',
  app: 'spec.app changed',
  config: 'spec.config changed',
  ownConfig: "the node's own config changed",
  seeds: 'spec.seeds changed',
  peers: 'spec.peers changed',
  resources: 'spec.resources changed',
  scheduling: 'spec.scheduling changed',
  securityContext: 'spec.securityContext changed',
  keySecret: 'another key Secret',
  restartedAt: 'a restart was asked for',
};

/** The images that the user chose, by container. */
function imagesOf(pod: Pod): Map<string, string | undefined> {
  const containers = (pod.spec?.containers ?? []).filter(({ name }) => name !== 'healthcheck');
  return new Map(containers.map(({ name, image }) => [name, image]));
}

function healthOf(node: NodeView): RolloutMember['health'] {
  if (node.state === 'InSync') return 'healthy';
  if (node.state === 'Terminating' || node.state === 'Missing') return 'changing';
  return node.processDown ? 'down' : 'unproven';
}

/** On a chain that stands still nobody can be in sync: there it is enough to answer. */
function isSettled(node: NodeView, chain: ChainView): boolean {
  if (node.state === 'InSync') return true;
  return currentAnswer(node.reading) !== undefined && node.state !== 'Terminating' && chain.provenHalted;
}

function whyNotStop(inputs: PodInputs, member: RolloutMember): string | undefined {
  const { chain, network } = inputs;
  const node = inputs.nodes.find((candidate) => candidate.member.name === member.name);
  if (node?.member.role !== 'validator' || network.spec.strategy?.allowHalt === true) return undefined;
  if (member.health !== 'healthy' && chain.provenHalted) return undefined;
  const address = inputs.addresses.get(member.name) ?? '';
  // Before the chain has told its set, only the genesis is known, which later validators are not in.
  if (chain.live && address !== '' && !chain.validators.has(address)) return undefined;
  const left = powerWithout(chain, address);
  if (hasQuorum(left, chain.totalPower)) return undefined;
  return `without ${member.name} ${left} of ${chain.totalPower} voting power would be proven to vote, and blocks need ${quorumOf(chain.totalPower)}. The chain would halt; set spec.strategy.allowHalt to true to accept that for the time of the restart`;
}
