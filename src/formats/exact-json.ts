/** JSON text that never loses a digit and whose bytes depend on nothing but the value. */
import { FormatError } from './format-error.ts';
import { describeType } from './json-members.ts';

/**
 * Renders with two spaces of indentation. bigints become integers; a number that JavaScript may have rounded is refused, naming its
 * place under `where`. Members that are undefined are left out; the others keep their order.
 */
export function renderExactJson(value: unknown, where: string): string {
  return renderValue(value, where, '\n');
}

function renderValue(value: unknown, where: string, newline: string): string {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'number':
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
        throw new FormatError(`${where}: found the number ${value}, which is not exact in JSON; write it as a string`);
      }
      return JSON.stringify(value);
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : renderContainer(value, where, newline);
    default:
      throw new FormatError(`${where}: found ${describeType(value)}, need a JSON value`);
  }
}

function renderContainer(value: object, where: string, newline: string): string {
  const inner = `${newline}  `;
  const list = Array.isArray(value);
  const items = list
    ? value.map((item, index) => renderValue(item, `${where}[${index}]`, inner))
    : Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .map(([name, member]) => `${JSON.stringify(name)}: ${renderValue(member, `${where}.${name}`, inner)}`);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  return items.length === 0 ? `${open}${close}` : `${open}${inner}${items.join(`,${inner}`)}${newline}${close}`;
}

/** The same value with the members of every object in code-unit order, so that its bytes do not depend on who wrote it. */
export function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, member]) => [name, sortMembers(member)]));
}
