/** The kinds that `--kinds` names, by the names of their controllers. */
import { findNearestName } from '../formats/nearest-name.ts';
import { KINDS } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';

/** All when none is named. Throws an Error that names what does not exist, and what does. */
export function chooseKinds(names: readonly string[] | undefined): readonly Kind[] {
  if (names === undefined) return KINDS;
  const known = KINDS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const nearest = findNearestName(unknown, known);
    const hint = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean ${nearest}?`;
    throw new Error(`--kinds: there is no kind ${unknown}; ${hint}`);
  }
  if (names.length === 0) throw new Error(`--kinds: name at least one of ${known.join(', ')}`);
  return KINDS.filter(({ name }) => names.includes(name));
}
