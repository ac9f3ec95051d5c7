/** The field reference of each kind, docs/reference/<kind>.md, from the schema of its CRD. */
import { KINDS } from '../src/kinds/index.ts';
import { type StructuralSchema as Schema, schemaOf } from '../src/kinds/structural-schema.ts';
import type { CustomResourceDefinition } from '../src/kube/objects.ts';
import { readCrd } from './crd-modules.ts';
import { CRD_SOURCES, type CrdSource } from './crd-sources.ts';

type Context = {
  /** Structures of Kubernetes' own, by path; they are named and not shown. */
  coreTypes: CrdSource['coreTypes'];
  /** The place of every object that was shown, by its members: what was shown once is linked to afterwards. */
  known: Map<string, string>;
};

/** Path from the checkout and text of every reference. */
export function renderReferences(): { path: string; text: string }[] {
  const written = CRD_SOURCES.map((source) => ({ crd: readCrd(source), coreTypes: source.coreTypes }));
  const names = new Set(written.map(({ crd }) => crd.metadata.name));
  const made = KINDS.map((kind) => ({ crd: kind.crd(), coreTypes: {} })).filter(
    ({ crd }) => !names.has(crd.metadata.name),
  );
  const all = [...made, ...written];
  return all.flatMap(({ crd, coreTypes }, index) => {
    // A kind of several groups has one schema.
    const isOfKind = (other: (typeof all)[number]) => other.crd.spec?.names.kind === crd.spec?.names.kind;
    if (all.findIndex(isOfKind) !== index) return [];
    const groups = all.filter(isOfKind).map((other) => other.crd);
    return [
      {
        path: `docs/reference/${crd.spec?.names.kind.toLowerCase()}.md`,
        text: renderReference(crd, coreTypes, groups),
      },
    ];
  });
}

