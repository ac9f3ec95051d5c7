/** What the operator's metrics say of a network. Pure. */
import { NODE_CONTAINER } from '../../comet-node/node-view.ts';
import type { ResourceReport } from '../node-report.ts';
import type { Plan } from './plan.ts';

export function describeNetwork({ nodes, stale, pendingUpdates, deleting }: Plan): ResourceReport {
  if (deleting) return {};
  return {
    nodes: nodes.map(({ member: { name }, pod, state }) => ({
      name,
      pod,
      container: NODE_CONTAINER,
      inSync: state === 'InSync',
      updated: pod !== undefined && !stale.has(name),
      updatePending: pendingUpdates.has(name),
    })),
  };
}
