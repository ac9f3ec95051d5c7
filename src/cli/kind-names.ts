/** Kinds as people call them on a command line, and what they name there. */
import { KINDS } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../kube/objects.ts';

/** What kubectl knows it by, without a group unless another kind has the name too: `cosmosfullnode`, `symbolnode.example.com`. */
export function nameOfKind(kind: Kind): string {
  const singular = kind.type.kind.toLowerCase();
  const first = KINDS.find((other) => other.type.kind === kind.type.kind);
  return first === kind ? singular : `${singular}.${kind.type.group}`;
}

/** All names that kubectl knows it by, lower-case, those with its group among them. */
export function namesOfKind({ type, crd }: Kind): string[] {
  const names = [type.kind.toLowerCase(), type.plural, ...(crd().spec?.names.shortNames ?? [])];
  return names.flatMap((name) => [name, `${name}.${type.group}`]);
}

/** Undefined when there is no such kind. A name without a group may be that of several. */
export function kindsNamed(word: string): Kind[] | undefined {
  const found = KINDS.filter((kind) => namesOfKind(kind).includes(word.toLowerCase()));
  return found.length === 0 ? undefined : found;
}

/** What the arguments of a command ask for. */
export type Target = {
  /** Absent: of any kind. */
  kinds?: readonly Kind[];
  /** Absent: all of them. */
  name?: string;
  /** As it was typed. */
  text: string;
};

/**
 * `KIND`, `KIND NAME…`, `KIND/NAME…`, or a `NAME` of any kind. Throws an Error that says what is meant where kubectl would not understand
 * it either.
 */
export function parseTargets(words: readonly string[]): Target[] {
  const [first = '', ...others] = words;
  if (words.length === 0) return [];
  if (words.some((word) => word.includes('/'))) return words.map(parseSlashed);
  const kinds = kindsNamed(first);
  if (kinds === undefined) {
    if (others.length > 0) throw new Error(`${first} is no kind; there are ${listKinds()}`);
    return [{ name: first, text: first }];
  }
  if (others.length === 0) return [{ kinds, text: first }];
  return others.map((name) => ({ kinds, name, text: `${first}/${name}` }));
}

function parseSlashed(text: string): Target {
  const [kind = '', name = '', ...rest] = text.split('/');
  if (name === '' || rest.length > 0)
    throw new Error(`${text} is not of the form KIND/NAME; beside names with a slash there must be none without`);
  const kinds = kindsNamed(kind);
  if (kinds === undefined) throw new Error(`${text}: ${kind} is no kind; there are ${listKinds()}`);
  return { kinds, name, text };
}

/**
 * Those that the targets ask for; all of them without targets. Throws an Error that names the first target that asks for one resource and
 * does not find it.
 */
export function chooseTargets<Found extends { kind: Kind; object: KubeObject }>(
  found: readonly Found[],
  targets: readonly Target[],
  namespace: string | undefined,
): Found[] {
  for (const target of targets) {
    if (target.name !== undefined && !found.some(({ kind, object }) => isTarget(target, kind, object)))
      throw new NotThereError(`${target.text}: there is no such resource in ${placeOf(namespace)}`);
  }
  if (targets.length === 0) return [...found];
  return found.filter(({ kind, object }) => targets.some((target) => isTarget(target, kind, object)));
}

/** What was named does not exist. */
export class NotThereError extends Error {}

export function placeOf(namespace: string | undefined): string {
  return namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
}

function isTarget({ kinds, name }: Target, kind: Kind, object: KubeObject): boolean {
  return (kinds === undefined || kinds.includes(kind)) && (name === undefined || object.metadata.name === name);
}

function listKinds(): string {
  return KINDS.map(nameOfKind).join(', ');
}
