/**
 * Voting key files where catapult reads them. They are copies, as catapult writes into them which keys it has used and wipes those; a copy
 * that is there stays, and only gets another number when an older one is gone, because catapult reads from 1 on until a number is missing.
 */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FormatError } from '../formats/format-error.ts';
import { readVotingKeyHeader } from '../formats/symbol-voting-keys.ts';
import { replaceFile } from './durable-file.ts';

const FILE = /^private_key_tree\d+\.dat$/;

type Tree = { path: string; content: Uint8Array; root: string; startEpoch: number };

/** Returns how many files there are. */
export async function copyVotingFiles(secret: string, target: string): Promise<number> {
  await mkdir(target, { recursive: true });
  const wanted = (await readTrees(secret, true)).sort((one, other) => one.startEpoch - other.startEpoch);
  const present = new Map((await readTrees(target, false)).map((tree) => [tree.root, tree]));
  // By way of other names, so that no copy is written over one that is still to be moved.
  for (const [root, { path }] of present) {
    if (wanted.some((tree) => tree.root === root)) await rename(path, join(target, `${root}.kept`));
    else await rm(path);
  }
  for (const [index, { root, content }] of wanted.entries()) {
    const path = join(target, `private_key_tree${index + 1}.dat`);
    if (present.has(root)) await rename(join(target, `${root}.kept`), path);
    else await replaceFile(path, content);
  }
  return wanted.length;
}

/** @param strict throw for what is no such file; otherwise it is passed over */
async function readTrees(directory: string, strict: boolean): Promise<Tree[]> {
  const trees: Tree[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    if (!FILE.test(name) && !name.endsWith('.kept')) continue;
    const content = await readFile(path);
    try {
      const { rootPublicKey, startEpoch } = readVotingKeyHeader(content, name);
      trees.push({ path, content, root: Buffer.from(rootPublicKey).toString('hex'), startEpoch });
    } catch (error) {
      if (strict || !(error instanceof FormatError)) throw error;
      await rm(path);
    }
  }
  return trees;
}
