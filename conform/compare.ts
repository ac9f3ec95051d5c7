/** Every difference between what we make and what a golden has, each with its place. */
import { compareQuantities } from '../src/reconcile/quantity.ts';
import { isJson, type Json } from './family.ts';

/** `undefined` on a side means that there is nothing. */
export type Difference = {
  /** Section and name, such as `pods/gaia-0`. */
  object: string;
  /** Inside of the object; empty for the whole of it. */
  path: string;
  ours: unknown;
  theirs: unknown;
};

type Place = Omit<Difference, 'object'>;

const QUANTITY = /\b(?:requests|limits)\.[^.]+$|\bsizeLimit$/;

/** @param setAside takes out of an object of either side what is no part of the comparison */
export function compareSection(
  section: string,
  ours: unknown,
  theirs: unknown,
  setAside: (object: Json) => Json,
): Difference[] {
  const at = (object: string) => (place: Place) => ({ object, ...place });
  if (!isObjectList(ours) || !isObjectList(theirs)) return compare(ours, theirs).map(at(section));
  return [
    ...compareOrder(ours.map(nameOf), theirs.map(nameOf)).map(at(section)),
    ...distinct([...ours, ...theirs].map(nameOf)).flatMap((name) => {
      const [mine, golden] = [ours, theirs].map((list) => list.find((object) => nameOf(object) === name));
      const places =
        mine && golden ? compare(setAside(mine), setAside(golden)) : [{ path: '', ours: mine, theirs: golden }];
      return places.map(at(`${section}/${name}`));
    }),
  ];
}

function compare(ours: unknown, theirs: unknown, path = ''): Place[] {
  if (isJson(ours) && isJson(theirs)) {
    const members = distinct([...Object.keys(ours), ...Object.keys(theirs)]).sort();
    return members.flatMap((member) => compare(ours[member], theirs[member], join(path, member)));
  }
  if (Array.isArray(ours) && Array.isArray(theirs)) return compareLists(ours, theirs, path);
  if (typeof ours === 'string' && typeof theirs === 'string' && /\n/.test(ours + theirs))
    return compareTexts(ours, theirs, path);
  return Object.is(ours, theirs) || isSameQuantity(ours, theirs, path) ? [] : [{ path, ours, theirs }];
}

/** Entries with names are compared by name, besides their order; others by their place. */
function compareLists(ours: unknown[], theirs: unknown[], path: string): Place[] {
  if (isNamedList(ours) && isNamedList(theirs)) {
    const [own, golden] = [ours, theirs].map((list) => new Map(list.map((entry) => [String(entry.name), entry])));
    return [
      ...compareOrder([...(own?.keys() ?? [])], [...(golden?.keys() ?? [])], path),
      ...distinct([...(own?.keys() ?? []), ...(golden?.keys() ?? [])]).flatMap((name) =>
        compare(own?.get(name), golden?.get(name), `${path}[${name}]`),
      ),
    ];
  }
  if (ours.length !== theirs.length) return [{ path, ours, theirs }];
  return ours.flatMap((entry, index) => compare(entry, theirs[index], `${path}[${index}]`));
}

/** Of what both have; what only one has is a difference of its own. */
function compareOrder(ours: string[], theirs: string[], path = ''): Place[] {
  const [own, golden] = [ours.filter((name) => theirs.includes(name)), theirs.filter((name) => ours.includes(name))];
  return own.join('\n') === golden.join('\n') ? [] : [{ path: `${path}(order)`, ours: own, theirs: golden }];
}

function compareTexts(ours: string, theirs: string, path: string): Place[] {
  const [own, golden] = [ours.split('\n'), theirs.split('\n')];
  const count = Math.max(own.length, golden.length);
  return Array.from({ length: count }, (_, index) => ({
    path: `${path} line ${index + 1}`,
    ours: own[index],
    theirs: golden[index],
  })).filter((line) => line.ours !== line.theirs);
}

function isSameQuantity(ours: unknown, theirs: unknown, path: string): boolean {
  const isAmount = (value: unknown) => typeof value === 'string' || typeof value === 'number';
  return QUANTITY.test(path) && isAmount(ours) && isAmount(theirs) && compareQuantities(ours, theirs) === 0;
}

function isObjectList(value: unknown): value is Json[] {
  return Array.isArray(value) && value.every((entry) => isJson(entry) && isJson(entry.metadata));
}

function isNamedList(list: unknown[]): list is Json[] {
  const names = list.map((entry) => (isJson(entry) ? entry.name : undefined));
  return list.length > 0 && names.every((name) => typeof name === 'string') && distinct(names).length === names.length;
}

function nameOf(object: Json): string {
  return String((object.metadata as Json).name);
}

function join(path: string, member: string): string {
  if (!/^[\w-]+$/.test(member)) return `${path}["${member}"]`;
  return path === '' ? member : `${path}.${member}`;
}

function distinct<T>(values: T[]): T[] {
  return [...new Set(values)];
}
