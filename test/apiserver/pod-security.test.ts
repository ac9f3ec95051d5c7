/** With `--pod-security Restricted` the pods of adopted kinds are let into a namespace that enforces this profile. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../src/kinds/index.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { apiVersionOf, NAMESPACES } from '../../src/kube/resource-types.ts';
import type { PodSecurity } from '../../src/reconcile/pod-security.ts';
import { useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';

const api = useTestApi();
const NAMESPACE = 'locked';
/** Pods, and what makes them: the API server refuses the first and warns of the others. */
const WORKLOADS = new Set(['Pod', 'StatefulSet', 'Job']);
/** Those whose pods can be rendered without a cluster; HOPR's are left as they are. */
const examples = readdirSync('examples').flatMap((file) => {
  const documents = parseAllDocuments(readFileSync(`examples/${file}`, 'utf8'));
  const objects = Array.isArray(documents) ? documents.map((document) => document.toJS() as KubeObject) : [];
  return objects.flatMap((object) => {
    const kind = KINDS.find(({ type }) => apiVersionOf(type) === object.apiVersion && type.kind === object.kind);
    if (kind === undefined || !['cosmos-full-node', 'stateful-job'].includes(kind.name)) return [];
    return [[`${file} ${object.metadata.name}`, kind, object] as const];
  });
});

beforeAll(async () => {
  const profile = 'pod-security.kubernetes.io';
  const labels = { [`${profile}/enforce`]: 'restricted', [`${profile}/warn`]: 'restricted' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } };
  await api.kube.create(NAMESPACES, namespace);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: NAMESPACE, name: 'default' } };
  await kubectl(api, ['apply', '-f', '-'], account);
});

const workloadsOf = (kind: Kind, object: KubeObject, podSecurity: PodSecurity) =>
  kind
    .render(
      { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } },
      { operatorNamespace: 'nodewright', agentImage: 'nodewright:test', podSecurity },
      new Date(),
      randomBytes,
    )
    .filter((made) => WORKLOADS.has(made.kind ?? ''))
    .map((made) => {
      const spec =
        made.kind === 'Pod' ? { ...(made as { spec?: object }).spec, serviceAccountName: 'default' } : undefined;
      const { ownerReferences: _none, ...metadata } = made.metadata;
      return { ...made, metadata, ...(spec === undefined ? {} : { spec }) };
    });

const apply = (objects: object[]) =>
  kubectl(api, ['apply', '--dry-run=server', '--warnings-as-errors', '-f', '-'], ...objects);

test.each(examples)('%s', async (_, kind, object) => {
  const answer = await apply(workloadsOf(kind, object, 'Restricted'));
  expect(answer).not.toContain('refused');
  expect(answer).toContain('(server dry run)');
  expect(await apply(workloadsOf(kind, object, 'Original'))).toMatch(/refused: [\s\S]*restricted/);
});
