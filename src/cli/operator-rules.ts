/** What the operator has to be allowed: the same for the manifests that the demo installs and for the Helm chart. */
import type { Kind, PolicyRule } from '../kinds/kind.ts';
import { EVENTS, LEASES } from '../kube/resource-types.ts';

/** Whatever the kinds, in every namespace that is watched. */
export const COMMON_RULES: readonly PolicyRule[] = [
  { apiGroups: [EVENTS.group], resources: [EVENTS.plural], verbs: ['create', 'patch', 'list'] },
];

/** In the operator's namespace alone: leadership, and the reservations of validator keys. */
export const LEASE_RULES: readonly PolicyRule[] = [
  {
    apiGroups: [LEASES.group],
    resources: [LEASES.plural],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  },
];

/** What the controller of one kind does in every namespace that is watched. */
export function rulesOfKind({ type, rules }: Kind): PolicyRule[] {
  return mergeRules([
    { apiGroups: [type.group], resources: [type.plural], verbs: ['get', 'list', 'watch', 'patch'] },
    { apiGroups: [type.group], resources: [`${type.plural}/status`], verbs: ['patch'] },
    // Owner references that block the deletion of the owner ask for this where the cluster checks them.
    { apiGroups: [type.group], resources: [`${type.plural}/finalizers`], verbs: ['update'] },
    ...rules,
  ]);
}

/** The same rights in fewer rules: every resource once, resources of one group with the same verbs together; all sorted. */
export function mergeRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const verbsOf = new Map<string, Set<string>>();
  for (const { apiGroups, resources, verbs } of rules) {
    for (const resource of apiGroups.flatMap((group) => resources.map((name) => `${group} ${name}`))) {
      verbsOf.set(resource, new Set([...(verbsOf.get(resource) ?? []), ...verbs]));
    }
  }
  const merged = new Map<string, PolicyRule>();
  for (const [resource, verbs] of [...verbsOf].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [group = '', name = ''] = resource.split(' ');
    const sorted = [...verbs].sort();
    const key = `${group} ${sorted}`;
    const rule = merged.get(key);
    if (rule === undefined) merged.set(key, { apiGroups: [group], resources: [name], verbs: sorted });
    else rule.resources.push(name);
  }
  return [...merged.values()];
}
