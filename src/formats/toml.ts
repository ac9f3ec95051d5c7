/**
 * TOML that survives reading and writing unchanged: integers are bigints and numbers are floats, so `1` stays `1`, `1.0` stays `1.0`
 * and a 64-bit integer stays exact. Comments are not kept. A table made in code must follow the same rule: `26657n`, not `26657`.
 */
import { parse, stringify, type TomlDate, TomlError } from 'smol-toml';
import { FormatError } from './format-error.ts';

export type TomlValue = string | boolean | bigint | number | TomlDate | TomlValue[] | TomlTable;
export type TomlTable = { [key: string]: TomlValue };

/** Parses a TOML document. `where` names it in the error: "spec.config: line 3, column 8: …". */
export function parseToml(text: string, where: string): TomlTable {
  try {
    return parse(text, { integersAsBigInt: true }) as TomlTable;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split('\n', 1)[0]?.replace('Invalid TOML document: ', '');
    throw new FormatError(`${where}: line ${error.line}, column ${error.column}: ${reason}`);
  }
}

/** Writes a table as a TOML document; keys keep their order, sub-tables follow the plain keys. */
export function renderToml(table: TomlTable): string {
  return stringify(table, { numbersAsFloat: true });
}

/** `override` over `base`, as a new table: tables merge key by key and deeply, everything else, arrays too, is replaced. */
export function mergeToml(base: TomlTable, override: TomlTable): TomlTable {
  const merged = { ...base };
  for (const [key, value] of Object.entries(override)) {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    const result = isTomlTable(value) && isTomlTable(below) ? mergeToml(below, value) : value;
    // Plain assignment to a key named __proto__ would change the prototype instead.
    Object.defineProperty(merged, key, { value: result, enumerable: true, configurable: true, writable: true });
  }
  return merged;
}

export function isTomlTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}
