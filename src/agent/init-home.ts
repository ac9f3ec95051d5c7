/** Prepares a CometBFT home on the claim before the node starts. */
import { link, mkdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FormatError } from '../formats/format-error.ts';
import { asObject, parseJson, readCount } from '../formats/json-members.ts';
import { INITIAL_VALIDATOR_STATE } from '../formats/validator-key.ts';
import { forgetConfiguredPeers } from './address-book.ts';
import { isThere, readIfThere, replaceFile, syncDirectory, writeTemporary } from './durable-file.ts';

export type InitHomeOptions = {
  home: string;
  /** The rendered config.toml, mounted read-only. */
  config: string;
  /** The node signs with a mounted validator key: data without a sign state is refused. */
  validator: boolean;
  /**
   * Says in which run the validator ran on this claim, empty before the first: with one, a missing sign state is refused even where
   * there is no other data.
   */
  ranBeforeFile?: string | undefined;
  log: (line: string) => void;
};

/** What a node that already ran leaves in data/. */
const chainData = ['blockstore.db', 'state.db', 'cs.wal'];

/**
 * Makes config/ and data/, puts the config.toml in its place, and writes a first priv_validator_state.json where there is none. One
 * that exists is what keeps the validator from signing twice: it is checked, never changed. The address book forgets the peers that the
 * config.toml names. Safe to repeat and to interrupt.
 */
export async function initHome({ home, config, validator, ranBeforeFile, log }: InitHomeOptions): Promise<void> {
  const configText = await readFile(config);
  const ranBefore = ranBeforeFile === undefined ? '' : (await readFile(ranBeforeFile, 'utf8')).trim();
  for (const dir of ['config', 'data']) await mkdir(join(home, dir), { recursive: true, mode: 0o700 });
  const statePath = join(home, 'data', 'priv_validator_state.json');
  const state = await readIfThere(statePath);
  if (state !== undefined) {
    log(`keeping ${statePath}: ${describeState(state, statePath)}`);
  } else {
    if (validator && ranBefore !== '') {
      // Short: the status shows the first 300 characters.
      throw new Error(
        `${statePath} is gone, but this validator has run on this claim: it could sign heights twice. Bring the data back, or, if the ` +
          `chain has passed every height it may have signed, add ${ranBefore} to spec.acceptSignStateLoss`,
      );
    }
    if (validator) await refuseDataWithoutState(home, statePath);
    await createFile(statePath, INITIAL_VALIDATOR_STATE);
    log(`created ${statePath}: nothing was signed yet`);
  }
  await replaceFile(join(home, 'config', 'config.toml'), configText);
  log(`wrote ${join(home, 'config', 'config.toml')}`);
  await forgetConfiguredPeers(home, configText.toString(), log);
}

/** The last signed position in words. Throws when the text is no sign state. */
function describeState(text: string, path: string): string {
  try {
    const state = asObject(parseJson(text, path), path);
    const position = ['height', 'round', 'step'].map((member) => readCount(state, member, path));
    return `last signed height/round/step ${position.join('/')}`;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Error(
      `${error.message}. This file keeps the validator from signing the same height twice, so it is neither repaired nor replaced: ` +
        'restore it from a backup of the claim, or write the last height that this key can have signed into it',
    );
  }
}

async function refuseDataWithoutState(home: string, statePath: string): Promise<void> {
  for (const name of chainData) {
    if (await isThere(join(home, 'data', name))) {
      throw new Error(
        `${statePath} is missing although ${join(home, 'data', name)} shows that this node ran before. A new one would let the ` +
          'validator sign heights again that it signed already: restore the file from a backup, or write the last height that this ' +
          'key can have signed into it as {"height":"123","round":0,"step":3}',
      );
    }
  }
}

/** Writes a new file completely or not at all, and never over an existing one. */
async function createFile(path: string, content: string): Promise<void> {
  const temporary = await writeTemporary(path, content);
  try {
    await link(temporary, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    // A file system without hard links. Nothing else writes here: the claim belongs to this pod and the node is not running yet.
    if (await isThere(path)) throw new Error(`${path} appeared while it was being created`);
    await rename(temporary, path);
    return syncDirectory(dirname(path));
  }
  await unlink(temporary);
  await syncDirectory(dirname(path));
}
