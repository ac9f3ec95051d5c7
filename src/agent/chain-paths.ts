/** Where a pod of a CosmosFullNode has its files, told by environment variables that a pod template may change. */

export type ChainPaths = {
  /** Above all others; `.tmp` and `.config` in it are mounted. */
  home: string;
  /** Home of the chain's program, on the claim. */
  chainHome: string;
  genesisFile: string;
  addrbookFile: string;
  configDir: string;
  dataDir: string;
};

const VARIABLES: Record<keyof ChainPaths, string> = {
  home: 'HOME',
  chainHome: 'CHAIN_HOME',
  genesisFile: 'GENESIS_FILE',
  addrbookFile: 'ADDRBOOK_FILE',
  configDir: 'CONFIG_DIR',
  dataDir: 'DATA_DIR',
};

/** Throws with the names of all variables that are missing. */
export function readChainPaths(env: NodeJS.ProcessEnv): ChainPaths {
  const missing = Object.values(VARIABLES).filter((name) => !env[name]?.startsWith('/'));
  if (missing.length > 0) {
    throw new Error(
      `environment: need absolute paths in ${missing.join(', ')}; the pod template may have removed them`,
    );
  }
  const entries = Object.entries(VARIABLES).map(([path, name]) => [path, env[name]]);
  return Object.fromEntries(entries) as ChainPaths;
}
