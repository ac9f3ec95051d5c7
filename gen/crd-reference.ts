/** The field reference of each kind, docs/reference/<kind>.md, from the schema of its CRD. */
import { KINDS } from '../src/kinds/index.ts';

type Rule = { rule: string; message: string };

/** What a structural schema of our CRDs can hold. */
type Schema = {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
  enum?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  'x-kubernetes-validations'?: Rule[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
};

type Column = { name: string; jsonPath: string; description: string; priority?: number };
type Version = { schema: { openAPIV3Schema: Schema }; additionalPrinterColumns: Column[] };

/** Path from the checkout and text of every reference. */
export function renderReferences(): { path: string; text: string }[] {
  return KINDS.map((kind) => {
    const { spec } = kind.crd();
    const version = spec?.versions?.[0] as unknown as Version;
    const { shortNames = [], plural } = spec?.names ?? {};
    const schema = version.schema.openAPIV3Schema;
    const title = `${kind.type.kind} (${kind.type.group}/${kind.type.version})`;
    const known = new Map<string, string>();
    const sections = ['spec', 'status'].flatMap((name) => renderObject(name, schema.properties?.[name] ?? {}, known));
    const lines = [
      `# ${title}`,
      '',
      '<!-- Made by gen/crd-reference.ts from the schema of the CRD. To change it, change the schema and run: npm run gen -->',
      '',
      `${schema.description} Names for kubectl: \`${[plural, ...shortNames].join('`, `')}\`.`,
      '',
      ...renderRules(schema),
      ...sections,
      '## Columns of `kubectl get`',
      '',
      ...table(
        ['Column', 'From', 'Meaning'],
        version.additionalPrinterColumns.map(({ name, jsonPath, description, priority }) => [
          name,
          `\`${jsonPath}\``,
          `${description}${priority === 1 ? ' (with `-o wide`)' : ''}`,
        ]),
      ),
    ];
    return { path: `docs/reference/${kind.type.kind.toLowerCase()}.md`, text: `${lines.join('\n').trimEnd()}\n` };
  });
}

/**
 * A section for an object, then one for each object inside it. `known` has the place of every object that was shown, by its members: what
 * was shown once is linked to afterwards.
 */
function renderObject(path: string, schema: Schema, known: Map<string, string>): string[] {
  const inner: string[] = [];
  const rows = Object.entries(schema.properties ?? {}).map(([name, member]) => {
    const object = member.type === 'array' ? (member.items ?? {}) : member;
    const place = isObject(object)
      ? placeOf(object, `${path}.${name}${member.type === 'array' ? '[]' : ''}`)
      : undefined;
    return [
      `\`${name}\`${schema.required?.includes(name) ? ' (required)' : ''}`,
      describeType(member, place),
      [member.description, ...describeLimits(member), ...describeRules(isObject(member) ? {} : member)]
        .filter((part) => part !== undefined)
        .join(' '),
    ];
  });
  return [`## ${path}`, '', ...renderRules(schema), ...table(['Field', 'Type', 'Meaning'], rows), ...inner];

  function placeOf(object: Schema, here: string): string {
    const members = JSON.stringify(object.properties);
    const shown = known.get(members);
    if (shown !== undefined) return shown;
    known.set(members, here);
    inner.push(...renderObject(here, object, known));
    return here;
  }
}

/** Whether it gets a section of its own. */
function isObject(schema: Schema): boolean {
  return Object.keys(schema.properties ?? {}).length > 0;
}

/** `place`: the section of the object, or of the objects of the list. */
function describeType(schema: Schema, place?: string): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'quantity';
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') return `list of ${describeType(schema.items ?? {}, place)}`;
  if (schema.additionalProperties !== undefined) return `map to ${describeType(schema.additionalProperties)}`;
  if (place !== undefined) {
    const open = schema['x-kubernetes-preserve-unknown-fields'] === true ? ', and more as in a pod' : '';
    return `[${place}](#${place.toLowerCase().replace(/[^a-z]/g, '')})${open}`;
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
