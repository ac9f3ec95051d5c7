/** Whether the operator may do what the kinds need; where none is in the cluster, whether this account may. */
import { KINDS } from '../../kinds/index.ts';
import type { PolicyRule } from '../../kinds/kind.ts';
import { isForbidden } from '../../kube/api-error.ts';
import type { Kube } from '../../kube/kube.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { apiVersionOf, SELF_SUBJECT_ACCESS_REVIEWS, SUBJECT_ACCESS_REVIEWS } from '../../kube/resource-types.ts';
import { COMMON_RULES, LEASE_RULES, mergeRules, rulesOfKind } from '../operator-rules.ts';
import { type Finding, unknown } from './finding.ts';
import type { InstalledOperator } from './installed-operator.ts';
import { describeObject, type Surroundings } from './surroundings.ts';

const AT_ONCE = 8;

type Right = { group: string; resource: string; verb: string; namespace: string | undefined };
type Review = KubeObject & { spec: object; status?: { allowed?: boolean } };
/** Undefined: nobody says whose rights they are, so one's own. */
type Account = { user: string; groups: string[] };

export async function checkRights({ kube, operators }: Surroundings): Promise<Finding[]> {
  if (operators.length === 0) return checkOwn(kube);
  return (await Promise.all(operators.map((operator) => checkOperator(kube, operator)))).flat();
}

async function checkOperator(kube: Kube, operator: InstalledOperator): Promise<Finding[]> {
  const { namespace, serviceAccount } = operator;
  const subject = `ServiceAccount ${namespace}/${serviceAccount}`;
  const user = `system:serviceaccount:${namespace}:${serviceAccount}`;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  const needed = neededRights(operator);
  try {
    const missing = await findMissing(kube, needed, { user, groups });
    if (missing.length === 0)
      return [{ check: 'rights', level: 'ok', subject, message: `has all ${needed.length} rights that it needs` }];
    return describeMissing(missing).map((words) => ({
      ...{ check: 'rights', level: 'error', subject, message: `may not ${words}` },
      fix: `give it the rights of this release, by the Helm chart or as in docs/operations.md; then kubectl auth can-i ${words.split(' ')[0]?.replace(/,$/, '')} ${words.split(' of ')[0]?.split(' ').at(-1)} --as ${user} says yes`,
    }));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [unknown('rights', `${describeObject(operator.deployment)}: ${(error as Error).message}`)];
  }
}

/** What `status`, `plan` and this command read; only said, as nobody need have all of it. */
async function checkOwn(kube: Kube): Promise<Finding[]> {
  const rules = KINDS.map(({ type }) => ({ apiGroups: [type.group], resources: [type.plural], verbs: ['list'] }));
  const needed = rightsIn(
    mergeRules([...rules, { apiGroups: [''], resources: ['pods/proxy'], verbs: ['get'] }]),
    undefined,
  );
  const missing = await findMissing(kube, needed, undefined);
  if (missing.length === 0)
    return [{ check: 'rights', level: 'ok', message: 'this account may look at all resources, and ask their nodes' }];
  return [
    {
      ...{ check: 'rights', level: 'warning' },
      message: `this account may not ${describeMissing(missing).join('; ')}: status and plan show less`,
      fix: 'use -n NAME with a namespace where it may, or an account with these rights',
    },
  ];
}

/** Every verb that a running operator uses, with the namespaces that it uses it in. Pure. */
export function neededRights(
  operator: Pick<InstalledOperator, 'namespaces' | 'kinds' | 'leaseNamespace' | 'hoprConfig'>,
): Right[] {
  const kinds = KINDS.filter(
    (kind) =>
      (operator.kinds === undefined || operator.kinds.includes(kind.name)) &&
      (kind.isEnabled === undefined || operator.hoprConfig !== undefined),
  );
  const rules = mergeRules([...kinds.flatMap(rulesOfKind), ...COMMON_RULES]);
  const everywhere: (string | undefined)[] = operator.namespaces ?? [undefined];
  return [
    ...everywhere.flatMap((namespace) => rightsIn(rules, namespace)),
    ...rightsIn(LEASE_RULES, operator.leaseNamespace),
  ];
}

function rightsIn(rules: readonly PolicyRule[], namespace: string | undefined): Right[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb, namespace }))),
    ),
  );
}

async function findMissing(kube: Kube, rights: readonly Right[], account: Account | undefined): Promise<Right[]> {
  const missing: Right[] = [];
  for (let begin = 0; begin < rights.length; begin += AT_ONCE) {
    const some = rights.slice(begin, begin + AT_ONCE);
    const allowed = await Promise.all(some.map((right) => isAllowed(kube, right, account)));
    missing.push(...some.filter((_, index) => !allowed[index]));
  }
  return missing;
}

async function isAllowed(kube: Kube, right: Right, account: Account | undefined): Promise<boolean> {
  const type = account === undefined ? SELF_SUBJECT_ACCESS_REVIEWS : SUBJECT_ACCESS_REVIEWS;
  const [resource, subresource] = right.resource.split('/');
  const { group, verb, namespace } = right;
  const resourceAttributes = {
    ...{ group, resource, verb },
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
  };
  const review = await kube.create<Review>(type, {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    // It has none: it is a question.
    metadata: {} as KubeObject['metadata'],
    spec: { resourceAttributes, ...account },
  });
  return review.status?.allowed === true;
}

/** `create, patch pods; get secrets of … in namespace a`. Pure. */
export function describeMissing(missing: readonly Right[]): string[] {
  const verbs = new Map<string, string[]>();
  for (const { group, resource, verb, namespace } of missing) {
    const what = `${resource}${group === '' ? '' : `.${group}`} ${namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`}`;
    verbs.set(what, [...(verbs.get(what) ?? []), verb]);
  }
  return [...verbs].map(([what, names]) => `${names.join(', ')} ${what}`);
}
