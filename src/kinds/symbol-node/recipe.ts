/** The parts of a pass over a node, for the one path that all kinds go (../recipe.ts). */
import type { ResourceType } from '../../kube/resource-types.ts';
import { otherInstallation } from '../other-installation.ts';
import type { Recipe } from '../recipe.ts';
import { findUnusable } from './check.ts';
import { CLIENT_CONTAINER } from './desired/containers.ts';
import { reportEvents } from './events.ts';
import type { NetworkSource } from './network-source.ts';
import { type Observed, observe } from './observe.ts';
import { type Plan, planSymbolNode } from './plan.ts';
import { questionsFor } from './questions.ts';
import { askNode } from './rpc/ask.ts';
import type { CallOutside } from './rpc/outside.ts';
import { foldAnswer, type NodeAnswer, type NodeReading, significanceOf } from './rpc/reading.ts';
import { type SymbolNode, TUTORIAL_SYMBOL_NODES } from './schema.ts';
import { buildStatus, significantPart } from './status.ts';
import type { SymbolNodeStatus } from './status-schema.ts';

/** While something is under way, conditions that depend on time are looked at this often. */
const BUSY_MS = 4000;
/** Field manager of the tutorial's operator, which wrote with pykube. */
const PREDECESSORS = ['pykube-ng'];

export function symbolNodeRecipe(
  type: ResourceType,
  outside: { source: NetworkSource; call: CallOutside },
): Recipe<SymbolNode, Observed, Plan, SymbolNodeStatus, NodeReading, NodeAnswer> {
  return {
    name: type === TUTORIAL_SYMBOL_NODES ? 'symbol-node-tutorial' : 'symbol-node',
    type,
    predecessors: PREDECESSORS,
    failedPhase: 'Invalid',
    makeUsable(resource) {
      const unusable = findUnusable(resource);
      return unusable.length === 0 ? resource : unusable;
    },
    optionsOfItsOperator: ({ status }, options) => ({
      ...options,
      operatorNamespace: status?.operatorNamespace ?? options.operatorNamespace,
    }),
    createGuard:
      ({ options, now }) =>
      async ({ status }) =>
        otherInstallation(status?.operatorNamespace, status?.readAt, options.operatorNamespace, now()),
    observe: (resource, reader) => observe(resource, reader, outside.source),
    nodes(resource, observed) {
      const pod = observed.pods.get(observed.names.pod);
      if (pod?.status?.podIP === undefined || observed.conflict !== undefined) return [];
      const { maxBlocksBehind } = observed.settings.monitor;
      return [
        {
          pod,
          hasStarted: [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].some(
            ({ name, state }) => name === CLIENT_CONTAINER && state?.running !== undefined,
          ),
          ask: (podGet, signal, last) =>
            askNode(
              (port, path) => podGet(pod, port, path, signal),
              outside.call,
              questionsFor(resource, observed),
              last,
              signal,
            ),
          fold: (previous, answer, now) => foldAnswer(previous, answer, now, maxBlocksBehind),
        },
      ];
    },
    significanceOf,
    plan: planSymbolNode,
    buildStatus: (resource, { options, ...input }) =>
      buildStatus(resource, { ...input, operatorNamespace: options.operatorNamespace }),
    summarizeNodes: ({ observed, pod, reading, podPlan }) => [
      {
        name: observed.names.node,
        role: [...observed.settings.features].join(' '),
        state:
          pod === undefined
            ? 'Missing'
            : reading?.error === undefined && reading !== undefined
              ? 'Answering'
              : 'Starting',
        height: reading?.node?.height,
        peers: reading?.node?.peers,
        message: reading?.error ?? podPlan.restart,
      },
    ],
    significantPart,
    refreshedAt: (status) => status.readAt,
    reportEvents,
    lookAgainMs: (plan) => (isQuiet(plan) ? undefined : BUSY_MS),
  };
}

function isQuiet({ changes, waits, problems, observed }: Plan): boolean {
  return changes.length === 0 && waits.length === 0 && problems.length === 0 && !observed.network.isPending;
}
