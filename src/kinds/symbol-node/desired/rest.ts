/** REST's configuration: the file of the network's package with the user's values over it. */
import { FormatError } from '../../../formats/format-error.ts';
import { asObject, type JsonObject, parseJson } from '../../../formats/json-members.ts';
import type { NetworkPackage } from '../../../formats/symbol-network-package.ts';

/**
 * The text of rest.json. Of the `layers` each goes over those before it: objects merge member by member, everything else, arrays too, is
 * replaced. Without any the file stays as it is to the byte. Throws a FormatError when the package does not have the file.
 */
export function buildRestConfig({ rest }: NetworkPackage, isLight: boolean, ...layers: readonly JsonObject[]): string {
  const name = isLight ? 'rest-light.json' : 'rest.json';
  const where = `network package: rest/${name}`;
  const text = rest.get(name);
  if (text === undefined) throw new FormatError(`${where}: found nothing, need this file: the package is not complete`);
  const base = asObject(parseJson(text, where), where);
  if (layers.every((layer) => Object.keys(layer).length === 0)) return text;
  return `${JSON.stringify(layers.reduce(mergeJson, base), null, 2)}\n`;
}

function mergeJson(base: JsonObject, layer: JsonObject): JsonObject {
  const merged = Object.entries(layer).map(([key, value]): [string, unknown] => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isObject(value) && isObject(below) ? mergeJson(below, value) : value];
  });
  return Object.fromEntries([...Object.entries(base), ...merged]);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
