/** Where the demo works: a cluster made for the purpose, or one that the user names. Nothing that is not the demo's own is touched. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Connection, connect } from '../kube/client.ts';
import type { KubeObject } from '../kube/objects.ts';
import { NAMESPACES } from '../kube/resource-types.ts';
import type { Screen } from './demo-screen.ts';
import { listResources } from './plan.ts';
import { DEFAULT_OPERATOR_NAMESPACE, OWN_IMAGE } from './version.ts';

export const DEMO_NAMESPACE = 'nodewright-demo';
/** On everything that the demo makes and may remove again. */
export const DEMO_LABELS = { 'nodewright.dev/demo': 'true' };

export type Place = {
  connection: Connection;
  /** Whether the cluster was made for the purpose, and is removed as a whole. */
  own: boolean;
  /** Namespaces for the operator to watch; undefined: all. */
  watched: string[] | undefined;
  /** Shell commands that let kubectl and nodewright reach the cluster. */
  setUp: string[];
  /** What has to follow `kubectl` and `nodewright`. */
  flags: string;
};

/** Brings our own cluster up, this program's image in it. */
export async function prepareOwnCluster(screen: Screen): Promise<Place> {
  const { clusterUp, loadOwnImage } = await import('../../cluster/cluster.ts');
  const print = (line: string) => screen.say(line);
  const cluster = await clusterUp({ print });
  // The tests know this program from its sources, where nothing is bundled.
  const dist = dirname(realpathSync(process.argv[1] ?? '.'));
  await loadOwnImage({ print, name: OWN_IMAGE, ...(existsSync(join(dist, 'agent.js')) ? { dist } : {}) });
  return {
    connection: await connect({ kubeconfig: cluster.kubeconfigPath }),
    own: true,
    watched: undefined,
    setUp: [
      `export KUBECONFIG=${cluster.kubeconfigPath}`,
      ...(isOnPath('kubectl') ? [] : [`alias kubectl=${cluster.kubectl}`]),
    ],
    flags: '',
  };
}

/** A context of the user's kubeconfig. */
export async function openContext(context: string): Promise<Place> {
  const connection = await connect({ context });
  await connection.kube.serverVersion();
  return { connection, own: false, watched: [DEMO_NAMESPACE], setUp: [], flags: ` --context ${context}` };
}

/**
 * Throws when the cluster holds networks or namespaces that would be disturbed. In our own cluster a person may have made networks for
 * the demo's operator to run; only a removal of the cluster would harm those.
 */
export async function expectNothingForeign({ connection, own }: Place, down: boolean): Promise<void> {
  const names = [DEMO_NAMESPACE, DEFAULT_OPERATOR_NAMESPACE];
  const namespaces = await Promise.all(names.map((name) => connection.kube.get(NAMESPACES, { name })));
  const foreign = namespaces.find((namespace) => namespace !== undefined && !isOfDemo(namespace));
  if (foreign !== undefined) {
    throw new Error(
      `Namespace ${foreign.metadata.name} exists and was not made by the demo, so an operator may be at work there: remove it first, or use another cluster`,
    );
  }
  const resources = (await listResources(connection, undefined)).map(({ object }) => object);
  const strangers = resources.filter(({ metadata }) => metadata.namespace !== DEMO_NAMESPACE);
  const operatorIsOurs = namespaces[1] !== undefined;
  const [stranger] = strangers;
  if (stranger === undefined || (own && operatorIsOurs && !down)) return;
  const what = `${stranger.kind} ${stranger.metadata.namespace}/${stranger.metadata.name}`;
  const more = strangers.length > 1 ? ` and ${strangers.length - 1} more` : '';
  throw new Error(
    own && operatorIsOurs
      ? `the cluster has ${what}${more} besides the demo's own: leave out --down, which would remove the whole cluster, or delete them first`
      : `the cluster has ${what}${more}, which the demo did not make: it works only where it is alone. Delete them, or use another cluster`,
  );
}

export function isOfDemo(object: KubeObject): boolean {
  return Object.entries(DEMO_LABELS).every(([label, value]) => object.metadata.labels?.[label] === value);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
