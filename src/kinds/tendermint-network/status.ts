/** The status of a network: pure, from the plan and what became of it. */

import { equalitySelector } from '../../kube/reader.ts';
import type { ConditionInput } from '../../reconcile/conditions.ts';
import { mergeConditions, toWireTime } from '../../reconcile/conditions.ts';
import { LABEL_ROLE } from '../../reconcile/labels.ts';
import type { Reason } from '../../reconcile/reasons.ts';
import { isHalted } from './chain-view.ts';
import type { NodeView } from './node.ts';
import { childLabels } from './observe.ts';
import type { Plan } from './plan.ts';
import { hasQuorum, quorumOf, spareValidators } from './quorum.ts';
import type { TendermintNetwork } from './schema.ts';
import type { NodeStatus, TendermintNetworkStatus } from './status-schema.ts';

export type StatusInput = {
  plan: Plan;
  /** Why the pass did not succeed; undefined when it did. */
  failure: string | undefined;
  now: Date;
  operatorNamespace: string;
};

export function buildStatus(
  network: TendermintNetwork,
  { plan, failure, now, operatorNamespace }: StatusInput,
): TendermintNetworkStatus {
  const validators = plan.nodes.filter((node) => node.member.role === 'validator');
  const fullNodes = plan.nodes.filter((node) => node.member.role === 'full');
  const conditions = mergeConditions(
    network.status?.conditions ?? [],
    [
      readyCondition(plan, failure),
      progressingCondition(plan),
      quorumCondition(plan, network.status?.height ?? 0),
      specCondition(plan),
      ...validatorSetCondition(plan),
      ...disruptionCondition(plan),
      ...updateCondition(plan),
      ...warningCondition(plan),
    ],
    network.metadata.generation ?? 0,
    now,
  );
  return {
    observedGeneration: network.metadata.generation ?? 0,
    phase: phaseOf(plan, failure, network.status?.height ?? 0),
    height: Math.max(plan.chain.height, network.status?.height ?? 0),
    heightTime: toWireTime(now),
    chainId: network.spec.chainId,
    operatorNamespace,
    ...genesisHashOf(network, plan),
    validators: countInSync(validators),
    nodesInSync: countInSync(plan.nodes),
    fullNodes: fullNodes.filter((node) => node.pod !== undefined).length,
    fullNodeSelector: equalitySelector({ ...childLabels(network), [LABEL_ROLE]: 'full' }),
    nodes: plan.nodes.map((node) => nodeStatus(node, plan)),
    conditions,
  };
}

/**
 * The part of a status whose change is written at once; heights, peers and the time of reading wait for the next refresh, so that a
 * healthy network costs one write a minute.
 */
export function significantPart(status: TendermintNetworkStatus | undefined): unknown {
  if (status === undefined) return undefined;
  const { height: _height, heightTime: _time, nodes, conditions, ...rest } = status;
  return {
    ...rest,
    started: (status.height ?? 0) > 0,
    nodes: nodes?.map(({ height: _nodeHeight, peers: _peers, message: _message, ...node }) => node),
    // Problems of the spec are told in full: a second one beside the first is news.
    conditions: conditions?.map(({ message, ...condition }) =>
      condition.type === 'SpecValid' ? { ...condition, message } : condition,
    ),
  };
}

/** The last one that was known, while the genesis cannot be read: a merge patch takes nothing away. */
function genesisHashOf(network: TendermintNetwork, plan: Plan): { genesisHash?: string } {
  const genesisHash = plan.genesis?.hash ?? network.status?.genesisHash;
  return genesisHash === undefined ? {} : { genesisHash };
}

function nodeStatus(node: NodeView, plan: Plan): NodeStatus {
  const identity = plan.identities.byName.get(node.member.name);
  const address = identity?.validator?.address;
  const answer = node.reading?.answer;
  const problem = plan.problems.find((candidate) => candidate.node === node.member.name)?.message;
  const pending = plan.pendingUpdates.get(node.member.name);
  const message = problem ?? node.message;
  return {
    name: node.member.name,
    role: node.member.role,
    ...(identity === undefined ? {} : { id: identity.nodeId }),
    ...(address === undefined ? {} : { address, power: Number(plan.chain.validators.get(address) ?? 0n) }),
    state: node.state,
    ...(answer === undefined || node.pod === undefined
      ? {}
      : { height: answer.status.latestHeight, peers: answer.peers }),
    inSync: node.state === 'InSync',
    ...(pending === undefined ? {} : { updatePending: pending }),
    ...(message === undefined ? {} : { message }),
  };
}

function phaseOf(plan: Plan, failure: string | undefined, lastHeight: number): string {
  if (plan.deleting) return 'Deleting';
  if (plan.paused) return 'Paused';
  const started = Math.max(plan.chain.height, lastHeight) > 0;
  if (started && isHalted(plan.chain)) return 'Halted';
  if (plan.problems.length > 0 && plan.nodes.every((node) => node.pod === undefined)) return 'Invalid';
  if (plan.waits.length > 0 || plan.changes.some((change) => change.verb === 'delete' && change.disrupts))
    return 'Updating';
  if (!started && plan.problems.length === 0) return 'Creating';
  if (failure !== undefined || plan.problems.length > 0 || plan.nodes.some((node) => node.state !== 'InSync'))
    return 'Degraded';
  return 'Running';
}

