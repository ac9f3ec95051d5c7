import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KernelSettings, Network } from './network.ts';

/** What `up` remembers for a repeated `up` and for `down`, written before the first thing it describes is made. */
export type ClusterState = {
  network: Network;
  etcdPorts: { client: number; peer: number };
  /** The machine as it was, for `down`. */
  before: {
    kernelSettings: KernelSettings;
    /** Those of the folders that programs make at fixed places, which were not there. */
    absentFolders: string[];
    /** Files in cniResultsFolder. */
    cniResults: string[];
    /** Tables of rules that were there, like "iptables filter". */
    tables: string[];
  };
};

export function readState(dir: string): ClusterState | undefined {
  const file = join(dir, 'state.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function writeState(dir: string, state: ClusterState): void {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  writeWhole(join(dir, 'state.json'), JSON.stringify(state, undefined, 2));
}

/** Writes a file so that it is seen whole or not at all. */
export function writeWhole(file: string, content: string, mode = 0o600): void {
  writeFileSync(`${file}.new`, content, { mode });
  renameSync(`${file}.new`, file);
}
