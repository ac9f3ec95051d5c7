/** An operator never asks for what it may not: a right that a kind lacks is a fault, even where it goes on without. */

/**
 * As the API server says it of an account whose roles do not allow something, or do not allow it to give that to others. A refusal by
 * admission, such as by a quota, reads otherwise. What the operator only tries, and does without where it may not, is not in its log.
 */
const DENIED = [
  /\S+ (?:"[^"]*" )?is forbidden: User "system:serviceaccount:[^"]+" cannot \w+ resource "[^"]*" in API group "[^"]*"(?: in the namespace "[^"]*"| at the cluster scope)?/g,
  /\S+ (?:"[^"]*" )?is forbidden: user "system:serviceaccount:[^"]+" .*?is attempting to grant RBAC permissions not currently held[^}]*\}?/g,
];

/** Throws with every right that was missing. */
export function expectNothingDenied(log: string): void {
  const text = log.replaceAll('\\"', '"');
  const denied = new Set(DENIED.flatMap((words) => text.match(words) ?? []));
  if (denied.size > 0) throw new Error(`requests of the operator were denied:\n${[...denied].join('\n')}`);
}
