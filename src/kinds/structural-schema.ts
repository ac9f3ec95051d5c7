/**
 * What the API server does with an object of a kind whose CRD is written by hand, done without one: null members are dropped, defaults
 * filled in, and the rest is held against the schema. Structural schemas are a small part of JSON schema, which is why no library is
 * needed for it. Rules in CEL are not looked at; a kind's own check repeats them.
 */
import { findNearestName } from '../formats/nearest-name.ts';
import type { CustomResourceDefinition } from '../kube/objects.ts';

/** A structural schema, as far as our CRDs use it. */
export type StructuralSchema = {
  type?: string;
  format?: string;
  description?: string;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  default?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: { rule: string; message: string }[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
};

type Members = Record<string, unknown>;

/** The schema of a member of the resource, such as `spec`, in the first version of its CRD. */
export function schemaOf(crd: CustomResourceDefinition, member: string): StructuralSchema {
  const root = crd.spec?.versions[0]?.schema?.openAPIV3Schema as StructuralSchema | undefined;
  return root?.properties?.[member] ?? {};
}

/** The value as the API server would keep it: without null members, and with defaults. What the schema does not describe stays as it is. */
export function completeBySchema(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => completeBySchema(schema.items ?? {}, item));
  if (!isMembers(value)) return value;
  const given = Object.entries(value).flatMap(([name, member]) => {
    const inner = memberSchema(schema, name);
    if (inner === undefined) return [[name, member] as const];
    return member === null ? [] : [[name, completeBySchema(inner, member)] as const];
  });
  const defaults = Object.entries(schema.properties ?? {})
    .filter(([name, member]) => member.default !== undefined && (value[name] ?? undefined) === undefined)
    .map(([name, member]) => [name, member.default] as const);
  return Object.fromEntries([...given, ...defaults]);
}

/**
 * Everything that is wrong with a value, unknown fields included, as sentences with the path in front.
 * @param value completed, see {@link completeBySchema}
 */
export function findSchemaProblems(schema: StructuralSchema, value: unknown, path: string): string[] {
  const wrongType = describeWrongType(schema, value);
  if (wrongType !== undefined) return [`${path}: ${wrongType}`];
  if (Array.isArray(value)) return findListProblems(schema, value, path);
  if (isMembers(value)) return findMemberProblems(schema, value, path);
  return findLimitProblems(schema, value).map((problem) => `${path}: ${problem}`);
}

function findListProblems(schema: StructuralSchema, list: unknown[], path: string): string[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items = {} } = schema;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const keyOf = (item: unknown) => JSON.stringify(keys.map((key) => (isMembers(item) ? item[key] : undefined)));
  const seen = new Set<string>();
  return [
    ...(list.length < minItems ? [`${path}: must have at least ${minItems} entries`] : []),
    ...(list.length > maxItems ? [`${path}: must have at most ${maxItems} entries, not ${list.length}`] : []),
    ...list.flatMap((item, index) => {
      const place = `${path}[${index}]`;
      const problems = findSchemaProblems(items, item, place);
      const key = keyOf(item);
      if (keys.length === 0 || !seen.has(key)) {
        seen.add(key);
        return problems;
      }
      const named = keys.map((name) => `${name} ${show((item as Members)[name])}`).join(', ');
      return [...problems, `${place}: ${named} is there already; each entry needs its own`];
    }),
  ];
}

function findMemberProblems(schema: StructuralSchema, members: Members, path: string): string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => members[name] === undefined);
  return [
    ...missing.map((name) => `${path}.${name}: must be set`),
    ...Object.entries(members).flatMap(([name, value]) => {
      const inner = memberSchema(schema, name);
      if (inner !== undefined)
        return findSchemaProblems(
          inner,
          value,
          additionalProperties === undefined ? `${path}.${name}` : `${path}[${name}]`,
        );
      if (schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
      const nearest = findNearestName(name, Object.keys(properties));
      return [`${path}.${name}: unknown field${nearest === undefined ? '' : `; did you mean ${nearest}?`}`];
    }),
  ];
}

function findLimitProblems(schema: StructuralSchema, value: unknown): string[] {
  const { enum: values, pattern, minimum, maximum, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const problems: string[] = [];
  if (values !== undefined && !values.includes(value))
    problems.push(`must be ${values.map(show).join(' or ')}, not ${show(value)}`);
  if (typeof value === 'number') {
    if (minimum !== undefined && value < minimum) problems.push(`must be at least ${minimum}, not ${value}`);
    if (maximum !== undefined && value > maximum) problems.push(`must be at most ${maximum}, not ${value}`);
  }
  if (typeof value === 'string') {
    if (value.length < minLength)
      problems.push(value === '' ? 'must not be empty' : `must have at least ${minLength} characters`);
    if (value.length > maxLength) problems.push(`must have at most ${maxLength} characters, not ${value.length}`);
    if (pattern !== undefined && !new RegExp(pattern).test(value)) problems.push(describeForm(schema, value));
  }
  return problems;
}

function describeForm(schema: StructuralSchema, value: string): string {
  const isQuantity = schema['x-kubernetes-int-or-string'] === true;
  return isQuantity
    ? `must be a quantity such as 100Gi, not ${show(value)}`
    : `must be of the form ${schema.pattern}, not ${show(value)}`;
}

function describeWrongType(schema: StructuralSchema, value: unknown): string | undefined {
  const expected = schema['x-kubernetes-int-or-string'] === true ? 'integer or string' : schema.type;
  if (expected === undefined || expected.split(' or ').some((type) => isOfType(type, value))) return undefined;
  const found = Array.isArray(value) ? 'a list' : isMembers(value) ? 'an object' : show(value);
  return `must be ${TYPE_NAMES[expected] ?? expected}, not ${found}`;
}

const TYPE_NAMES: Record<string, string> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'a string',
  'integer or string': 'a whole number or a string',
};

function isOfType(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isMembers(value);
  if (type === 'integer') return typeof value === 'number' && Number.isSafeInteger(value);
  return typeof value === type;
}

function memberSchema(
  { properties, additionalProperties }: StructuralSchema,
  name: string,
): StructuralSchema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

function isMembers(value: unknown): value is Members {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
