/** The demo's operator: installed in the cluster, and waited for. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Deployment, KubeObject, Pod } from '../kube/objects.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, NAMESPACES, PODS } from '../kube/resource-types.ts';
import { describeDeploymentTrouble, describePodTrouble } from '../reconcile/pod-trouble.ts';
import { applyCrds } from './crds.ts';
import { DEMO_LABELS, DEMO_NAMESPACE, type Place } from './demo-place.ts';
import { type Sight, type Waiting, waitUntil } from './demo-wait.ts';
import { OPERATOR_LABELS, OPERATOR_NAME, operatorManifests } from './operator-manifests.ts';
import { DEFAULT_OPERATOR_NAMESPACE, OWN_IMAGE } from './version.ts';

const FIELD_MANAGER = 'nodewright-demo';
/** On the operator's pods: hash of the program, as the same image name may stand for newer code in a cluster of our own. */
const ANNOTATION_BUILD = 'nodewright.dev/build';

/** Applies CRDs, the demo's namespaces and the operator, and waits until it is ready. */
export async function installOperator(place: Place, waiting: Waiting): Promise<void> {
  const { kube } = place.connection;
  await waitUntil(() => findEndingNamespace(place), waiting);
  await applyCrdsAsDemo(place);
  const namespace: KubeObject = {
    apiVersion: 'v1',
    kind: NAMESPACES.kind,
    metadata: { name: DEMO_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  const manifests = operatorManifests({
    operatorNamespace: DEFAULT_OPERATOR_NAMESPACE,
    image: OWN_IMAGE,
    ...(place.watched === undefined ? {} : { namespaces: place.watched }),
  });
  const build = place.own ? await hashProgram() : undefined;
  for (const { type, object } of [{ type: NAMESPACES, object: namespace }, ...manifests]) {
    const marked = {
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...DEMO_LABELS } },
    };
    const stamped = type === DEPLOYMENTS && build !== undefined ? stampBuild(marked as Deployment, build) : marked;
    await kube.apply(type, stamped, { fieldManager: FIELD_MANAGER });
  }
  await waitUntil(() => lookAtOperator(place), waiting);
}

async function findEndingNamespace({ connection }: Place): Promise<Sight<true>> {
  const names = [DEMO_NAMESPACE, DEFAULT_OPERATOR_NAMESPACE];
  const found = await Promise.all(names.map((name) => connection.kube.get(NAMESPACES, { name })));
  const ending = found.find((namespace) => namespace?.metadata.deletionTimestamp !== undefined);
  return ending === undefined ? { done: true } : { missing: `the end of Namespace ${ending.metadata.name}` };
}

/** Marks those that were not there before, so that removing the demo removes them too. */
async function applyCrdsAsDemo({ connection: { kube } }: Place): Promise<void> {
  const before = await kube.list<KubeObject>(CUSTOM_RESOURCE_DEFINITIONS);
  const known = new Set(before.map(({ metadata }) => metadata.name));
  for (const name of await applyCrds(kube)) {
    if (known.has(name)) continue;
    await kube.mergePatch(CUSTOM_RESOURCE_DEFINITIONS, { name }, { metadata: { labels: DEMO_LABELS } });
  }
}

async function lookAtOperator({ connection: { kube } }: Place): Promise<Sight<true>> {
  const key = { namespace: DEFAULT_OPERATOR_NAMESPACE, name: OPERATOR_NAME };
  const deployment = await kube.get<Deployment>(DEPLOYMENTS, key);
  if (deployment === undefined) return { missing: `Deployment ${key.namespace}/${key.name}, which was deleted` };
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  const isCurrent = observedGeneration >= (deployment.metadata.generation ?? 0);
  if (isCurrent && updatedReplicas === 1 && availableReplicas === 1 && replicas === 1) return { done: true };
  const labelSelector = Object.entries(OPERATOR_LABELS)
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const pods = await kube.list<Pod>(PODS, { namespace: key.namespace, labelSelector });
  const troubles = pods.flatMap((pod) => describePodTrouble(pod) ?? []);
  const why = describeDeploymentTrouble(deployment) ?? troubles[0];
  return { missing: `the operator in namespace ${key.namespace}${why === undefined ? '' : `: ${why}`}` };
}

function stampBuild(deployment: Deployment, build: string): Deployment {
  const { spec } = deployment;
  if (spec === undefined) return deployment;
  const metadata = { ...spec.template.metadata, annotations: { [ANNOTATION_BUILD]: build } };
  return { ...deployment, spec: { ...spec, template: { ...spec.template, metadata } } };
}

async function hashProgram(): Promise<string | undefined> {
  const program = process.argv[1];
  if (program === undefined || !existsSync(join(dirname(program), 'agent.js'))) return undefined;
  return createHash('sha256')
    .update(await readFile(program))
    .digest('hex')
    .slice(0, 16);
}
