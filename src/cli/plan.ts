/** `nodewright plan`: what the operator would change, and why; the same diff that it executes. */
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import type { HoprSettings } from '../kinds/hopr-settings.ts';
import { KINDS } from '../kinds/index.ts';
import type { Kind, Look } from '../kinds/kind.ts';
import type { Connection } from '../kube/client.ts';
import type { Kube } from '../kube/kube.ts';
import type { Condition, KubeObject } from '../kube/objects.ts';
import { liveReader } from '../kube/reader.ts';
import { type Change, formatChange, type Wait } from '../reconcile/change.ts';
import { type AccessOptions, connectTo, podGetByProxy } from './cluster-access.ts';
import { type Colour, type ColourChoice, type Paint, paintFor } from './colour.ts';
import { chooseTargets, parseTargets, placeOf } from './kind-names.ts';
import { type KindSettingsOptions, readKindSettings } from './kind-settings.ts';
import { readResources } from './resource-files.ts';
import { DEFAULT_OPERATOR_NAMESPACE, OWN_IMAGE } from './version.ts';

export type PlanOptions = AccessOptions &
  KindSettingsOptions & {
    filename?: string;
    namespace?: string;
    allNamespaces?: boolean;
    operatorNamespace?: string;
    agentImage?: string;
    output: 'text' | 'json' | 'yaml';
    color: ColourChoice;
  };

/** What `-o json` prints; see docs/command-line.md. */
export type PlanList = {
  apiVersion: 'cli.nodewright.dev/v1';
  kind: 'PlanList';
  items: {
    apiVersion: string;
    kind: string;
    namespace: string;
    name: string;
    changes: { verb: Change['verb']; kind: string; namespace?: string; name: string; disrupts: boolean; why: string }[];
    waits: Wait[];
    problems: string[];
    /** What the next restart of nodes brings besides, for which nothing is restarted; absent where it brings nothing. */
    pending?: string;
  }[];
};

export async function runPlan(words: string[], options: PlanOptions): Promise<number> {
  const targets = parseTargets(words);
  const given = options.filename === undefined ? undefined : await readResources(options.filename);
  const connection = await connectTo(options);
  const namespace = options.allNamespaces ? undefined : (options.namespace ?? connection.namespace);
  const found =
    given === undefined
      ? await listResources(connection, namespace)
      : await mergeWithLive(connection, options.namespace ?? connection.namespace, given);
  const resources = chooseTargets(found, targets, namespace);
  const looks: { object: KubeObject; look: Look }[] = [];
  for (const { kind, object } of resources)
    looks.push({
      object,
      look: await lookAt(kind, object, connection.kube, { ...options, settings: readKindSettings(options) }),
    });
  process.stdout.write(formatPlans(looks, options.output, paintFor(options.color)));
  if (looks.length === 0) process.stderr.write(`no resources found in ${placeOf(namespace)}\n`);
  return looks.some(({ look }) => look.problems.length > 0)
    ? 2
    : looks.some(({ look }) => look.changes.length > 0)
      ? 1
      : 0;
}

/** A look as an operator with these options would take it; by default the one that has reported on the resource last. */
export function lookAt(
  kind: Kind,
  object: KubeObject,
  kube: Kube,
  options: { operatorNamespace?: string; agentImage?: string; settings?: { hopr?: HoprSettings } },
  memory: Map<string, unknown> = new Map(),
): Promise<Look> {
  return kind.look(object, {
    memory,
    reader: liveReader(kube),
    podGet: podGetByProxy(kube),
    options: {
      operatorNamespace: options.operatorNamespace ?? reporterOf(object) ?? DEFAULT_OPERATOR_NAMESPACE,
      agentImage: options.agentImage ?? OWN_IMAGE,
      ...options.settings,
    },
    now: () => new Date(),
    random: randomBytes,
  });
}

/** Namespace of the operator that has reported on a resource last. */
export function reporterOf(object: KubeObject): string | undefined {
  return (object as { status?: { operatorNamespace?: string } | null }).status?.operatorNamespace;
}

