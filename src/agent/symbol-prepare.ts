/** The first step of a Symbol node's pod: what has to be in place before any of catapult's processes looks at its data. */
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { replaceFile } from './durable-file.ts';
import { prepareRecovery, type RecoveryState } from './symbol-recovery.ts';
import { resync } from './symbol-resync.ts';
import { copyVotingFiles } from './symbol-voting-files.ts';

export type SymbolPrepareOptions = {
  data: string;
  /** Name of a folder in `data` for what is ours. */
  ownFolder: string;
  start: string;
  maxRecoveries: number;
  /** The Secret with voting key files, where the node votes. */
  votingKeys?: string | undefined;
  /** Where the first block comes in parts, and where it belongs. */
  seedParts?: string | undefined;
  seed?: string | undefined;
  /** The id of a request to throw the chain away. */
  resync?: string | undefined;
  purgeHarvesters: boolean;
  now: Date;
  log: (line: string) => void;
};

const TERMINATION_LOG = '/dev/termination-log';

/** Tells the operator, by the container's last message, what it found. */
export async function prepareSymbolNode(
  options: SymbolPrepareOptions,
  terminationLog: string = TERMINATION_LOG,
): Promise<RecoveryState> {
  const { data, ownFolder, log } = options;
  const memory = join(data, ownFolder);
  if (options.resync !== undefined) {
    const { resync: id, purgeHarvesters } = options;
    if (await resync({ data, ownFolder, id, purgeHarvesters })) log(`request ${id}: the chain was thrown away`);
  }
  for (const folder of ['votingkeys', 'dbdata']) await mkdir(join(memory, folder), { recursive: true });
  if (options.votingKeys !== undefined)
    log(`${await copyVotingFiles(options.votingKeys, join(memory, 'votingkeys'))} voting key files`);
  if (options.seedParts !== undefined && options.seed !== undefined) await joinParts(options.seedParts, options.seed);
  const state = await prepareRecovery({ ...options, memory });
  log(describe(state));
  if (existsSync(terminationLog)) writeFileSync(terminationLog, JSON.stringify(state));
  return state;
}

function describe({ recovery, attempts }: RecoveryState): string {
  if (recovery === 'none') return 'the node stopped cleanly, or has never run';
  if (recovery === 'needed') return `the node did not stop cleanly: its data are recovered, for the ${attempts}. time`;
  return `the node did not stop cleanly, and its data could not be recovered ${attempts} times in a row: a person has to look`;
}

/** `00000__00001.dat.000`, `.001` and so on are the file 00000/00001.dat. */
async function joinParts(parts: string, target: string): Promise<void> {
  const files = new Map<string, string[]>();
  for (const name of (await readdir(parts)).sort()) {
    const [, path] = /^(.+)\.\d{3}$/.exec(name) ?? [];
    if (path !== undefined) files.set(path, [...(files.get(path) ?? []), name]);
  }
  for (const [name, pieces] of files) {
    const path = normalize(name.replaceAll('__', '/'));
    if (path.startsWith('..') || path.startsWith('/')) throw new Error(`${parts}/${name}: leads out of the folder`);
    await mkdir(dirname(join(target, path)), { recursive: true });
    const content = await Promise.all(pieces.map((piece) => readFile(join(parts, piece))));
    await replaceFile(join(target, path), Buffer.concat(content), 0o644);
  }
}
