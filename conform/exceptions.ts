/**
 * Differences that are meant. Each names the cases, the place, why it is so, and what we have there; one that does not say exactly that is
 * no exception.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Difference } from './compare.ts';
import { isJson } from './family.ts';

const exceptionSchema = z
  .strictObject({
    family: z.string(),
    case: z.string().describe('glob'),
    input: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('what the input of the case must have; strings are globs'),
    object: z.string().describe('glob, such as roles/*'),
    path: z.string().default('').describe('glob'),
    bug: z.string().optional().describe('number of the fault that we do not copy'),
    reason: z.string(),
    ours: z.unknown().describe('strings are globs; null: nothing'),
  })
  .refine((exception) => 'ours' in exception, 'ours is missing: what we have there, null for nothing');

export type Exception = z.infer<typeof exceptionSchema>;

/** Throws an Error that names the file and what is wrong in it. */
export function readExceptions(file: string): Exception[] {
  const result = z.array(exceptionSchema).safeParse(parse(readFileSync(file, 'utf8')));
  if (result.success) return result.data;
  throw new Error(`${file}: ${z.prettifyError(result.error)}`);
}

export function concernsCase(exception: Exception, golden: { name: string; input: unknown }): boolean {
  return (
    matchesGlob(exception.case, golden.name) &&
    (exception.input === undefined || includes(exception.input, golden.input))
  );
}

export function allows(exception: Exception, difference: Difference): boolean {
  return (
    matchesGlob(exception.object, difference.object) &&
    matchesGlob(exception.path, difference.path) &&
    equals(exception.ours, difference.ours)
  );
}

/** Whether `value` is as the pattern has it; of a map, in the members that the pattern has. */
function includes(pattern: unknown, value: unknown): boolean {
  if (!isJson(pattern)) return equals(pattern, value);
  return isJson(value) && Object.entries(pattern).every(([member, wanted]) => includes(wanted, value[member]));
}

function equals(pattern: unknown, value: unknown): boolean {
  if (pattern === null) return value === undefined || value === null;
  if (typeof pattern === 'string') return typeof value === 'string' && matchesGlob(pattern, value);
  if (Array.isArray(pattern))
    return (
      Array.isArray(value) &&
      value.length === pattern.length &&
      pattern.every((entry, index) => equals(entry, value[index]))
    );
  if (!isJson(pattern)) return Object.is(pattern, value);
  return isJson(value) && Object.keys(value).every((member) => member in pattern) && includesAll(pattern, value);
}

function includesAll(pattern: Record<string, unknown>, value: Record<string, unknown>): boolean {
  return Object.entries(pattern).every(([member, wanted]) => equals(wanted, value[member]));
}

/** `*` stands for anything. */
function matchesGlob(glob: string, text: string): boolean {
  const parts = glob.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`).test(text);
}
