/**
 * TOML exactly as the Cosmos Operator's encoder (BurntSushi v1.3) writes it, so that a file of its that says the same is the same bytes:
 * keys in bytewise order, plain values before tables, a blank line before every table of the first level and every entry of an array of
 * tables, two spaces per level.
 */
import type { TomlDate } from 'smol-toml';
import { isTomlTable, type TomlTable, type TomlValue } from './toml.ts';

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;

export function renderSortedToml(table: TomlTable): string {
  return renderBody(table, [], '');
}

/** What follows `before`, the text written so far: a document does not begin with a blank line. */
function renderBody(table: TomlTable, path: readonly string[], before: string): string {
  const indent = '  '.repeat(path.length);
  const { plain, nested } = splitEntries(table);
  let text = plain.map(([key, value]) => `${indent}${renderKey(key)} = ${renderValue(value)}\n`).join('');
  const gap = () => (before === '' && text === '' ? '' : '\n');
  for (const [key, value] of nested) {
    const below = [...path, key];
    const name = below.map(renderKey).join('.');
    if (Array.isArray(value)) {
      for (const entry of value as TomlTable[]) {
        text += `${gap()}${indent}[[${name}]]\n`;
        text += renderBody(entry, below, before + text);
      }
    } else {
      text += `${path.length === 0 ? gap() : ''}${indent}[${name}]\n`;
      text += renderBody(value as TomlTable, below, before + text);
    }
  }
  return text;
}

/** Entries in bytewise order of their keys; `nested` are those that get a header of their own. */
function splitEntries(table: TomlTable) {
  const entries = Object.entries(table).sort(([a], [b]) => compareBytewise(a, b));
  return {
    plain: entries.filter(([, value]) => !isNested(value)),
    nested: entries.filter(([, value]) => isNested(value)),
  };
}

function compareBytewise(a: string, b: string): number {
  // JavaScript compares UTF-16, which is another order only beyond ASCII.
  return PLAIN_KEY.test(a) && PLAIN_KEY.test(b) ? (a < b ? -1 : 1) : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isNested(value: TomlValue): boolean {
  return isTomlTable(value) || (Array.isArray(value) && value.length > 0 && value.every(isTomlTable));
}

function renderValue(value: TomlValue): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return renderFloat(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  if (value instanceof Date) return renderDate(value as TomlDate);
  const { plain, nested } = splitEntries(value);
  return `{${[...plain, ...nested].map(([key, member]) => `${renderKey(key)} = ${renderValue(member)}`).join(', ')}}`;
}

function renderKey(key: string): string {
  return PLAIN_KEY.test(key) ? key : quote(key);
}

const ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not stand in a TOML string
  const escaped = text.replace(/["\\\u0000-\u001f\u007f]/g, (character) => {
    return ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** All digits, never an exponent, and always a decimal point. */
function renderFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? '+inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const [mantissa = '', exponent = '0'] = String(Math.abs(value)).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const power = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + power;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  return `${sign}${padded.slice(0, at)}.${padded.slice(at) || '0'}`;
}

/** As it was written, to the millisecond: without trailing zeros, UTC as `Z`. */
function renderDate(date: TomlDate): string {
  return date
    .toISOString()
    .replace(/\.(\d*?)0+(?=Z|[+-]\d\d:|$)/, (_all, digits: string) => (digits === '' ? '' : `.${digits}`))
    .replace(/[+-]00:00$/, 'Z');
}
