/**
 * Strategic merge of a patch onto a pod's spec, as `kubectl patch` does it, for users who change the pods that we make. The rules are those
 * of Kubernetes (the `patchStrategy` and `patchMergeKey` of core/v1): lists of named things merge entry by entry, other lists are replaced,
 * maps merge.
 *
 * Where plain Kubernetes would leave a pod that the API server refuses, because a volume has two sources or a probe two handlers, the one
 * in the patch wins. Directives such as `$patch` do not exist here: no CRD lets them through.
 */
import type { PodSpec } from '../kube/objects.ts';

type Json = Record<string, unknown>;
type Rules = { [member: string]: Rule };
type Rule = {
  /** The list's entries are told apart by this member. Without it a list is replaced as a whole. */
  key?: string;
  /** Rules for the members of the map, or of the list's entries. */
  members?: Rules;
  /** Members of which a map has one only; `all`: any but the key. */
  oneOf?: readonly string[] | 'all';
};

const HANDLER: Rule = { oneOf: ['exec', 'grpc', 'httpGet', 'tcpSocket', 'sleep'] };
const CONTAINER: Rules = {
  env: { key: 'name', oneOf: ['value', 'valueFrom'] },
  ports: { key: 'containerPort' },
  volumeMounts: { key: 'mountPath' },
  volumeDevices: { key: 'devicePath' },
  livenessProbe: HANDLER,
  readinessProbe: HANDLER,
  startupProbe: HANDLER,
  lifecycle: { members: { postStart: HANDLER, preStop: HANDLER } },
};
const POD_SPEC: Rules = {
  containers: { key: 'name', members: CONTAINER },
  initContainers: { key: 'name', members: CONTAINER },
  volumes: { key: 'name', oneOf: 'all' },
  imagePullSecrets: { key: 'name' },
  hostAliases: { key: 'ip' },
  topologySpreadConstraints: { key: 'topologyKey' },
};

/** A new spec; the arguments are left as they are. */
export function mergePodSpec(original: PodSpec, patch: Partial<PodSpec>): PodSpec {
  return mergeMap(original as unknown as Json, patch as unknown as Json, { members: POD_SPEC }) as unknown as PodSpec;
}

function mergeMap(original: Json, patch: Json, rule: Rule): Json {
  const merged = { ...original };
  for (const member of replacedAlternatives(original, patch, rule)) delete merged[member];
  for (const [member, value] of Object.entries(patch)) {
    if (isNothing(value)) continue;
    merged[member] = mergeValue(original[member], value, rule.members?.[member] ?? {});
  }
  return merged;
}

function mergeValue(original: unknown, patch: unknown, rule: Rule): unknown {
  if (Array.isArray(original) && Array.isArray(patch))
    return rule.key === undefined ? patch : mergeList(original, patch, rule, rule.key);
  return isMap(original) && isMap(patch) ? mergeMap(original, patch, rule) : patch;
}

function mergeList(original: Json[], patch: Json[], rule: Rule, key: string): Json[] {
  const merged = new Map<unknown, Json>();
  for (const entry of patch) {
    const below = merged.get(entry[key]) ?? original.find((other) => other[key] === entry[key]);
    merged.set(entry[key], below === undefined ? entry : mergeMap(below, entry, rule));
  }
  const position = new Map(original.map((entry, index) => [entry[key], index]));
  const untouched = original.filter((entry) => !merged.has(entry[key]));
  return interleave(untouched, [...merged.values()], (entry) => position.get(entry[key]));
}

/**
 * Both lists keep their own order. What only the original has goes first where the patch's next entry stood behind it in the original; so
 * a new entry at the head of the patch goes before everything that is left.
 */
function interleave(untouched: Json[], patched: Json[], positionOf: (entry: Json) => number | undefined): Json[] {
  const result: Json[] = [];
  const left = [...untouched];
  for (const entry of patched) {
    const position = positionOf(entry) ?? -1;
    while (left[0] !== undefined && (positionOf(left[0]) ?? 0) < position) result.push(left.shift() as Json);
    result.push(entry);
  }
  return [...result, ...left];
}

/** Members of the original that cannot stand beside what the patch brings. */
function replacedAlternatives(original: Json, patch: Json, { oneOf, key }: Rule): string[] {
  if (oneOf === undefined) return [];
  const alternatives = oneOf === 'all' ? Object.keys({ ...original, ...patch }).filter((name) => name !== key) : oneOf;
  const brought = alternatives.filter((name) => !isNothing(patch[name]));
  return brought.length === 0 ? [] : alternatives.filter((name) => name in original && !brought.includes(name));
}

/** An empty list asks for nothing: clients written in Go leave such lists out, so the two must mean the same. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isMap(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
