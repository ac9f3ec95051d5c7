/** Hashes of what we write, independent of the order of keys. */
import { createHash } from 'node:crypto';

/** JSON with sorted keys and without undefined members: the same value gives the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'bigint'
      ? String(member)
      : member !== null && typeof member === 'object' && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
        : member,
  );
}

/** 16 hex digits of the SHA-256 of a value's canonical JSON. */
export function stampOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
