/** Where the tests of one file work: namespaces and an operator of their own, because other files use the cluster at the same time. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { TENDERMINT_NETWORKS } from '../../src/kinds/tendermint-network/schema.ts';
import { type KubeObject, keyOf, type Pod } from '../../src/kube/objects.ts';
import { NAMESPACES, PODS, type ResourceType } from '../../src/kube/resource-types.ts';
import { kube, kubeconfig, kubectl, nodewright } from './cluster-access.ts';
import { expectNothingDenied } from './denied-requests.ts';
import { eventually } from './eventually.ts';
import { installOperator } from './operator-in-cluster.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';
import { grantRights, type OperatorRights } from './operator-rights.ts';

export type Site = {
  namespace: string;
  /** A second one, watched by the same operator. */
  otherNamespace: string;
  /** Where the operator has its Leases; pods with more rights than nodes have run there too. */
  operatorNamespace: string;
  /** Of an operator beside the cluster. */
  rights?: OperatorRights;
  /** Tests that restart it put the new one here. */
  operator: OperatorProcess;
};

/** There is no other operator for these namespaces, and a killed one has not to be waited for. */
const LEAD_AT_ONCE = ['--no-leader-elect'];

export type SiteOptions = {
  /** Where the operator runs; beside the cluster when not given. */
  operator?: 'in-cluster';
  /** What the file makes, to be shown after a failure and removed at the end; TendermintNetworks when not given. */
  type?: ResourceType;
  /** What the API server refuses in the namespaces of nodes; restricted when not given. */
  podSecurity?: 'restricted' | 'baseline';
  /** Of the chart, as for `--set`: what gives the operator rights that it does not have by default. */
  chartSettings?: readonly string[];
  /** Further arguments of an operator beside the cluster. */
  operatorArgs?: (site: Site) => readonly string[];
};

/** Call at the top of a file, with a short name. The members are there when its tests run. */
export function useSite(name: string, options: SiteOptions = {}): Site {
  const { type = TENDERMINT_NETWORKS, podSecurity = 'restricted', chartSettings = [] } = options;
  const suffix = randomBytes(3).toString('hex');
  const site = {
    namespace: `test-${name}-${suffix}`,
    otherNamespace: `test-${name}-${suffix}-other`,
    operatorNamespace: `test-${name}-${suffix}-operator`,
  } as Site;
  beforeAll(async () => {
    const applied = await nodewright('crds', 'apply', '--kubeconfig', kubeconfig);
    if (applied.code !== 0) throw new Error(applied.stderr);
    for (const namespace of nodeNamespaces(site)) {
      await createNamespace(namespace, { 'pod-security.kubernetes.io/enforce': podSecurity });
    }
    await createNamespace(site.operatorNamespace);
    if (options.operator === 'in-cluster') {
      site.operator = await installOperator(site.operatorNamespace, nodeNamespaces(site), chartSettings);
      return;
    }
    site.rights = await grantRights(site.operatorNamespace, nodeNamespaces(site), chartSettings);
    site.operator = await startSiteOperator(site, [...LEAD_AT_ONCE, ...(options.operatorArgs?.(site) ?? [])]);
  });
  let failed = false;
  beforeEach(({ onTestFailed }) => {
    // Tests of one file build on each other: after a failure the rest could only wait for what does not come.
    if (failed) throw new Error('a test before this one failed');
    onTestFailed(() => {
      failed = true;
      return describeSite(site, type);
    });
  });
  afterEach(async () => {
    if (!failed) expectNothingDenied(await site.operator.log());
  });
  afterAll(async () => {
    await removeResources(site, type)
      .finally(() => site.operator?.end())
      .finally(async () => {
        await site.rights?.revoke();
        await kubectl('delete', 'namespace', '--wait=false', ...nodeNamespaces(site), site.operatorNamespace);
      });
  });
  return site;
}

/** An operator beside the cluster, with the rights of the site's. */
export function startSiteOperator(
  site: Site,
  args: readonly string[] = LEAD_AT_ONCE,
  main?: string,
): Promise<OperatorProcess> {
  if (site.rights === undefined) throw new Error('the operator of this site runs in the cluster');
  return startOperator({
    kubeconfig: site.rights.kubeconfig,
    namespaces: nodeNamespaces(site),
    operatorNamespace: site.operatorNamespace,
    args,
    ...(main === undefined ? {} : { main }),
  });
}

function nodeNamespaces(site: Site): string[] {
  return [site.namespace, site.otherNamespace];
}

async function createNamespace(name: string, labels: Record<string, string> = {}): Promise<void> {
  await kube.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
}

/** With the operator still there, which lets them go. A resource that does not go is a failure. */
async function removeResources(site: Site, type: ResourceType): Promise<void> {
  for (const namespace of nodeNamespaces(site)) {
    await kubectl('delete', `${type.plural}.${type.group}`, '--all', '--wait=false', '--namespace', namespace);
  }
  try {
    await eventually(site.operator === undefined || site.operator.hasEnded() ? 0 : 90, async () => {
      const left = await listResources(site, type);
      if (left.length > 0) {
        throw new Error(`${type.plural} do not go away: ${left.map(({ metadata }) => metadata.name).join(', ')}`);
      }
    });
  } catch (error) {
    for (const resource of await listResources(site, type)) {
      await kube.mergePatch(type, keyOf(resource), { metadata: { finalizers: null } });
    }
    throw error;
  }
}

async function listResources(site: Site, type: ResourceType): Promise<(KubeObject & { status?: unknown })[]> {
  const lists = await Promise.all(nodeNamespaces(site).map((namespace) => kube.list(type, { namespace })));
  return lists.flat();
}

/** What a person would look at first, after a failure. */
async function describeSite(site: Site, type: ResourceType): Promise<void> {
  const show = (...args: string[]) => kubectl(...args).catch((error: Error) => error.message);
  for (const namespace of nodeNamespaces(site)) {
    console.log(await show('get', `${type.plural}.${type.group},pods`, '--namespace', namespace));
    for (const pod of await kube.list<Pod>(PODS, { namespace })) {
      if (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) continue;
      const { name } = pod.metadata;
      console.log(
        name,
        await show('logs', '--namespace', namespace, name, '--all-containers', '--prefix', '--tail=30'),
      );
    }
  }
  for (const { metadata, status } of await listResources(site, type)) {
    console.log(metadata.name, JSON.stringify(status, null, 1));
  }
  console.log(`the operator's log:\n${tail((await site.operator?.log()) ?? '')}`);
}

function tail(text: string): string {
  return text.split('\n').slice(-40).join('\n');
}
