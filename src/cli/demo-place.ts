/** Where the demo works: a cluster made for the purpose, or one that the user names. Nothing that is not the demo's own is touched. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type Connection, connect } from '../kube/client.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject, Lease } from '../kube/objects.ts';
import { DEPLOYMENTS, LEASES, NAMESPACES } from '../kube/resource-types.ts';
import type { Screen } from './demo-screen.ts';
import { OPERATOR_NAME } from './operator-manifests.ts';
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
  // Run from its sources the program has no bundle beside it; the image gets a new one then.
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
 * Throws when the cluster holds an operator or networks that would be disturbed. In our own cluster a person may have made networks for
 * the demo's operator to run; only a removal of the cluster would harm those.
 */
export async function expectNothingForeign({ connection, own }: Place, down: boolean): Promise<void> {
  const { kube } = connection;
  const wayOut = own ? 'begin anew with npm run cluster -- down' : 'use another cluster';
  const operator = await kube.get(DEPLOYMENTS, { namespace: DEFAULT_OPERATOR_NAMESPACE, name: OPERATOR_NAME });
  const operatorIsOurs = operator !== undefined && isOfDemo(operator);
  if (!operatorIsOurs) {
    const obstacle = own ? await findOperator(kube, operator) : await findForeignNamespace(kube);
    if (obstacle !== undefined) throw new Error(`${obstacle}. Remove it first, or ${wayOut}`);
  }
  const strangers = (await listResources(connection, undefined))
    .map(({ object }) => object)
    .filter(({ metadata }) => metadata.namespace !== DEMO_NAMESPACE);
  const [stranger] = strangers;
  if (stranger === undefined || (own && operatorIsOurs && !down)) return;
  const what = `${stranger.kind} ${stranger.metadata.namespace}/${stranger.metadata.name}`;
  const more = strangers.length > 1 ? ` and ${strangers.length - 1} more` : '';
  throw new Error(
    own && operatorIsOurs
      ? `the cluster has ${what}${more} besides the demo's own: leave out --down, which would remove the whole cluster, or delete them first`
      : `the cluster has ${what}${more}, which the demo did not make: it works only where it is alone. Delete them, or ${wayOut}`,
  );
}

/** An operator in a Deployment that is not the demo's, or one that runs elsewhere and leads. */
async function findOperator(kube: Kube, deployment: KubeObject | undefined): Promise<string | undefined> {
  const place = `${DEFAULT_OPERATOR_NAMESPACE}/${OPERATOR_NAME}`;
  if (deployment !== undefined) return `Deployment ${place} was not made by the demo`;
  const lease = await kube.get<Lease>(LEASES, { namespace: DEFAULT_OPERATOR_NAMESPACE, name: OPERATOR_NAME });
  const { holderIdentity, renewTime = '', leaseDurationSeconds = 0 } = lease?.spec ?? {};
  const isFresh = Date.parse(renewTime) + leaseDurationSeconds * 1000 > Date.now();
  return holderIdentity && isFresh ? `an operator, ${holderIdentity}, holds Lease ${place}` : undefined;
}

async function findForeignNamespace(kube: Kube): Promise<string | undefined> {
  const names = [DEMO_NAMESPACE, DEFAULT_OPERATOR_NAMESPACE];
  const found = await Promise.all(names.map((name) => kube.get(NAMESPACES, { name })));
  const foreign = found.find((namespace) => namespace !== undefined && !isOfDemo(namespace));
  return foreign && `Namespace ${foreign.metadata.name} was not made by the demo, and an operator may be at work there`;
}

export function isOfDemo(object: KubeObject): boolean {
  return Object.entries(DEMO_LABELS).every(([label, value]) => object.metadata.labels?.[label] === value);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}
