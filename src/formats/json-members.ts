/**
 * Reading parsed JSON member by member, with errors that say which member is wrong. Hand-written rather than a schema library: the
 * agent loads this inside every node pod and has 16 MB to live in. Messages name the JSON type that was found, never a string's
 * content, so they are safe for key files as well; only the integer readers quote what they were given.
 */
import { FormatError } from './format-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses JSON text; `where` starts the error message. The message never repeats the text, which may be a key. */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FormatError(`${where}: found text that is not JSON, need a JSON document`);
  }
}

/** The JSON type of a value with an article, for "found …" in messages. */
export function describeType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function asObject(value: unknown, where: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(where, value, 'an object');
  return value as JsonObject;
}

export function asArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrongType(where, value, 'an array');
  return value;
}

export function readObject(object: JsonObject, name: string, where: string): JsonObject {
  return asObject(object[name], `${where}.${name}`);
}

/** An array; Go encodes an empty one as null, so null and absence count as empty. */
export function readArray(object: JsonObject, name: string, where: string): readonly unknown[] {
  return asArray(object[name] ?? [], `${where}.${name}`);
}

export function readString(object: JsonObject, name: string, where: string): string {
  const value = object[name];
  if (typeof value !== 'string') throw wrongType(`${where}.${name}`, value, 'a string');
  return value;
}

/** A string that Go leaves out when it is empty. */
export function readOptionalString(object: JsonObject, name: string, where: string): string {
  return object[name] === undefined || object[name] === null ? '' : readString(object, name, where);
}

export function readBoolean(object: JsonObject, name: string, where: string): boolean {
  const value = object[name];
  if (typeof value !== 'boolean') throw wrongType(`${where}.${name}`, value, 'true or false');
  return value;
}

/** A 64-bit integer, written as a decimal string (CometBFT) or as a JSON number (Cosmos SDK) that is still exact. */
export function readBigInt(object: JsonObject, name: string, where: string): bigint {
  return asBigInt(object[name], `${where}.${name}`);
}

export function asBigInt(value: unknown, where: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'number' && Number.isInteger(value)) {
    throw new FormatError(`${where}: found a number over 2^53, which JSON readers round; write it as a string`);
  }
  const found =
    typeof value === 'string' || typeof value === 'number' ? quoteShort(String(value)) : describeType(value);
  throw new FormatError(`${where}: found ${found}, need an integer`);
}

/** An integer from 0 to 2^53 − 1, such as a height, as a string or a number. */
export function readCount(object: JsonObject, name: string, where: string): number {
  const value = readBigInt(object, name, where);
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new FormatError(`${where}.${name}: found ${value}, need an integer from 0 to 2^53 - 1`);
  }
  return Number(value);
}

function wrongType(where: string, value: unknown, need: string): FormatError {
  return new FormatError(`${where}: found ${describeType(value)}, need ${need}`);
}

function quoteShort(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
