/** What the operator's metrics say of a node, besides what only Symbol nodes have (watch/measurements.ts). Pure. */
import type { ResourceReport, Vitals } from '../node-report.ts';
import { CLIENT_CONTAINER } from './desired/containers.ts';
import type { Plan } from './plan.ts';
import type { NodeReading } from './rpc/reading.ts';
import type { SymbolNode } from './schema.ts';
import { firstEnd } from './watch/certificates.ts';
import { judgeHeight } from './watch/height.ts';

export function describeNode({ metadata }: SymbolNode, plan: Plan): ResourceReport {
  const { observed, pod, podPlan, reading, identity } = plan;
  const isConflict = observed.conflict !== undefined;
  if (metadata.deletionTimestamp !== undefined || isConflict || observed.settings.replicas === 0)
    return { managed: !isConflict };
  const { maxBlocksBehind } = observed.settings.monitor;
  const judgement = reading && judgeHeight(reading, maxBlocksBehind, reading.at);
  return {
    nodes: [
      {
        name: observed.names.node,
        pod,
        container: CLIENT_CONTAINER,
        inSync: judgement?.condition.status === 'True',
        updated: pod !== undefined && podPlan.restart === undefined && podPlan.waits.length === 0,
        updatePending: podPlan.updatePending !== undefined,
        certificateNotAfter: identity?.certificates && firstEnd(identity.certificates)[1],
        votingKeysNotAfter: lastVote(plan),
      },
    ],
  };
}

export function vitalsOf({ node, error, network }: NodeReading): Vitals {
  if (node === undefined || error !== undefined) return {};
  return {
    height: node.height,
    networkHeight: network.value?.height,
    peers: node.peers,
    version: node.node?.version,
  };
}

/** Epochs end by blocks: about when the last one that there is a key for will. */
function lastVote({ votingKeys, epoch, observed, reading }: Plan): Date | undefined {
  const { content } = observed.network;
  if (votingKeys.length === 0 || epoch === undefined || content === undefined || reading === undefined)
    return undefined;
  const { voting, blockSeconds } = content.settings;
  const epochs = Math.max(...votingKeys.map(({ endEpoch }) => endEpoch)) + 1 - epoch;
  return new Date(reading.at + epochs * voting.grouping * blockSeconds * 1000);
}
