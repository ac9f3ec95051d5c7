/** The parts of a pass over a node, for the one path that all kinds go (../recipe.ts). */
import type { SymbolNetwork } from '../../formats/symbol-network-package.ts';
import { loadSymbolTransactions, type SymbolTransactions } from '../../formats/symbol-transactions.ts';
import { uidOf } from '../../kube/objects.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import { otherInstallation } from '../other-installation.ts';
import type { Recipe } from '../recipe.ts';
import { tellAlerts } from './alerting.ts';
import { findUnusable } from './check.ts';
import { confirmView } from './confirm.ts';
import { CLIENT_CONTAINER } from './desired/containers.ts';
import { reportEvents } from './events.ts';
import { mayMakeTransaction } from './link-plan.ts';
import { announce } from './links/make.ts';
import type { NetworkSource } from './network-source.ts';
import { type Observed, observe } from './observe.ts';
import { guardAgainstTutorial } from './original-operator.ts';
import { type Plan, planSymbolNode } from './plan.ts';
import { questionsFor } from './questions.ts';
import { describeNode, vitalsOf } from './report.ts';
import { askNode } from './rpc/ask.ts';
import type { CallOutside } from './rpc/outside.ts';
import { foldAnswer, type NodeAnswer, type NodeReading, significanceOf } from './rpc/reading.ts';
import { type SymbolNode, TUTORIAL_SYMBOL_NODES } from './schema.ts';
import { buildStatus, significantPart } from './status.ts';
import type { SymbolNodeStatus } from './status-schema.ts';
import { viewSymbolNode } from './view.ts';
import type { AlertSender } from './watch/alert-sender.ts';
import { measureNode } from './watch/measurements.ts';

/** While something is under way, conditions that depend on time are looked at this often. */
const BUSY_MS = 4000;
/** Field manager of the tutorial's operator, which wrote with pykube. */
const PREDECESSORS = ['pykube-ng'];

/** How the world outside of the cluster is reached. */
export type Outside = { source: NetworkSource; call: CallOutside; alerts: AlertSender };

export function symbolNodeRecipe(
  type: ResourceType,
  outside: Outside,
): Recipe<SymbolNode, Observed, Plan, SymbolNodeStatus, NodeReading, NodeAnswer> {
  const loadTransactions = rememberTransactions();
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
    createGuard(context) {
      const { options, now } = context;
      const findOriginal = type === TUTORIAL_SYMBOL_NODES ? guardAgainstTutorial(context) : async () => undefined;
      return async ({ status }) =>
        otherInstallation(status?.operatorNamespace, status?.readAt, options.operatorNamespace, now()) ??
        (await findOriginal());
    },
    async observe(resource, reader, _options, live) {
      const observed = await observe(resource, reader, outside.source);
      const { content } = observed.network;
      const transactions =
        content === undefined || !mayMakeTransaction(resource) ? undefined : await loadTransactions(content.settings);
      return {
        ...observed,
        transactions,
        deliveries: outside.alerts.deliveries({ uid: uidOf(resource) }),
        isConfirmed: await confirmView(resource, observed, live),
      };
    },
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
    view: viewSymbolNode,
    significantPart,
    refreshedAt: (status) => status.readAt,
    reportEvents(events, resource, plan, outcome, status) {
      reportEvents(events, resource, plan, outcome, status);
      tellAlerts(outside.alerts, resource, plan.observed, status);
    },
    describe: describeNode,
    vitalsOf,
    measure: ({ metadata, status }, { reading, votingKeys, epoch }) =>
      measureNode(metadata, {
        reading,
        voting:
          votingKeys.length === 0
            ? undefined
            : { epoch, lastEpoch: Math.max(...votingKeys.map(({ endEpoch }) => endEpoch)) },
        alerts: status?.alerts ?? [],
      }),
    broadcast: (_pod, announcement, _podGet, signal) => announce(outside.call, announcement, signal),
    lookAgainMs: (plan) => (isQuiet(plan) ? undefined : BUSY_MS),
  };
}

/** For each network what makes its transactions, loaded when first needed. */
function rememberTransactions(): (network: SymbolNetwork) => Promise<SymbolTransactions> {
  const loaded = new Map<string, Promise<SymbolTransactions>>();
  return (network) => {
    const key = Buffer.from(network.generationHashSeed).toString('hex');
    const known = loaded.get(key) ?? loadSymbolTransactions(network);
    loaded.set(key, known);
    return known;
  };
}

function isQuiet({ changes, waits, problems, observed }: Plan): boolean {
  return changes.length === 0 && waits.length === 0 && problems.length === 0 && !observed.network.isPending;
}
