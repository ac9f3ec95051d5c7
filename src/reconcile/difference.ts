/**
 * Whether a live object still contains what we want of it. A subset comparison: members and list entries that others added (defaults,
 * admission, other controllers) are no difference; quantities are compared by value; an empty wish is met by absence.
 */
import { compareQuantities } from './quantity.ts';
import { canonicalJson } from './stamp.ts';

export type Difference = { path: string; wanted: unknown; found: unknown };

/** Members by which the API server merges lists of objects; the first that every entry has uniquely is taken. */
const LIST_KEYS = ['name', 'mountPath', 'containerPort', 'port', 'uid', 'type', 'topologyKey', 'ip'];
/** Maps that the API server replaces as a whole: there an entry that somebody added changes the meaning of ours. */
const ATOMIC_MAPS = /(?:^|\.)(?:selector|matchLabels|nodeSelector)$/;
const QUANTITY_PARENTS = /(?:^|\.)(?:requests|limits|capacity)\.[^.]+$|\.sizeLimit$/;

/** Every place where `found` lacks or contradicts `wanted`, in the order of `wanted`. */
export function differences(wanted: unknown, found: unknown, path = ''): Difference[] {
  if (isEmpty(wanted) && isEmpty(found)) return [];
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found)) return [{ path, wanted, found }];
    return listDifferences(wanted, found, path);
  }
  if (isMap(wanted)) {
    if (!isMap(found)) return [{ path, wanted, found }];
    const added = Object.keys(found).filter((key) => !(key in wanted));
    if (ATOMIC_MAPS.test(path) && added.length > 0) return [{ path, wanted, found }];
    return Object.entries(wanted).flatMap(([key, value]) => differences(value, found[key], join(path, key)));
  }
  if (wanted === undefined || Object.is(wanted, found)) return [];
  if (QUANTITY_PARENTS.test(path) && isScalar(wanted) && isScalar(found) && compareQuantities(wanted, found) === 0)
    return [];
  return [{ path, wanted, found }];
}

/** One difference as a phrase: `spec.replicas 1 → 2`. Long and secret values are only said to differ. */
export function describeDifference(difference: Difference, secret = false): string {
  const { path, wanted, found } = difference;
  if (secret || path.startsWith('data')) return found === undefined ? `${path} is missing` : `${path} differs`;
  return `${path} ${short(found)} → ${short(wanted)}`;
}

function listDifferences(wanted: unknown[], found: unknown[], path: string): Difference[] {
  const key = LIST_KEYS.find((candidate) => isKeyedBy(wanted, candidate) && isKeyedBy(found, candidate));
  if (key !== undefined) {
    return wanted.flatMap((entry) => {
      const id = (entry as Record<string, unknown>)[key];
      const match = found.find((other) => (other as Record<string, unknown>)[key] === id);
      return match === undefined
        ? [{ path: `${path}[${String(id)}]`, wanted: entry, found: undefined }]
        : differences(entry, match, `${path}[${String(id)}]`);
    });
  }
  if (wanted.length !== found.length) return [{ path, wanted, found }];
  return wanted.flatMap((entry, index) => differences(entry, found[index], `${path}[${index}]`));
}

function isKeyedBy(list: unknown[], key: string): boolean {
  const ids = list.map((entry) => (isMap(entry) ? entry[key] : undefined));
  return ids.every((id) => id !== undefined) && new Set(ids).size === ids.length;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === false ||
    (Array.isArray(value) && value.length === 0) ||
    (isMap(value) && Object.values(value).every((member) => member === undefined))
  );
}

function join(path: string, key: string): string {
  if (/^[\w-]+$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}["${key}"]`;
}

function short(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  const text = typeof value === 'string' ? value : canonicalJson(value);
  const [line = ''] = text.split('\n', 1);
  return line.length < text.length || line.length > 60 ? `${line.slice(0, 57)}…` : text;
}
