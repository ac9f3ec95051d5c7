/** Which of two priv_validator_state.json says more: the later one has to stay, or a validator could sign a height twice. */
import { rename, rm } from 'node:fs/promises';
import { asObject, parseJson, readCount } from '../formats/json-members.ts';
import { readIfThere } from './durable-file.ts';

/** Puts `found`, from an archive, into the place of `own` when it is later; removes it otherwise. One that can't be read stays. */
export async function keepLaterSignState(own: string, found: string, log: (line: string) => void): Promise<void> {
  const foundText = await readIfThere(found);
  if (foundText === undefined) return;
  const ownText = await readIfThere(own);
  const isLater = ownText === undefined || comparePositions(foundText, ownText) > 0;
  if (isLater) await rename(found, own);
  else await rm(found);
  log(isLater ? `${own} is the archive's: it is later` : `kept ${own}: the archive's is not later`);
}

function comparePositions(found: string, own: string): number {
  const [a, b] = [readPosition(found), readPosition(own)];
  if (a === undefined || b === undefined) return 0;
  const index = a.findIndex((value, at) => value !== b[at]);
  return index === -1 ? 0 : (a[index] as number) - (b[index] as number);
}

/** Height, round, step. */
function readPosition(text: string): number[] | undefined {
  try {
    const state = asObject(parseJson(text, ''), '');
    return ['height', 'round', 'step'].map((member) => readCount(state, member, ''));
  } catch {
    return undefined;
  }
}
