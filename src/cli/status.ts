/** `nodewright status`: resources and their nodes as they are at this moment, asked from the nodes themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Kind } from '../kinds/kind.ts';
import type { NodeView, ResourceView } from '../kinds/node-view.ts';
import type { Connection } from '../kube/client.ts';
import type { KubeObject } from '../kube/objects.ts';
import { type AccessOptions, connectTo } from './cluster-access.ts';
import { type ColourChoice, paintFor } from './colour.ts';
import { explainError } from './explain-error.ts';
import { chooseTargets, NotThereError, parseTargets, placeOf, type Target } from './kind-names.ts';
import { type KindSettingsOptions, readKindSettings } from './kind-settings.ts';
import { listResources, lookAt } from './plan.ts';
import { findRecentEvents } from './recent-events.ts';
import { formatDetail } from './status-detail.ts';
import { formatSummary } from './status-summary.ts';
import { cutLines } from './table.ts';

export type StatusOptions = AccessOptions &
  KindSettingsOptions & {
    namespace?: string;
    allNamespaces?: boolean;
    watch?: boolean;
    operatorNamespace?: string;
    output: 'table' | 'wide' | 'json' | 'yaml';
    color: ColourChoice;
  };

/** What `-o json` prints; see docs/command-line.md. */
export type StatusList = { apiVersion: 'cli.nodewright.dev/v1'; kind: 'StatusList'; items: ResourceView[] };

const WATCH_MS = 2000;
/** Asking every node of a large cluster at once would make healthy ones look slow. */
const LOOKS_AT_ONCE = 4;
/** Longer than a block takes, where blocks are quick. */
const SECOND_LOOK_MS = 1500;

export async function runStatus(words: string[], options: StatusOptions): Promise<number> {
  const targets = parseTargets(words);
  const connection = await connectTo(options);
  const namespace = options.allNamespaces ? undefined : (options.namespace ?? connection.namespace);
  const settings = readKindSettings(options);
  const memory = new Map<string, unknown>();
  const show = () => readAndFormat(connection, { ...options, targets, namespace, settings, memory });
  if (options.watch) return watch(async () => (await show()) || `no resources found in ${placeOf(namespace)}\n`);
  try {
    const text = await show();
    if (text === '') process.stderr.write(`no resources found in ${placeOf(namespace)}\n`);
    process.stdout.write(text);
    return 0;
  } catch (error) {
    if (!(error instanceof NotThereError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** Until it is stopped. A cluster that does not answer for a moment ends nothing. */
async function watch(show: () => Promise<string>): Promise<number> {
  for (;;) {
    const text = await show().catch((error: unknown) => `${explainError(error)}\n`);
    process.stdout.write(
      process.stdout.isTTY ? drawOver(`every 2 s; ${new Date().toLocaleTimeString()}\n\n${text}`) : text,
    );
    await sleep(WATCH_MS);
  }
}

/** From the top of the screen, each line erased to its end: nothing flickers. What is below the screen is not drawn. */
function drawOver(text: string): string {
  const lines = text.trimEnd().split('\n');
  const room = (process.stdout.rows || 24) - 1;
  const shown = lines.length > room ? [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`] : lines;
  return `\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`;
}

type Shown = Pick<StatusOptions, 'operatorNamespace' | 'output' | 'color'> & {
  targets: readonly Target[];
  namespace: string | undefined;
  settings: ReturnType<typeof readKindSettings>;
  /** What nodes have said before, see Kind.look. */
  memory: Map<string, unknown>;
};

async function readAndFormat(connection: Connection, shown: Shown): Promise<string> {
  const { targets, namespace, output } = shown;
  const views = await readViews(connection, shown);
  if (output === 'json' || output === 'yaml') return formatForPrograms(views, output);
  if (views.length === 0) return '';
  const paint = paintFor(shown.color);
  const [only] = views;
  const isOne = views.length === 1 && (targets.length > 0 || output === 'table');
  const text =
    isOne && only !== undefined
      ? formatDetail(only, await findRecentEvents(connection.kube, only), paint, new Date())
      : formatSummary(views, {
          paint,
          now: new Date(),
          allNamespaces: namespace === undefined,
          wide: output === 'wide',
        });
  return cutLines(text, process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY);
}

/** Pure. */
export function formatForPrograms(items: ResourceView[], output: 'json' | 'yaml'): string {
  const list: StatusList = { apiVersion: 'cli.nodewright.dev/v1', kind: 'StatusList', items };
  return output === 'json' ? `${JSON.stringify(list, null, 2)}\n` : stringify(list, { version: '1.1', lineWidth: 0 });
}

export async function readViews(
  connection: Connection,
  options: Pick<Shown, 'targets' | 'namespace' | 'operatorNamespace' | 'settings' | 'memory'>,
): Promise<ResourceView[]> {
  const found = chooseTargets(await listResources(connection, options.namespace), options.targets, options.namespace);
  const views: ResourceView[] = [];
  for (let begin = 0; begin < found.length; begin += LOOKS_AT_ONCE) {
    const some = found.slice(begin, begin + LOOKS_AT_ONCE);
    views.push(...(await Promise.all(some.map((each) => viewOf(each, connection, options)))));
  }
  return views;
}

async function viewOf(
  { kind, object }: { kind: Kind; object: KubeObject },
  { kube }: Connection,
  options: Pick<Shown, 'operatorNamespace' | 'settings' | 'memory'>,
): Promise<ResourceView> {
  let { view } = await lookAt(kind, object, kube, options, options.memory);
  if (view.nodes.some(isUndecided)) {
    await sleep(SECOND_LOOK_MS);
    ({ view } = await lookAt(kind, object, kube, options, options.memory));
  }
  return withPendingUpdates(view, object);
}

/** It answers, and only a second answer can tell whether its height moves. */
function isUndecided({ state, height }: NodeView): boolean {
  return state === 'Starting' && height !== undefined && height > 0;
}

type WrittenStatus = {
  updatePending?: string;
  nodes?: { name: string; updatePending?: string }[];
  conditions?: ResourceView['conditions'];
};

/** What waits for a restart depends on the operator's version and image, which it knows and this command does not. Pure. */
export function withPendingUpdates(view: ResourceView, object: KubeObject): ResourceView {
  const written = (object as { status?: WrittenStatus | null }).status ?? {};
  const theirs = (written.conditions ?? []).filter(({ type }) => type === 'UpdatePending');
  const others = view.conditions.filter(({ type }) => type !== 'UpdatePending');
  const ofNode = (name: string) =>
    written.nodes === undefined
      ? (written.updatePending ?? (view.nodes.length === 1 ? theirs[0]?.message : undefined))
      : written.nodes.find((node) => node.name === name)?.updatePending;
  return {
    ...view,
    conditions: [...others, ...theirs],
    nodes: view.nodes.map(({ updatePending: _ours, ...node }) => {
      const updatePending = ofNode(node.name);
      return updatePending === undefined ? node : { ...node, updatePending };
    }),
  };
}
