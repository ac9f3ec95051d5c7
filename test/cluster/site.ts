/** Where the tests of one file work: namespaces and an operator of their own, because other files use the cluster at the same time. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { TENDERMINT_NETWORKS } from '../../src/kinds/tendermint-network/schema.ts';
import { NAMESPACES } from '../../src/kube/resource-types.ts';
import { kube, kubeconfig, kubectl, nodewright } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import { type OperatorProcess, startOperator } from './operator-process.ts';

export type Site = {
  namespace: string;
  /** A second one, watched by the same operator. */
  otherNamespace: string;
  /** Where the operator has its Leases; pods with more rights than nodes have run there too. */
  operatorNamespace: string;
  /** Tests that restart it put the new one here. */
  operator: OperatorProcess;
};

/** There is no other operator for these namespaces, and a killed one has not to be waited for. */
const LEAD_AT_ONCE = ['--no-leader-elect'];

/** Call at the top of a file with a short name; the members are there when its tests run. */
export function useSite(name: string, options: { operatorArgs?: readonly string[] } = {}): Site {
  const suffix = randomBytes(3).toString('hex');
  const site = {
    namespace: `test-${name}-${suffix}`,
    otherNamespace: `test-${name}-${suffix}-other`,
    operatorNamespace: `test-${name}-${suffix}-operator`,
  } as Site;
  beforeAll(async () => {
    const applied = await nodewright('crds', 'apply', '--kubeconfig', kubeconfig);
    if (applied.code !== 0) throw new Error(applied.stderr);
    // Nodes run under the restricted profile; the API server refuses them here if they do not.
    for (const namespace of nodeNamespaces(site)) {
      await createNamespace(namespace, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    }
    await createNamespace(site.operatorNamespace);
    site.operator = await startSiteOperator(site, options.operatorArgs);
  });
  let failed = false;
  beforeEach(({ onTestFailed }) => {
    // Tests of one file build on each other: after a failure the rest could only wait for what does not come.
    if (failed) throw new Error('a test before this one failed');
    onTestFailed(() => {
      failed = true;
      return describeSite(site);
    });
  });
  afterAll(async () => {
    await removeNetworks(site);
    await site.operator?.end();
    await kubectl('delete', 'namespace', '--wait=false', ...nodeNamespaces(site), site.operatorNamespace);
  });
  return site;
}

export function startSiteOperator(
  site: Site,
  args: readonly string[] = LEAD_AT_ONCE,
  main?: string,
): Promise<OperatorProcess> {
  return startOperator({
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

/** With the operator still there, which lets them go. A network that does not go is a failure. */
async function removeNetworks(site: Site): Promise<void> {
  for (const namespace of nodeNamespaces(site)) {
    await kubectl('delete', 'tendermintnetworks', '--all', '--wait=false', '--namespace', namespace);
  }
  await eventually(90, async () => {
    for (const namespace of nodeNamespaces(site)) {
      const left = await kube.list(TENDERMINT_NETWORKS, { namespace });
      if (left.length > 0) {
        const names = left.map((network) => network.metadata.name).join(', ');
        throw new Error(`networks do not go away: ${names}\n${tail(site.operator?.log() ?? '')}`);
      }
    }
  });
}

/** What a person would look at first, after a failure. */
async function describeSite(site: Site): Promise<void> {
  const show = (...args: string[]) => kubectl(...args).catch((error: Error) => error.message);
  for (const namespace of nodeNamespaces(site)) {
    console.log(await show('get', 'tendermintnetworks,pods', '--namespace', namespace));
    const networks = await kube.list<{ status?: unknown } & Parameters<typeof kube.create>[1]>(TENDERMINT_NETWORKS, {
      namespace,
    });
    for (const network of networks) console.log(network.metadata.name, JSON.stringify(network.status, null, 1));
  }
  console.log(`the operator's log:\n${tail(site.operator?.log() ?? '')}`);
}

function tail(text: string): string {
  return text.split('\n').slice(-40).join('\n');
}
