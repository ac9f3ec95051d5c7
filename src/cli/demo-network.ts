/** The demo's network: applied, and watched until its blocks flow. */
import { join } from 'node:path';
import type { ResourceView } from '../kinds/node-view.ts';
import type { KubeObject } from '../kube/objects.ts';
import { plain } from './colour.ts';
import { DEMO_LABELS, DEMO_NAMESPACE, type Place } from './demo-place.ts';
import type { Screen } from './demo-screen.ts';
import { type Sight, type Waiting, waitUntil } from './demo-wait.ts';
import { type KnownResource, readResources } from './resource-files.ts';
import { readViews } from './status.ts';
import { formatDetail } from './status-detail.ts';
import { DEFAULT_OPERATOR_NAMESPACE } from './version.ts';

const EXAMPLE = 'examples/tendermint-network.yaml';
/** Without a height to reach, the demo watches this many blocks. */
const BLOCKS_TO_SEE = 5;
/** Until the first block, the pause is part of what is measured. */
const FIRST_BLOCK_PAUSE_MS = 300;

export type Network = {
  name: string;
  /** When it was applied, milliseconds since 1970; undefined when it was there already. */
  appliedAt: number | undefined;
};

/** The network that the demo runs, and its image. */
export async function readExample(root: string): Promise<KnownResource & { image: string }> {
  const [resource] = await readResources(join(root, EXAMPLE));
  const image = (resource?.object as { spec?: { image?: string } } | undefined)?.spec?.image;
  if (resource === undefined || image === undefined) throw new Error(`${EXAMPLE} holds no network`);
  return { ...resource, image };
}

export async function applyNetwork({ connection: { kube } }: Place, { kind, object }: KnownResource): Promise<Network> {
  const { name } = object.metadata;
  const before = await kube.get<KubeObject>(kind.type, { namespace: DEMO_NAMESPACE, name });
  const metadata = {
    ...object.metadata,
    namespace: DEMO_NAMESPACE,
    labels: { ...object.metadata.labels, ...DEMO_LABELS },
  };
  const appliedAt = Date.now();
  await kube.apply(kind.type, { ...object, metadata }, { fieldManager: 'nodewright-demo' });
  return { name, appliedAt: before === undefined ? appliedAt : undefined };
}

/**
 * Shows the network until every node is at the height, or, without one, until a few blocks were made. Returns the height that was reached
 * by all.
 */
export async function watchNetwork(
  place: Place,
  { name, appliedAt }: Network,
  height: number | undefined,
  waiting: Waiting,
): Promise<number> {
  const memory = new Map<string, unknown>();
  const look = async () => {
    const [view] = await readViews(place.connection, {
      ...{ namespace: DEMO_NAMESPACE, operatorNamespace: DEFAULT_OPERATOR_NAMESPACE, settings: {}, memory },
      targets: [{ name, text: name }],
    });
    if (view === undefined) throw new Error(`TendermintNetwork ${DEMO_NAMESPACE}/${name} was deleted meanwhile`);
    return view;
  };
  const first = await waitUntil(
    async () => {
      const view = await look();
      return heightOf(view) > 0 ? { done: view } : { missing: describeMissing(view, 1), details: formatDetails(view) };
    },
    { ...waiting, pauseMs: FIRST_BLOCK_PAUSE_MS },
  );
  if (appliedAt !== undefined)
    waiting.screen.say(`Block 1 came ${((Date.now() - appliedAt) / 1000).toFixed(1)} s after the network was applied.`);
  const target = height ?? heightOf(first) + BLOCKS_TO_SEE;
  await waitUntil(async () => judge(await look(), target, waiting.screen), waiting);
  return target;
}

function judge(view: ResourceView, target: number, screen: Screen): Sight<true> {
  const missing = describeMissing(view, target);
  if (!isReached(view, target)) return { missing, details: formatDetails(view) };
  screen.show(`every node is at height ${target} or beyond`, formatDetails(view));
  screen.settle();
  return { done: true };
}

export function isReached({ nodes }: ResourceView, target: number): boolean {
  return nodes.length > 0 && nodes.every((node) => (node.height ?? -1) >= target);
}

/** What keeps the network from the height: nodes that don't run first, then the slowest one. */
export function describeMissing({ nodes, conditions, phase }: ResourceView, target: number): string {
  const goal = target === 1 ? 'block 1' : `height ${target}`;
  const problem = conditions.find((condition) => condition.type === 'SpecValid' && condition.status === 'False');
  if (problem !== undefined) return `${goal}: ${problem.message}`;
  if (nodes.length === 0) return `${goal}: the operator has not looked at the network yet`;
  const behind = nodes.filter((node) => (node.height ?? -1) < target);
  const silent = behind.filter((node) => node.height === undefined);
  const [worst] = [...silent.filter((node) => node.state === 'Failed'), ...silent];
  if (worst !== undefined) {
    const why = worst.words === undefined ? '' : `: ${worst.words}`;
    const count = `${nodes.length - silent.length} of ${nodes.length} nodes answer`;
    return `${goal}: ${count}; ${worst.name} is ${worst.state}${why}`;
  }
  const lowest = behind.reduce<(typeof nodes)[number] | undefined>(
    (low, node) => (low === undefined || (node.height ?? 0) < (low.height ?? 0) ? node : low),
    undefined,
  );
  if (lowest === undefined) return goal;
  if (target === 1) return `${goal}: all ${nodes.length} nodes answer`;
  const halted = phase === 'Halted' ? '; the chain has halted' : '';
  const state = lowest.state === 'InSync' ? '' : ` and ${lowest.state}`;
  return `${goal}: ${lowest.name} is at ${lowest.height}${state}${halted}`;
}

function heightOf({ nodes }: ResourceView): number {
  return Math.max(0, ...nodes.map((node) => node.height ?? 0));
}

function formatDetails(view: ResourceView): string {
  return `\n${formatDetail(view, [], plain, new Date())}\n`;
}