/** Resources of all kinds whose CRD is installed. `namespace` undefined: all namespaces. */
export async function listResources(
  { kube }: Connection,
  namespace: string | undefined,
): Promise<{ kind: Kind; object: KubeObject }[]> {
  const lists = await Promise.all(
    KINDS.map(async (kind) => {
      const served = await kube.discover(`${kind.type.group}/${kind.type.version}`);
      if (!served?.some((type) => type.plural === kind.type.plural)) return [];
      return (await kube.list<KubeObject>(kind.type, { namespace })).map((object) => ({ kind, object }));
    }),
  );
  return lists.flat();
}

/** The file's spec on what the cluster knows of the resource: its uid, generation and status. A dry run lets the API server refuse it. */
async function mergeWithLive({ kube }: Connection, namespace: string, resources: { kind: Kind; object: KubeObject }[]) {
  return Promise.all(
    resources.map(async ({ kind, object }) => {
      const placed = { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } };
      const live = await kube.get<KubeObject>(kind.type, {
        namespace: placed.metadata.namespace,
        name: placed.metadata.name,
      });
      const served = await kube.discover(`${kind.type.group}/${kind.type.version}`);
      if (served?.some((type) => type.plural === kind.type.plural)) {
        await kube.apply(kind.type, placed, { fieldManager: 'nodewright-plan', dryRun: true });
      }
      const metadata = { ...live?.metadata, ...placed.metadata };
      return { kind, object: { ...live, ...placed, metadata } };
    }),
  );
}

type Shown = Pick<Look, 'changes' | 'waits' | 'problems'> & Partial<Pick<Look, 'status'>>;

/** Pure. */
export function formatPlans(
  looks: readonly { object: KubeObject; look: Shown }[],
  output: PlanOptions['output'],
  paint: Paint,
): string {
  if (output === 'text') return looks.map(({ object, look }) => formatPlan(object, look, paint)).join('');
  const list: PlanList = {
    apiVersion: 'cli.nodewright.dev/v1',
    kind: 'PlanList',
    items: looks.map(({ object, look }) => ({
      apiVersion: object.apiVersion,
      kind: object.kind,
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
      changes: look.changes.map((change) => ({
        verb: change.verb,
        kind: change.type.kind,
        ...(change.key.namespace === undefined ? {} : { namespace: change.key.namespace }),
        name: change.key.name,
        disrupts: change.verb === 'delete' && change.disrupts,
        why: change.why,
      })),
      waits: look.waits,
      problems: look.problems,
      ...withPending(look),
    })),
  };
  return output === 'json' ? `${JSON.stringify(list, null, 2)}\n` : stringify(list, { version: '1.1', lineWidth: 0 });
}

function withPending({ status }: Shown): { pending?: string } {
  const { conditions = [] } = (status ?? {}) as { conditions?: Condition[] };
  const pending = conditions.find(({ type, status }) => type === 'UpdatePending' && status === 'True')?.message;
  return pending === undefined ? {} : { pending };
}

function formatPlan({ kind, metadata }: KubeObject, look: Shown, paint: Paint): string {
  const { changes, waits, problems } = look;
  const { pending } = withPending(look);
  const lines = [
    ...problems.map((problem) => paint('red', `problem: ${problem}`)),
    ...changes.map((change) => paint(colourOf(change), formatChange(change))),
    ...waits.map(({ what, why }) => `${paint('dim', 'waits:')} ${what}: ${why}`),
  ];
  if (lines.length === 0) lines.push(paint('dim', 'no changes'));
  if (pending !== undefined) lines.push(`${paint('dim', 'pending:')} ${pending}`);
  const title = paint('bold', `${kind} ${metadata.namespace}/${metadata.name}`);
  return `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** A restart of a node is what a person looks for first. */
function colourOf(change: Change): Colour {
  if (change.verb === 'delete') return change.disrupts ? 'yellow' : 'red';
  return change.verb === 'create' || (change.verb === 'apply' && change.isNew) ? 'green' : 'cyan';
}