/** @param groups the CRDs of the kind, of which `crd` is the first */
function renderReference(
  crd: CustomResourceDefinition,
  coreTypes: CrdSource['coreTypes'],
  groups: CustomResourceDefinition[],
): string {
  const { names } = crd.spec ?? {};
  const version = crd.spec?.versions[0];
  const root = version?.schema?.openAPIV3Schema as Schema;
  const context: Context = { coreTypes, known: new Map() };
  const apiVersions = groups.map(({ spec }) => `${spec?.group}/${spec?.versions[0]?.name}`).join(', ');
  const shortNames = groups.flatMap(({ spec }) => spec?.names.shortNames ?? []);
  const kubectlNames = [names?.plural, ...shortNames].map((name) => `\`${name}\``).join(', ');
  const lines = [
    `# ${names?.kind} (${apiVersions})`,
    '',
    '<!-- Made by gen/crd-reference.ts from the schema of the CRD. To change it, change the schema and run: npm run gen -->',
    '',
    `${root.description} Names for kubectl: ${kubectlNames}.`,
    '',
    ...renderRules(root),
    ...['spec', 'status'].flatMap((member) => renderObject(member, schemaOf(crd, member), context)),
    '## Columns of `kubectl get`',
    '',
    ...table(
      ['Column', 'From', 'Meaning'],
      (version?.additionalPrinterColumns ?? []).map(({ name, jsonPath, description, priority }) => [
        name,
        `\`${jsonPath}\``,
        `${description}${priority === 1 ? ' (with `-o wide`)' : ''}`,
      ]),
    ),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A section for an object, then one for each object inside it. */
function renderObject(path: string, schema: Schema, context: Context): string[] {
  const inner: string[] = [];
  const core = context.coreTypes[path];
  const rows = shownMembers(schema, core?.besides).map(([name, member]) => {
    const object = elementOf(member);
    const here = `${path}.${name}${object === member ? '' : member.type === 'array' ? '[]' : '{}'}`;
    const coreType = context.coreTypes[here];
    const isShown = coreType === undefined || coreType.besides !== undefined || isDescribed(object);
    const place = !isShown ? coreType : isObject(object) ? placeOf(object, here) : undefined;
    return [
      `\`${name}\`${schema.required?.includes(name) ? ' (required)' : ''}`,
      describeType(member, place),
      [member.description, ...describeLimits(member), ...describeRules(isObject(member) ? {} : member)]
        .filter((part) => part !== undefined)
        .join(' '),
    ];
  });
  const more =
    core === undefined || core.besides === undefined
      ? []
      : [`Besides, the members of a ${core.type}, as in a pod.`, ''];
  return [`## ${path}`, '', ...renderRules(schema), ...table(['Field', 'Type', 'Meaning'], rows), ...more, ...inner];

  function placeOf(object: Schema, here: string): string {
    const members = JSON.stringify(object.properties);
    const shown = context.known.get(members);
    if (shown !== undefined) return shown;
    context.known.set(members, here);
    inner.push(...renderObject(here, object, context));
    return here;
  }
}

/** Of what is Kubernetes' own, what the kind has besides and what it says something about. */
function shownMembers(schema: Schema, besides: string[] | undefined): [string, Schema][] {
  const members = Object.entries(schema.properties ?? {});
  return besides === undefined
    ? members
    : members.filter(([name, { description }]) => besides.includes(name) || description !== undefined);
}

/** What a list or a map holds; otherwise the schema itself. */
function elementOf(schema: Schema): Schema {
  if (schema.type === 'array') return schema.items ?? {};
  return schema.additionalProperties ?? schema;
}

function isDescribed(schema: Schema): boolean {
  return Object.values(schema.properties ?? {}).some(({ description }) => description !== undefined);
}

/** Whether it gets a section of its own. */
function isObject(schema: Schema): boolean {
  return Object.keys(schema.properties ?? {}).length > 0;
}

/** `place`: the section of the object, or of the objects of the list or map; or the structure of Kubernetes' own that it is. */
function describeType(schema: Schema, place?: string | { type: string }): string {
  if (schema['x-kubernetes-int-or-string'] === true)
    return schema.pattern === undefined ? 'number or string' : 'quantity';
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') return `list of ${describeType(schema.items ?? {}, place)}`;
  if (schema.additionalProperties !== undefined) return `map to ${describeType(schema.additionalProperties, place)}`;
  if (typeof place === 'object') return `${place.type}, as in Kubernetes`;
  if (place !== undefined) {
    const open = schema['x-kubernetes-preserve-unknown-fields'] === true ? ', and more as in a pod' : '';
    return `[${place}](#${place.toLowerCase().replace(/[^a-z0-9]/g, '')})${open}`;
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return 'any object';
  return schema.type ?? 'any';
}

function describeLimits(schema: Schema): string[] {
  const { minimum, maximum, maxLength, maxItems, pattern } = schema.type === 'array' ? limitsOfList(schema) : schema;
  // Said once is enough.
  const said = /\bat most\b/.test(schema.description ?? '');
  return [
    ...(minimum === undefined ? [] : [`At least ${minimum}.`]),
    ...(maximum === undefined ? [] : [`At most ${maximum}.`]),
    ...(maxLength === undefined || said ? [] : [`At most ${maxLength} characters.`]),
    ...(maxItems === undefined ? [] : [`At most ${maxItems} entries.`]),
    ...(pattern === undefined || schema['x-kubernetes-int-or-string'] === true ? [] : [`Form: \`${pattern}\`.`]),
  ];
}

/** A list of plain values shows the form of one value. */
function limitsOfList({ maxItems, items }: Schema): Schema {
  return {
    ...(maxItems === undefined ? {} : { maxItems }),
    ...(items?.pattern === undefined ? {} : { pattern: items.pattern }),
  };
}

function describeRules(schema: Schema): string[] {
  return (schema['x-kubernetes-validations'] ?? []).map(({ message }) => `Refused otherwise: ${message}.`);
}

function renderRules(schema: Schema): string[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  return ['The API server refuses what breaks a rule:', '', ...rules.map(({ message }) => `- ${message}`), ''];
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/<(?=[a-z])/g, '\\<')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''];
}