function readyCondition(plan: Plan, failure: string | undefined): ConditionInput {
  const not = (reason: Reason, message: string): ConditionInput => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
  });
  const [problem] = plan.problems;
  if (plan.deleting) return not('Deleting', plan.waits[0]?.why ?? 'the network is being deleted');
  if (problem !== undefined) return not(problem.reason, plan.problems.map(({ message }) => message).join('; '));
  if (failure !== undefined) return not('ReconcileFailed', failure);
  const missing = plan.nodes.filter((node) => node.state !== 'InSync');
  if (missing.length === 0) {
    return { type: 'Ready', status: 'True', reason: 'AllInSync', message: `${plan.nodes.length} nodes are in sync` };
  }
  const words = missing
    .slice(0, 5)
    .map((node) => `${node.member.name} is ${node.state}${node.message === undefined ? '' : ` (${node.message})`}`);
  const more = missing.length > 5 ? `; and ${missing.length - 5} more` : '';
  return not('NodesNotInSync', `${words.join('; ')}${more}`);
}

function progressingCondition(plan: Plan): ConditionInput {
  const condition = (status: 'True' | 'False', reason: Reason, message: string): ConditionInput => ({
    type: 'Progressing',
    status,
    reason,
    message,
  });
  if (plan.paused)
    return condition('False', 'Paused', 'the annotation nodewright.dev/paused is true: nothing is changed');
  const restarts = plan.changes.filter((change) => change.verb === 'delete' && change.disrupts);
  if (restarts.length > 0)
    return condition('True', 'Restarting', restarts.map((change) => `${change.key.name}: ${change.why}`).join('; '));
  const [wait] = plan.waits;
  if (wait !== undefined) {
    const passes = plan.nodes.some(
      (node) =>
        node.state === 'Starting' ||
        node.state === 'Terminating' ||
        node.state === 'CatchingUp' ||
        node.state === 'Missing',
    );
    const waits = plan.waits.map(({ what, why }) => `${what}: ${why}`);
    return condition(passes ? 'True' : 'False', 'Waiting', waits.join('; '));
  }
  if (plan.nodes.some((node) => node.state === 'Missing' || node.state === 'Starting')) {
    return condition('True', 'Creating', `${countInSync(plan.nodes)} nodes are in sync`);
  }
  return condition('False', 'UpToDate', 'nothing is to be done');
}

function quorumCondition(plan: Plan, lastHeight: number): ConditionInput {
  const { chain } = plan;
  const condition = (status: ConditionInput['status'], reason: Reason, message: string): ConditionInput => ({
    type: 'Quorum',
    status,
    reason,
    message,
  });
  const powers = `${chain.upPower} of ${chain.totalPower} voting power is up, and blocks need ${quorumOf(chain.totalPower)}`;
  if (Math.max(chain.height, lastHeight) === 0) return condition('Unknown', 'NoBlockYet', powers);
  if (isHalted(chain)) {
    return hasQuorum(chain.upPower, chain.totalPower)
      ? condition(
          'False',
          'HeightStalled',
          `no block since height ${chain.height}, although ${powers}; the nodes' logs say why`,
        )
      : condition('False', 'PowerMissing', `no block since height ${chain.height}: ${powers}`);
  }
  if (chain.pace === 'advancing') {
    const known =
      chain.upPower === chain.totalPower
        ? 'all of it is up'
        : `${chain.upPower} of ${chain.totalPower} is known to be up`;
    return condition(
      'True',
      'BlocksAdvance',
      `blocks are made; of the voting power ${known}, and blocks need ${quorumOf(chain.totalPower)}`,
    );
  }
  return condition('Unknown', 'NoAnswer', `no node has shown a new block yet; ${powers}`);
}

function specCondition(plan: Plan): ConditionInput {
  const [problem] = plan.problems;
  return problem === undefined
    ? { type: 'SpecValid', status: 'True', reason: 'Valid', message: 'everything in the spec can be done' }
    : {
        type: 'SpecValid',
        status: 'False',
        reason: problem.reason,
        message: plan.problems.map(({ message }) => message).join('; '),
      };
}

function validatorSetCondition(plan: Plan): ConditionInput[] {
  const { reason, message } = plan.validatorSet;
  if (reason === undefined || message === undefined) return [];
  return [{ type: 'ValidatorSetCurrent', status: 'False', reason, message }];
}

/** A word where the PodDisruptionBudget lets no validator go, so that whoever drains a machine knows why it hangs. */
function disruptionCondition(plan: Plan): ConditionInput[] {
  const { own, others, lost } = plan.evictions;
  if (own.length === 0 || spareValidators(own, others, lost) > 0) return [];
  return [
    {
      type: 'DrainsBlocked',
      status: 'True',
      reason: 'NoValidatorToSpare',
      message: `the PodDisruptionBudget allows no eviction: without the heaviest of ${own.length} validators the others would not have more than two thirds of the power. To drain a machine, delete its validator's pod by hand; the chain halts until it is back`,
    },
  ];
}

function updateCondition(plan: Plan): ConditionInput[] {
  const [first] = plan.pendingUpdates;
  if (first === undefined) return [];
  return [
    {
      type: 'UpdatePending',
      status: 'True',
      reason: 'WaitsForRestart',
      message: `the next restart of ${[...plan.pendingUpdates.keys()].join(', ')} brings ${first[1]}; nothing is restarted for it. To do it now, set the annotation nodewright.dev/restartedAt to the current time`,
    },
  ];
}

function warningCondition({ warnings }: Plan): ConditionInput[] {
  if (warnings.length === 0) return [];
  return [{ type: 'SettingsUnknown', status: 'True', reason: 'NotKnownToCometBFT', message: warnings.join('; ') }];
}

function countInSync(nodes: readonly NodeView[]): string {
  return `${nodes.filter((node) => node.state === 'InSync').length}/${nodes.length}`;
}
