/** A folder of goldens: `in/<case>.yaml`, `out/<case>.json` and, where there are any, `vectors.json`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Json } from './family.ts';

export type GoldenCase = { name: string; input: unknown; output: Json };
export type GoldenFolder = { cases: GoldenCase[]; vectors: Json };

/** Throws an Error that says what is missing. */
export function readGoldenFolder(folder: string): GoldenFolder {
  for (const part of ['in', 'out'])
    if (!existsSync(join(folder, part)))
      throw new Error(`there are no goldens in ${folder}: it has no folder "${part}"`);
  const names = readdirSync(join(folder, 'in')).flatMap((file) => /^(.+)\.ya?ml$/.exec(file)?.slice(1, 2) ?? []);
  if (names.length === 0) throw new Error(`there are no goldens in ${folder}: in/ holds no YAML file`);
  const inputFile = (name: string) =>
    ['yaml', 'yml'].map((ending) => join(folder, 'in', `${name}.${ending}`)).find(existsSync);
  const cases = names.sort().map((name) => {
    const output = join(folder, 'out', `${name}.json`);
    if (!existsSync(output)) throw new Error(`case ${name} of ${folder} has no out/${name}.json`);
    return {
      name,
      input: parse(readFileSync(inputFile(name) as string, 'utf8')) as unknown,
      output: JSON.parse(readFileSync(output, 'utf8')) as Json,
    };
  });
  const vectors = join(folder, 'vectors.json');
  return { cases, vectors: existsSync(vectors) ? (JSON.parse(readFileSync(vectors, 'utf8')) as Json) : {} };
}
