import type { StructuralSchema } from '../../src/kinds/structural-schema.ts';

/** A value with every member that a schema knows, one entry in each list and map. */
export function maximalValue(schema: StructuralSchema, name = 'name'): unknown {
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema['x-kubernetes-int-or-string'] === true) return schema.pattern === undefined ? 1 : '1Gi';
  if (schema.type === 'array') return [maximalValue(schema.items ?? {}, name)];
  if (schema.additionalProperties !== undefined) return { key: maximalValue(schema.additionalProperties, name) };
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([member, inner]) => [member, maximalValue(inner, member)]),
    );
  if (schema.type === 'integer') return Math.max(schema.minimum ?? 1, 1);
  if (schema.type === 'boolean') return true;
  if (schema.format === 'date-time') return '2026-01-02T03:04:05Z';
  return schema.pattern === undefined ? name : 'a'.repeat(64);
}
