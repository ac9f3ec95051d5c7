/** Fixes the keys that a node signs with for the life of its pod. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseValidatorKey } from '../formats/validator-key.ts';

export type CopyKeysOptions = {
  /** The mounted Secrets, which follow every edit of them. */
  secrets: string;
  /** In memory, and what the node reads: changes only when this is run again. */
  keys: string;
  /** Address of the validator whose key is reserved for this pod; undefined for a node that does not vote, which gets no such key. */
  expectValidator: string | undefined;
  log: (line: string) => void;
};

/**
 * Copies node_key.json and, for a validator, priv_validator_key.json. Another validator's key than the expected one is refused before
 * anything is copied; the error has addresses and no key material.
 */
export async function copyKeys({ secrets, keys, expectValidator, log }: CopyKeysOptions): Promise<void> {
  const files = ['node_key.json', ...(expectValidator === undefined ? [] : ['priv_validator_key.json'])];
  const texts = await Promise.all(files.map((file) => readFile(join(secrets, file), 'utf8')));
  if (expectValidator !== undefined) {
    const { address } = parseValidatorKey(texts[1] as string);
    if (address !== expectValidator) {
      throw new Error(
        `the Secret has the key of validator ${address}, but the key that is reserved for this pod is that of ${expectValidator}: put ` +
          'that one back, or give the other key to a node of another name',
      );
    }
  }
  for (const [index, file] of files.entries()) await putFile(join(keys, file), texts[index] as string);
  log(`copied ${files.join(' and ')}${expectValidator === undefined ? '' : ` of validator ${expectValidator}`}`);
}

async function putFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.nodewright-tmp`;
  await rm(temporary, { force: true });
  await writeFile(temporary, text, { mode: 0o400, flag: 'wx' });
  await rename(temporary, path);
}
