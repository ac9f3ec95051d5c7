/** Members whose text is YAML of a known form: read leniently, as the HOPR operator does, and what it would overlook is told. */
import { z } from 'zod';
import { FormatError } from '../../../formats/format-error.ts';
import { parseYamlText } from '../../../formats/yaml-text.ts';
import { describeSchemaProblems } from '../../schema-problems.ts';

export type Reading<T> = {
  /** Undefined for a text without content, and where there are faults. */
  value: T | undefined;
  /** Why it cannot be used, each with its line. */
  faults: string[];
  /** Members that are not known and count for nothing, each with its line. */
  oversights: string[];
};

/** @param schema strict, so that unknown members are found; they do not keep the rest from being used */
export function readYamlMember<T>(schema: z.ZodType<T>, text: string | undefined, where: string): Reading<T> {
  const nothing: Reading<T> = { value: undefined, faults: [], oversights: [] };
  if (text === undefined) return nothing;
  try {
    const { value, lineOf } = parseYamlText(text, where);
    if (value === null) return nothing;
    const describe = (issue: z.core.$ZodIssue) => {
      const [problem = ''] = describeSchemaProblems(new z.ZodError([issue]), schema, '');
      return `${where}: line ${lineOf(placeOf(issue))}, ${problem.replace(/^[.:]\s*/, '')}`;
    };
    const unknown = (schema.safeParse(value).error?.issues ?? []).filter(isUnknownMember);
    const { data, error } = schema.safeParse(withoutMembers(value, unknown));
    return { value: data, faults: (error?.issues ?? []).map(describe), oversights: unknown.map(describe) };
  } catch (error) {
    if (error instanceof FormatError) return { ...nothing, faults: [error.message] };
    throw error;
  }
}

function isUnknownMember(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueUnrecognizedKeys {
  return issue.code === 'unrecognized_keys';
}

function placeOf(issue: z.core.$ZodIssue): PropertyKey[] {
  return isUnknownMember(issue) ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
}

function withoutMembers(value: unknown, issues: z.core.$ZodIssueUnrecognizedKeys[]): unknown {
  const copy = structuredClone(value);
  for (const { path, keys } of issues) {
    const place = path.reduce<unknown>((here, part) => (here as Record<PropertyKey, unknown>)[part], copy);
    for (const key of keys) delete (place as Record<string, unknown>)[key];
  }
  return copy;
}
