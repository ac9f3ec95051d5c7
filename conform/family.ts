import type { GoldenFolder } from './golden-folder.ts';

/** What one family of resources supplies to be compared with the outputs of the operator that it stands in for. */
export type Family = {
  /** On the command line, and of its folder of goldens. */
  name: string;
  /** Where its goldens are not in the folders `in` and `out`. Throws an Error that says what is missing. */
  readGoldens?(folder: string): GoldenFolder;
  /** What we make of an input, by section of the output: lists of objects, or plain values. */
  render(input: unknown): Record<string, unknown>;
  /** Takes out of one of our or their objects what is no part of the comparison. */
  setAside(object: Json): Json;
  /** Pure functions by the name that vectors.json has for them; each gives what every vector should be, and what we make it. */
  vectors: Record<string, (vectors: unknown) => Vector[]>;
};

type Vector = { input: string; ours: unknown; theirs: unknown };

export type Json = { [member: string]: unknown };

export function isJson(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
