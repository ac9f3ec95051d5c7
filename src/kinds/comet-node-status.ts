/** A node of a CometBFT chain for people: what it says now, and where it was not asked, what the status of its resource says. */
import { NODE_CONTAINER, type NodeState, viewNode } from '../comet-node/node-view.ts';
import { currentAnswer, isFresh, type NodeAnswer, type Reading } from '../comet-node/reading.ts';
import type { Pod } from '../kube/objects.ts';
import { type Health, type NodeView, viewContainer } from './node-view.ts';

/** What the status of a resource says of one of its nodes. */
export type ToldNode = {
  state: string;
  height?: number | undefined;
  peers?: number | undefined;
  message?: string | undefined;
};

const HEALTH: Record<string, Health> = {
  InSync: 'good',
  CatchingUp: 'busy',
  Halted: 'busy',
  Starting: 'busy',
  Terminating: 'busy',
} satisfies Partial<Record<NodeState, Health>>;

export function viewCometNode<Answer extends NodeAnswer>(
  name: string,
  role: string,
  input: { pod: Pod | undefined; reading: Reading<Answer> | undefined; told: ToldNode | undefined; now: Date },
): NodeView {
  const { pod, told } = input;
  const now = input.now.getTime();
  const reading = input.reading !== undefined && isFresh(input.reading, now) ? input.reading : undefined;
  const seen = viewNode(pod, reading, now);
  const isKnown = pod?.metadata.deletionTimestamp !== undefined || seen.processDown || pod === undefined;
  const isAsked = isKnown || reading !== undefined;
  const answer = currentAnswer(reading);
  const height = answer?.status.latestHeight ?? (pod === undefined ? undefined : told?.height);
  const state = isAsked && !isHalted(told, seen.state, height) ? seen.state : (told?.state ?? seen.state);
  // What is wrong with its keys and settings only the plan knew; what changes from moment to moment the node knows better.
  const words =
    state === told?.state && reading === undefined ? told.message : seen.state === state ? seen.message : told?.message;
  return {
    name,
    role,
    state,
    health: HEALTH[state] ?? 'bad',
    inSync: state === 'InSync',
    height,
    peers: answer?.peers ?? (pod === undefined ? undefined : told?.peers),
    words: words ?? (state === told?.state ? told.message : undefined),
    ...viewContainer(pod, NODE_CONTAINER),
  };
}

/** A node that stands at the height of an upgrade may look in sync, and only the plan knows the height. */
function isHalted(told: ToldNode | undefined, state: NodeState, height: number | undefined): boolean {
  return told?.state === 'Halted' && state !== 'Missing' && state !== 'Terminating' && height === told.height;
}
