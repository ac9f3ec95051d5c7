/** `nodewright plan`: what the operator would change, and why; the same diff that it executes. */
import { randomBytes } from 'node:crypto';
import { stringify } from 'yaml';
import { KINDS } from '../kinds/index.ts';
import type { Kind, Look } from '../kinds/kind.ts';
import type { Connection } from '../kube/client.ts';
import type { KubeObject } from '../kube/objects.ts';
import { liveReader } from '../kube/reader.ts';
import { formatChange } from '../reconcile/change.ts';
import { type AccessOptions, connectTo, podGetByProxy } from './cluster-access.ts';
import { type KindSettingsOptions, readKindSettings } from './kind-settings.ts';
import { readResources } from './resource-files.ts';
import { OWN_IMAGE } from './version.ts';

export type PlanOptions = AccessOptions & {
  filename?: string;
  namespace?: string;
  operatorNamespace: string;
  agentImage?: string;
  hoprConfig?: string;
  output: 'text' | 'json' | 'yaml';
};

export async function runPlan(options: PlanOptions): Promise<number> {
  const given = options.filename === undefined ? undefined : await readResources(options.filename);
  const connection = await connectTo(options);
  const namespace = options.namespace ?? connection.namespace;
  const resources =
    given === undefined
      ? await listResources(connection, namespace)
      : await mergeWithLive(connection, namespace, given);
  const looks: { object: KubeObject; look: Look }[] = [];
  for (const { kind, object } of resources)
    looks.push({ object, look: await lookAt(kind, object, connection, options) });
  print(looks, options.output);
  return looks.some(({ look }) => look.problems.length > 0)
    ? 2
    : looks.some(({ look }) => look.changes.length > 0)
      ? 1
      : 0;
}

export function lookAt(
  kind: Kind,
  object: KubeObject,
  { kube }: Connection,
  options: KindSettingsOptions & { operatorNamespace: string; agentImage?: string },
): Promise<Look> {
  return kind.look(object, {
    reader: liveReader(kube),
    podGet: podGetByProxy(kube),
    options: {
      operatorNamespace: options.operatorNamespace,
      agentImage: options.agentImage ?? OWN_IMAGE,
      ...readKindSettings(options),
    },
    now: () => new Date(),
    random: randomBytes,
  });
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

function print(looks: { object: KubeObject; look: Look }[], output: PlanOptions['output']): void {
  if (output !== 'text') {
    const plain = looks.map(({ object, look }) => ({
      kind: object.kind,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      changes: look.changes.map((change) => ({
        verb: change.verb,
        kind: change.type.kind,
        ...change.key,
        why: change.why,
      })),
      waits: look.waits,
      problems: look.problems,
    }));
    process.stdout.write(
      output === 'json' ? `${JSON.stringify(plain, null, 2)}\n` : stringify(plain, { version: '1.1' }),
    );
    return;
  }
  for (const { object, look } of looks) {
    process.stdout.write(`${object.kind} ${object.metadata.namespace}/${object.metadata.name}\n`);
    for (const problem of look.problems) process.stdout.write(`  problem: ${problem}\n`);
    for (const change of look.changes) process.stdout.write(`  ${formatChange(change)}\n`);
    for (const wait of look.waits) process.stdout.write(`  waits: ${wait.what}: ${wait.why}\n`);
    if (look.changes.length === 0 && look.waits.length === 0 && look.problems.length === 0)
      process.stdout.write('  no changes\n');
  }
  if (looks.length === 0) process.stderr.write('no resources found\n');
}
