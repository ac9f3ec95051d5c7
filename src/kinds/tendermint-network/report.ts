/** What the operator's metrics say of a network. Pure. */
import { reportCometNode } from '../comet-node-report.ts';
import type { ResourceReport } from '../node-report.ts';
import type { Plan } from './plan.ts';

export function describeNetwork(plan: Plan): ResourceReport {
  if (plan.deleting) return {};
  return { nodes: plan.nodes.map((node) => reportCometNode(node.member.name, node, plan)) };
}
