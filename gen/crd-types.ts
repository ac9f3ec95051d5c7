/**
 * TypeScript types of the resources whose CRD is written by hand: `schema.gen.ts` beside the kind, from `chart/crds/`. Structures that are
 * Kubernetes' own become the wire types of src/kube/objects.ts; equal structures become one type.
 */
import { type StructuralSchema as Schema, schemaOf } from '../src/kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../src/kube/objects.ts';
import type { CrdSource } from './crd-sources.ts';

type Context = {
  source: CrdSource;
  /** Name of each structure that has been declared. */
  names: Map<string, string>;
  declarations: string[];
  imports: Set<string>;
};

const LINE_WIDTH = 120;

export function renderTypes(crd: CustomResourceDefinition, source: CrdSource): string {
  const context: Context = { source, names: new Map(), declarations: [], imports: new Set() };
  for (const member of ['spec', 'status'])
    declare(member, schemaOf(crd, member), `${crd.spec?.names.kind}${capitalise(member)}`, context);
  const types = [...context.imports]
    .sort()
    .map((type) => `  ${type},\n`)
    .join('');
  return [
    `/** Made by gen/crd-types.ts from chart/crds/${source.file}. To change it, change that file and run: npm run gen */`,
    ...(context.imports.size === 0 ? [] : [`import type {\n${types}} from '../../kube/objects.ts';`]),
    '',
    ...context.declarations,
    '',
  ].join('\n');
}

/** Declares the type of an object, after those of what is inside it. `base`: the type that it adds to. */
function declare(path: string, schema: Schema, name: string, context: Context, base = ''): string {
  const body = Object.entries(schema.properties ?? {}).map(([member, inner]) => {
    const isRequired = schema.required?.includes(member);
    const type = typeOf(join(path, member), inner, context);
    return `${describe(inner)}  ${member}${isRequired ? `: ${type}` : `?: ${type} | undefined`};\n`;
  });
  if (context.declarations.some((declaration) => declaration.includes(`export type ${name} = `)))
    throw new Error(`gen/crd-sources.ts: two structures are called ${name}; give the one at ${path} a name of its own`);
  context.declarations.push(`export type ${name} = ${base}{\n${body.join('')}};\n`);
  return name;
}

function typeOf(path: string, schema: Schema, context: Context): string {
  const core = context.source.coreTypes[path];
  if (core !== undefined) {
    context.imports.add(core.type);
    if (core.besides === undefined) return core.type;
    const own = Object.entries(schema.properties ?? {}).filter(([member]) => core.besides?.includes(member));
    return objectType(path, { ...schema, properties: Object.fromEntries(own) }, context, `${core.type} & `);
  }
  if (schema['x-kubernetes-int-or-string'] === true) return 'number | string';
  if (schema.enum !== undefined) return schema.enum.map((value) => `'${value}'`).join(' | ');
  if (schema.type === 'array') return listOf(typeOf(`${path}[]`, schema.items ?? {}, context));
  if (schema.additionalProperties !== undefined)
    return `Record<string, ${typeOf(`${path}{}`, schema.additionalProperties, context)}>`;
  if (schema.properties !== undefined) return objectType(path, schema, context);
  if (schema.type === 'integer') return 'number';
  return schema.type === 'object' ? 'Record<string, unknown>' : (schema.type ?? 'unknown');
}

function objectType(path: string, schema: Schema, context: Context, base = ''): string {
  const structure = JSON.stringify(schema, (key, value) => (key === 'description' ? undefined : value));
  const known = context.names.get(structure);
  if (known !== undefined) return known;
  const name = context.source.typeNames[path] ?? capitalise(path.match(/(\w+)\W*$/)?.[1] ?? path);
  context.names.set(structure, name);
  return declare(path, schema, name, context, base);
}

function listOf(item: string): string {
  return /[ |&]/.test(item) ? `(${item})[]` : `${item}[]`;
}

/** The doc comment of a member, wrapped. */
function describe({ description }: Schema): string {
  if (description === undefined) return '';
  const lines: string[] = [];
  for (const word of description.split(/\s+/)) {
    const line = `${lines.at(-1) ?? ''} ${word}`.trimStart();
    if (lines.length > 0 && `   * ${line}`.length <= LINE_WIDTH) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  const single = `  /** ${lines[0]} */\n`;
  return lines.length === 1 && single.length <= LINE_WIDTH
    ? single
    : `  /**\n${lines.map((line) => `   * ${line}\n`).join('')}   */\n`;
}

function join(path: string, member: string): string {
  return `${path}.${member}`;
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
