/** The parts of a pass over a network, for the one path that all kinds go (../recipe.ts). */
import { hasRunForLong, hasStarted } from '../../comet-node/node-view.ts';
import { foldReading, significanceOf } from '../../comet-node/reading.ts';
import { cometVitals } from '../comet-node-report.ts';
import { otherInstallation } from '../other-installation.ts';
import type { Recipe } from '../recipe.ts';
import { findUnusable } from './check.ts';
import { hasDepartures } from './departures.ts';
import { stallTimeOf } from './desired/config.ts';
import { reportEvents } from './events.ts';
import type { Answer, Reading } from './node.ts';
import { type Observed, observe } from './observe.ts';
import { type Plan, planNetwork } from './plan.ts';
import { describeNetwork } from './report.ts';
import { askNode, RPC_PORT, type RpcGet } from './rpc.ts';
import { TENDERMINT_NETWORKS, type TendermintNetwork } from './schema.ts';
import { buildStatus, significantPart } from './status.ts';
import type { TendermintNetworkStatus } from './status-schema.ts';
import { askRising, sendValidatorUpdate } from './validator-update.ts';
import { viewNetwork } from './view.ts';

/** While something is under way, conditions that depend on time are looked at this often. */
const BUSY_MS = 4000;

export const networkRecipe: Recipe<TendermintNetwork, Observed, Plan, TendermintNetworkStatus, Reading, Answer> = {
  name: 'tendermint-network',
  type: TENDERMINT_NETWORKS,
  failedPhase: 'Invalid',
  makeUsable(network) {
    const unusable = findUnusable(network);
    if (unusable.length === 0) return network;
    return network.metadata.deletionTimestamp === undefined ? unusable : withoutNodes(network);
  },
  optionsOfItsOperator: ({ status }, options) => ({
    ...options,
    operatorNamespace: status?.operatorNamespace ?? options.operatorNamespace,
  }),
  createGuard:
    ({ options, now }) =>
    async (network) =>
      otherInstallation(
        network.status?.operatorNamespace,
        network.status?.heightTime,
        options.operatorNamespace,
        now(),
      ),
  observe: (network, reader, { operatorNamespace }) => observe(network, reader, operatorNamespace),
  nodes(network, observed) {
    const stallAfterMs = stallTimeOf(network);
    const isShrinking = hasDepartures(network, observed);
    return [...observed.pods.values()]
      .filter((pod) => pod.status?.podIP !== undefined && pod.metadata.labels?.['nodewright.dev/node'] !== undefined)
      .map((pod) => ({
        pod,
        hasStarted: hasStarted(pod),
        ask: async (podGet, signal) => {
          const get: RpcGet = (path, abort) => podGet(pod, RPC_PORT, path, abort);
          const rising = isShrinking ? await askRising(get, signal) : undefined;
          return { ...(await askNode(get, signal)), rising };
        },
        fold: (previous, answer, at) =>
          foldReading(previous, answer, at, { stallAfterMs, trustBlockTime: hasRunForLong(pod, at) }),
      }));
  },
  significanceOf: (reading) =>
    significanceOf(reading, ({ status, validators, rising }) => [
      status.nodeId,
      rising,
      validators?.map((validator) => `${validator.address}=${validator.power}`),
    ]),
  plan: planNetwork,
  buildStatus: (network, { options, ...input }) =>
    buildStatus(network, { ...input, operatorNamespace: options.operatorNamespace }),
  view: viewNetwork,
  significantPart,
  refreshedAt: (status) => status.heightTime,
  describe: (_network, plan) => describeNetwork(plan),
  vitalsOf: cometVitals,
  reportEvents,
  lookAgainMs: (plan) => (isQuiet(plan) ? undefined : BUSY_MS),
  broadcast: (pod, transaction, podGet, signal) =>
    sendValidatorUpdate((path, abort) => podGet(pod, RPC_PORT, path, abort), transaction, signal),
};

/** Enough of a network to take it down, when its spec is of no use. */
function withoutNodes(network: TendermintNetwork): TendermintNetwork {
  const { deletionPolicy = 'Retain' } = network.spec ?? {};
  const validators = { replicas: 0 };
  return { ...network, spec: { chainId: '', image: '', validators, deletionPolicy } };
}

function isQuiet(plan: Plan): boolean {
  return plan.changes.length === 0 && plan.waits.length === 0 && plan.nodes.every((node) => node.state === 'InSync');
}
