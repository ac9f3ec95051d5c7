/** Reads the YAML files that people give to commands. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { LineCounter, parseAllDocuments } from 'yaml';
import { KINDS } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { completeBySchema, schemaOf } from '../kinds/structural-schema.ts';
import type { KubeObject } from '../kube/objects.ts';
import { apiVersionOf } from '../kube/resource-types.ts';

export type KnownResource = { kind: Kind; object: KubeObject };

/**
 * The resources of our kinds in a file; objects of other kinds are skipped, as `examples/` may carry them along. Throws an Error with one
 * line per problem, each naming file, object and field, when the file cannot be read or anything in it is wrong. Warnings go to standard
 * error.
 */
export async function readResources(file: string): Promise<KnownResource[]> {
  const where = file === '-' ? 'standard input' : file;
  const source =
    file === '-'
      ? await text(process.stdin)
      : await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new Error(`${where}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`);
        });
  const lines = new LineCounter();
  const documents = parseAllDocuments(source, { version: '1.1', lineCounter: lines });
  const resources: KnownResource[] = [];
  const problems: string[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    for (const error of document.errors)
      problems.push(`${where}:${error.linePos?.[0].line ?? '?'}: ${error.message.split('\n')[0]}`);
    if (document.errors.length > 0) continue;
    const object = document.toJS() as KubeObject | null;
    if (object === null) continue;
    const line = lines.linePos(document.range?.[0] ?? 0).line;
    const kind = KINDS.find(
      (candidate) => candidate.type.kind === object.kind && apiVersionOf(candidate.type) === object.apiVersion,
    );
    if (kind === undefined) {
      if (KINDS.some((candidate) => candidate.type.kind === object.kind)) {
        problems.push(`${where}:${line}: ${object.kind} has no apiVersion ${object.apiVersion}`);
      }
      continue;
    }
    if (typeof object.metadata?.name !== 'string') {
      problems.push(`${where}:${line}: ${object.kind} has no metadata.name`);
      continue;
    }
    const found = kind.check(object).map((problem) => `${where}: ${problem}`);
    problems.push(...found);
    if (found.length > 0) continue;
    const complete = completeSpec(kind, object);
    for (const warning of kind.warn?.(complete) ?? []) process.stderr.write(`${where}: warning: ${warning}\n`);
    resources.push({ kind, object: complete });
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  if (resources.length === 0) {
    throw new Error(
      `${where}: holds no resource of a kind that Nodewright knows (${KINDS.map(({ type }) => type.kind).join(', ')})`,
    );
  }
  return resources;
}

/** The object as the API server would keep it, so that what is rendered from a file is what the operator makes of the resource. */
function completeSpec(kind: Kind, object: KubeObject): KubeObject {
  const { spec } = object as KubeObject & { spec?: unknown };
  return { ...object, spec: completeBySchema(schemaOf(kind.crd(), 'spec'), spec) } as KubeObject;
}
