/** `nodewright status`: resources and their nodes as they are at this moment, asked from the nodes themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Connection } from '../kube/client.ts';
import type { Condition, KubeObject } from '../kube/objects.ts';
import { type AccessOptions, connectTo } from './cluster-access.ts';
import { listResources, lookAt } from './plan.ts';
import { formatTable } from './table.ts';

export type StatusOptions = AccessOptions & {
  namespace?: string;
  allNamespaces?: boolean;
  watch?: boolean;
  operatorNamespace: string;
  output: 'table' | 'json' | 'yaml';
};

/** What every kind's status has in common, as far as the table goes. */
export type CommonStatus = {
  phase?: string;
  height?: number;
  conditions?: Condition[];
  nodes?: {
    name: string;
    role: string;
    state: string;
    height?: number;
    peers?: number;
    power?: number;
    message?: string;
    updatePending?: string;
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

export type StatusEntry = { object: KubeObject; status: CommonStatus };

export async function readStatuses(
  connection: Connection,
  namespace: string | undefined,
  name: string | undefined,
  options: { operatorNamespace: string },
): Promise<StatusEntry[]> {
  const found = (await listResources(connection, namespace)).filter(
    ({ object }) => name === undefined || object.metadata.name === name,
  );
  const entries: StatusEntry[] = [];
  // One after the other: asking every node of a large cluster at once would make healthy ones look slow.
  for (const { kind, object } of found) {
    const status = (await lookAt(kind, object, connection, options)).status as CommonStatus;
    entries.push({ object, status: withPendingUpdates(status, (object as { status?: CommonStatus }).status) });
  }
  return entries;
}

/** What waits for a restart depends on the operator's version and image, which it knows and this command does not. */
function withPendingUpdates(now: CommonStatus, written: CommonStatus | undefined): CommonStatus {
  const others = (now.conditions ?? []).filter(({ type }) => type !== 'UpdatePending');
  const pending = (written?.conditions ?? []).filter(({ type }) => type === 'UpdatePending');
  const nodes = (now.nodes ?? []).map(({ updatePending: _ours, ...node }) => {
    const theirs = written?.nodes?.find(({ name }) => name === node.name)?.updatePending;
    return theirs === undefined ? node : { ...node, updatePending: theirs };
  });
  return { ...now, conditions: [...others, ...pending], nodes };
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

function formatEntry({ object, status }: StatusEntry): string {
  const title = `${object.kind} ${object.metadata.namespace}/${object.metadata.name}: ${status.phase ?? 'Unknown'}, height ${status.height ?? 0}\n`;
  const conditions = (status.conditions ?? [])
    .filter(
      (condition) =>
        condition.status !== (condition.type === 'Progressing' ? 'False' : 'True') ||
        condition.reason === 'Waiting' ||
        /Pending|Blocked/.test(condition.type),
    )
    .map((condition) => `  ${condition.type}=${condition.status} ${condition.reason}: ${condition.message}\n`)
    .join('');
  const rows = (status.nodes ?? []).map((node) => [
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
