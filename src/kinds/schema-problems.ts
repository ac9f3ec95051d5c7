/** A zod error as sentences for the person who wrote the object: path, what was found, what to do. */
import type { z } from 'zod';
import { findNearestName } from '../formats/nearest-name.ts';

export function describeSchemaProblems(error: z.ZodError, schema: z.ZodType, prefix: string): string[] {
  return error.issues.map((issue) => {
    const path = issue.path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`),
      prefix,
    );
    if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
    const known = knownMembers(schema, issue.path);
    return issue.keys
      .map((key) => {
        const nearest = findNearestName(key, known);
        return `${path}.${key}: unknown field${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
      })
      .join('; ');
  });
}

/** Names of the members at a path of a schema; none where that cannot be told. */
function knownMembers(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here: unknown = schema;
  for (const part of path) {
    const { shape, element } = unwrap(here) as { shape?: Record<string, unknown>; element?: unknown };
    here = typeof part === 'number' ? element : shape?.[String(part)];
  }
  return Object.keys((unwrap(here) as { shape?: object } | undefined)?.shape ?? {});
}

function unwrap(schema: unknown): unknown {
  const inner = schema as { unwrap?: () => unknown; element?: unknown } | undefined;
  return inner?.unwrap !== undefined && inner.element === undefined ? unwrap(inner.unwrap()) : inner;
}
