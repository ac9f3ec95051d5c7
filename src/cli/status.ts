/** `nodewright status`: resources and their nodes as they are at this moment, asked from the nodes themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { NodeSummary } from '../kinds/kind.ts';
import type { Connection } from '../kube/client.ts';
import type { Condition, KubeObject } from '../kube/objects.ts';
import { type AccessOptions, connectTo } from './cluster-access.ts';
import type { KindSettingsOptions } from './kind-settings.ts';
import { listResources, lookAt } from './plan.ts';
import { formatTable } from './table.ts';

export type StatusOptions = AccessOptions &
  KindSettingsOptions & {
    namespace?: string;
    allNamespaces?: boolean;
    watch?: boolean;
    operatorNamespace: string;
    output: 'table' | 'json' | 'yaml';
  };

/** What every kind's status has in common, as far as the table goes. */
export type CommonStatus = {
  phase?: string;
  /** Of the chain; by node where every node follows on its own. */
  height?: number | Record<string, number>;
  conditions?: Condition[];
  nodes?: {
    name: string;
    role: string;
    state: string;
    height?: number | undefined;
    peers?: number | undefined;
    power?: number | undefined;
    message?: string | undefined;
    updatePending?: string | undefined;
  }[];
};

const WATCH_MS = 2000;

export async function runStatus(name: string | undefined, options: StatusOptions): Promise<number> {
  const connection = await connectTo(options);
  const namespace = options.allNamespaces ? undefined : (options.namespace ?? connection.namespace);
  for (;;) {
    const entries = await readStatuses(connection, namespace, name, options);
    if (entries.length === 0) {
      const place = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
      process.stderr.write(`no resources${name === undefined ? '' : ` named ${name}`} found in ${place}\n`);
      if (name !== undefined) return 1;
    }
    if (options.watch && process.stdout.isTTY && options.output === 'table') process.stdout.write('\u001b[H\u001b[2J');
    process.stdout.write(format(entries, options.output));
    if (!options.watch) return 0;
    await sleep(WATCH_MS);
  }
}

export type StatusEntry = {
  object: KubeObject;
  status: CommonStatus;
  /** Where the status has no list of them. */
  nodes?: NodeSummary[];
};

export async function readStatuses(
  connection: Connection,
  namespace: string | undefined,
  name: string | undefined,
  options: KindSettingsOptions & { operatorNamespace: string },
): Promise<StatusEntry[]> {
  const found = (await listResources(connection, namespace)).filter(
    ({ object }) => name === undefined || object.metadata.name === name,
  );
  const entries: StatusEntry[] = [];
  // One after the other: asking every node of a large cluster at once would make healthy ones look slow.
  for (const { kind, object } of found) {
    const { status, nodes } = await lookAt(kind, object, connection, options);
    const written = (object as { status?: CommonStatus }).status;
    const current = withPendingUpdates(status as CommonStatus, written);
    entries.push({ object, status: current, ...(nodes === undefined ? {} : { nodes }) });
  }
  return entries;
}

/** What waits for a restart depends on the operator's version and image, which it knows and this command does not. */
function withPendingUpdates(now: CommonStatus, written: CommonStatus | undefined): CommonStatus {
  const others = (now.conditions ?? []).filter(({ type }) => type !== 'UpdatePending');
  const pending = (written?.conditions ?? []).filter(({ type }) => type === 'UpdatePending');
  const nodes = now.nodes?.map(({ updatePending: _ours, ...node }) => {
    const theirs = written?.nodes?.find(({ name }) => name === node.name)?.updatePending;
    return theirs === undefined ? node : { ...node, updatePending: theirs };
  });
  return { ...now, conditions: [...others, ...pending], ...(nodes === undefined ? {} : { nodes }) };
}

export function formatStatuses(entries: StatusEntry[]): string {
  return entries.map(formatEntry).join('\n');
}

function format(entries: StatusEntry[], output: StatusOptions['output']): string {
  if (output === 'table') return formatStatuses(entries);
  const plain = entries.map(({ object, status }) => ({
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { namespace: object.metadata.namespace, name: object.metadata.name },
    status,
  }));
  return output === 'json' ? `${JSON.stringify(plain, null, 2)}\n` : stringify(plain, { version: '1.1' });
}

function formatEntry({ object, status, nodes = [] }: StatusEntry): string {
  const shown: NonNullable<CommonStatus['nodes']> = status.nodes ?? nodes;
  const height =
    typeof status.height === 'number' ? status.height : Math.max(0, ...shown.map((node) => node.height ?? 0));
  const hasHeight = status.height !== undefined || shown.length > 0;
  const title = `${object.kind} ${object.metadata.namespace}/${object.metadata.name}: ${status.phase ?? 'Unknown'}${hasHeight ? `, height ${height}` : ''}\n`;
  const conditions = (status.conditions ?? [])
    .filter(
      (condition) =>
        condition.status !== (condition.type === 'Progressing' ? 'False' : 'True') ||
        condition.reason === 'Waiting' ||
        /Pending|Blocked/.test(condition.type),
    )
    .map((condition) => `  ${condition.type}=${condition.status} ${condition.reason}: ${condition.message}\n`)
    .join('');
  const rows = shown.map((node) => [
    `  ${node.name}`,
    node.role,
    node.state,
    text(node.height),
    text(node.peers),
    text(node.power),
    node.message ?? (node.updatePending === undefined ? '' : `next restart brings ${node.updatePending}`),
  ]);
  return `${title}${conditions}${formatTable(['  NODE', 'ROLE', 'STATE', 'HEIGHT', 'PEERS', 'POWER', ''], rows)}`;
}

function text(value: number | undefined): string {
  return value === undefined ? '-' : String(value);
}
