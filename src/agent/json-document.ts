/** Checks a downloaded genesis or address book, whatever its size, and finds it where a node's RPC wrapped it up. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { ArchiveError } from './archive/archive-error.ts';
import { type JsonOutline, outlineJson } from './json-outline.ts';

/** What kind of document is expected. */
export type DocumentKind = {
  /** For messages: `a genesis`. */
  name: string;
  /** Members of it that must be there and not empty. */
  members: readonly { name: string; kind: 'string' | 'array' }[];
  /** Where else in a file it may be, such as `result.genesis` in the answer of a node. */
  wrappings: readonly string[];
};

export const GENESIS: DocumentKind = {
  name: 'a genesis',
  members: [{ name: 'chain_id', kind: 'string' }],
  wrappings: ['result.genesis', 'genesis'],
};

export const ADDRESS_BOOK: DocumentKind = {
  name: 'an address book',
  members: [{ name: 'addrs', kind: 'array' }],
  wrappings: [],
};

/** Where the document is in its file, in bytes. */
export type DocumentPlace = {
  wrapping: string;
  start: number;
  end: number;
  /** The text of its member `chain_id`, when it has one. */
  chainId: string;
};

/** Throws one line without the file's name: what was found there instead. */
export async function findDocument(file: string, kind: DocumentKind): Promise<DocumentPlace> {
  const candidates = ['', ...kind.wrappings];
  const wanted = new Set(candidates.flatMap((at) => [at, ...kind.members.map(({ name }) => joinPath(at, name))]));
  const outline = await outlineJson(createReadStream(file, { highWaterMark: 1024 * 1024 }), wanted).catch((error) => {
    throw new ArchiveError(`${error instanceof Error ? error.message : error}, need ${kind.name} in JSON`);
  });
  const wrapping = candidates.find((at) => hasMembers(outline, at, kind));
  const document = wrapping === undefined ? undefined : outline.get(wrapping);
  if (wrapping === undefined || document === undefined) {
    const members = kind.members.map(({ name }) => name).join(', ');
    throw new ArchiveError(`it is not ${kind.name}: it has no ${members}; it begins with ${await readBeginning(file)}`);
  }
  const { start, end } = document;
  return { wrapping, start, end, chainId: outline.get(joinPath(wrapping, 'chain_id'))?.text ?? '' };
}

function joinPath(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}

function hasMembers(outline: JsonOutline, at: string, { members }: DocumentKind): boolean {
  return members.every(({ name, kind }) => {
    const member = outline.get(joinPath(at, name));
    return member?.kind === kind && (kind !== 'string' || member.text !== '');
  });
}

/** The JSON-RPC error of a node stands here, for one. */
async function readBeginning(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(160), 0, 160, 0);
    return JSON.stringify(buffer.toString('utf8', 0, bytesRead).replace(/\s+/g, ' '));
  } finally {
    await file.close();
  }
}
