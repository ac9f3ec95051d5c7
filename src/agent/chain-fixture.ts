/** For tests: the file systems of a pod as they are before a node's first start, in a temporary directory. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ChainPaths, readChainPaths } from './chain-paths.ts';
import type { DownloadSettings } from './transfer/download.ts';

export type ChainFixture = {
  env: Record<string, string>;
  paths: ChainPaths;
  settings: DownloadSettings;
  /** What was logged. */
  lines: string[];
  /** Files by their path below the chain's home. */
  write(files: Record<string, string>): Promise<void>;
  read(path: string): Promise<string>;
  remove(): Promise<void>;
};

/** With the sign state that a chain's own init leaves. */
export async function makeChainFixture(): Promise<ChainFixture> {
  const home = await mkdtemp(join(tmpdir(), 'nodewright-chain-'));
  const chainHome = join(home, 'cosmos');
  const env = {
    HOME: home,
    CHAIN_HOME: chainHome,
    CONFIG_DIR: join(chainHome, 'config'),
    DATA_DIR: join(chainHome, 'data'),
    GENESIS_FILE: join(chainHome, 'config/genesis.json'),
    ADDRBOOK_FILE: join(chainHome, 'config/addrbook.json'),
  };
  const lines: string[] = [];
  const write = async (files: Record<string, string>) => {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(chainHome, path)), { recursive: true });
      await writeFile(join(chainHome, path), content);
    }
  };
  await write({ 'data/priv_validator_state.json': '{"height":"0","round":0,"step":0}' });
  for (const dir of ['cosmos/config', '.tmp/config', '.config']) await mkdir(join(home, dir), { recursive: true });
  return {
    env,
    paths: readChainPaths(env),
    settings: {
      log: (line) => void lines.push(line),
      env: {},
      now: Date.now,
      timing: { firstWaitMs: 1, answerMs: 1000, idleMs: 1000 },
    },
    lines,
    write,
    read: (path) => readFile(join(chainHome, path), 'utf8'),
    remove: () => rm(home, { recursive: true, force: true }),
  };
}
