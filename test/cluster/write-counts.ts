/**
 * How often a pod has written to the API server, by the server's own count and whatever the pod says: an admission policy takes note of its
 * writes and refuses none, and the API server counts what policies note. Where there are several API servers, one is asked.
 */
import type { KubeObject, Pod } from '../../src/kube/objects.ts';
import type { ResourceType } from '../../src/kube/resource-types.ts';
import { kube, kubectl } from './cluster-access.ts';
import { metricSum } from './metric-value.ts';

const POLICIES = admissionType('ValidatingAdmissionPolicy', 'validatingadmissionpolicies');
const BINDINGS = admissionType('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings');

/** Tokens of pods name them. */
const POD_NAME = "'authentication.kubernetes.io/pod-name'";

/** Takes note of the pod's writes from now on, but of those to Leases and of dry runs. Until `forgetWrites`. */
export async function noteWrites({ metadata }: Pod): Promise<void> {
  const name = policyOf(metadata.name);
  const matchConditions = {
    pod: `${POD_NAME} in request.userInfo.extra && '${metadata.name}' in request.userInfo.extra[${POD_NAME}]`,
    'no-lease': "request.resource.resource != 'leases'",
    'no-dry-run': '!(has(request.dryRun) && request.dryRun)',
  };
  const everything = {
    apiGroups: ['*'],
    apiVersions: ['*'],
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    resources: ['*/*'],
  };
  await create(POLICIES, name, {
    failurePolicy: 'Ignore',
    matchConstraints: { resourceRules: [everything] },
    matchConditions: Object.entries(matchConditions).map(([name, expression]) => ({ name, expression })),
    validations: [{ expression: 'false', message: 'a write' }],
  });
  await create(BINDINGS, name, { policyName: name, validationActions: ['Audit'] });
}

export async function forgetWrites({ metadata }: Pod): Promise<void> {
  for (const { plural } of [BINDINGS, POLICIES])
    await kubectl('delete', plural, '--ignore-not-found', policyOf(metadata.name));
}

/** Writes of a pod that were noted. */
export async function countWrites(pod: Pod): Promise<number> {
  const counts = `^apiserver_validating_admission_policy_check_total\\{.*policy="${policyOf(pod.metadata.name)}"`;
  return metricSum(await kubectl('get', '--raw', '/metrics'), new RegExp(counts));
}

function policyOf(pod: string): string {
  return `writes-of-${pod}`;
}

function create(type: ResourceType, name: string, spec: object): Promise<KubeObject> {
  const { group, version, kind } = type;
  return kube.create(type, { apiVersion: `${group}/${version}`, kind, metadata: { name }, spec } as KubeObject);
}

function admissionType(kind: string, plural: string): ResourceType {
  return { group: 'admissionregistration.k8s.io', version: 'v1', kind, plural, namespaced: false };
}
