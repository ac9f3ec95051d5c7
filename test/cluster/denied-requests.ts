/** An operator never asks for what it may not: a right that a kind lacks is a fault, even where it goes on without. */

/**
 * As the API server says it of an account whose roles do not allow something. A refusal by admission, such as by a quota, reads otherwise.
 * What the operator only tries, and does without where it may not, is not in its log.
 */
const DENIED =
  /\S+ (?:"[^"]*" )?is forbidden: User "system:serviceaccount:[^"]+" cannot \w+ resource "[^"]*" in API group "[^"]*"/g;

/** Throws with every right that was missing. */
export function expectNothingDenied(log: string): void {
  const denied = new Set(log.replaceAll('\\"', '"').match(DENIED));
  if (denied.size > 0) throw new Error(`requests of the operator were denied:\n${[...denied].join('\n')}`);
}
