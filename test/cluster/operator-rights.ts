/** The rights of an operator beside the cluster: those that the chart gives to one inside of it, and what being outside takes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PolicyRule } from '../../src/kinds/kind.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  apiVersionOf,
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
} from '../../src/kube/resource-types.ts';
import { parseManifests, renderChart } from '../helm.ts';
import { kube, kubectl } from './cluster-access.ts';

export type OperatorRights = {
  /** A file for the operator, with a token of its account. */
  kubeconfig: string;
  /** Removes the file, and what does not go with the namespaces. */
  revoke(): Promise<void>;
};

/**
 * All that an operator beside the cluster may do and one in a pod may not: it reaches no pod, so that it asks nodes through the API server.
 * Nothing else is ever added here: a right that is missing is one that the chart lacks.
 */
const OUTSIDE: PolicyRule[] = [{ apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] }];

/** Of the chart, all that makes rights; the rest is about the pod that is not there. */
const TYPES: readonly ResourceType[] = [SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS];

/** Longer than any run. */
const TOKEN_DURATION = '12h';

/** @param settings of the chart, as for `--set`: those that decide what the operator may do */
export async function grantRights(
  operatorNamespace: string,
  namespaces: readonly string[],
  settings: readonly string[] = [],
): Promise<OperatorRights> {
  // Files of a run have their operators at the same time, and some rights are of the whole cluster.
  const account = operatorNamespace;
  const text = await renderChart(operatorNamespace, {
    settings: [`namespaces={${namespaces}}`, `fullnameOverride=${account}`, ...settings],
    hooks: false,
  });
  const granted = [
    ...parseManifests(text),
    ...namespaces.flatMap((namespace) => outsideRights(namespace, { namespace: operatorNamespace, name: account })),
  ].flatMap((object) => {
    const type = TYPES.find(({ kind }) => kind === object.kind);
    return type === undefined ? [] : [{ type, object }];
  });
  for (const { type, object } of granted) await kube.create(type, object);
  const token = await kubectl(
    'create',
    'token',
    account,
    '--namespace',
    operatorNamespace,
    '--duration',
    TOKEN_DURATION,
  );
  const kubeconfig = await writeKubeconfig(token.trim());
  return {
    kubeconfig,
    async revoke() {
      rmSync(dirname(kubeconfig), { recursive: true });
      const ofCluster = granted.filter(({ type }) => !type.namespaced);
      for (const { type, object } of ofCluster) await kubectl('delete', type.plural, object.metadata.name);
    },
  };
}

function outsideRights(namespace: string, account: { namespace: string; name: string }): KubeObject[] {
  const metadata = { namespace, name: `${account.name}-outside` };
  const roleRef = { apiGroup: ROLES.group, kind: ROLES.kind, name: metadata.name };
  return [
    { apiVersion: apiVersionOf(ROLES), kind: ROLES.kind, metadata, rules: OUTSIDE } as KubeObject,
    {
      ...{ apiVersion: apiVersionOf(ROLE_BINDINGS), kind: ROLE_BINDINGS.kind, metadata, roleRef },
      subjects: [{ kind: SERVICE_ACCOUNTS.kind, ...account }],
    } as KubeObject,
  ];
}

/** As that of the tests, but for who uses it. */
async function writeKubeconfig(token: string): Promise<string> {
  const config = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '--flatten', '--output', 'json')) as {
    users: { name: string; user: object }[];
  };
  const users = config.users.map(({ name }) => ({ name, user: { token } }));
  const file = join(mkdtempSync(join(tmpdir(), 'nodewright-rights-')), 'kubeconfig');
  writeFileSync(file, JSON.stringify({ ...config, users }), { mode: 0o600 });
  return file;
}
