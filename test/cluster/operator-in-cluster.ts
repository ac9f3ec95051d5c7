/** The operator as `nodewright demo` and a user's cluster have it: a Deployment with the rights of its roles and no more. */
import { readFileSync } from 'node:fs';
import { operatorManifests } from '../../src/cli/operator-manifests.ts';
import type { Deployment, Pod } from '../../src/kube/objects.ts';
import { DEPLOYMENTS, NAMESPACES, PODS } from '../../src/kube/resource-types.ts';
import { getFromPod } from './chain.ts';
import { kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import type { OperatorProcess } from './operator-process.ts';

/** Installs the operator of this checkout's image and waits until it leads. */
export async function installOperator(operatorNamespace: string, namespaces: string[]): Promise<OperatorProcess> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const image = `nodewright/nodewright:${version}`;
  for (const { type, object } of operatorManifests({ operatorNamespace, image, namespaces })) {
    if (type !== NAMESPACES) await kube.apply(type, object, { fieldManager: 'nodewright-test' });
  }
  const pod = () => findPod(operatorNamespace);
  await eventually(120, async () => {
    const [deployment] = await kube.list<Deployment>(DEPLOYMENTS, { namespace: operatorNamespace });
    if ((deployment?.status?.readyReplicas ?? 0) < 1) throw new Error('the operator is not ready');
  });
  return {
    async end() {
      await kubectl('delete', 'deployments', '--all', '--namespace', operatorNamespace);
    },
    hasEnded: () => false,
    log: async () => kubectl('logs', '--namespace', operatorNamespace, (await pod()).metadata.name),
    metrics: async () => getFromPod(await pod(), 8080, '/metrics'),
  };
}

async function findPod(namespace: string): Promise<Pod> {
  const pods = await kube.list<Pod>(PODS, { namespace, labelSelector: 'app.kubernetes.io/component=operator' });
  const pod = pods.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (pod === undefined) throw new Error(`no operator runs in ${namespace}`);
  return pod;
}
