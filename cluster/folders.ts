import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The checkout: the nearest folder with cluster/kube/go.mod, looking upward from the running script, then from the
 * working directory. Not from this file, which is somewhere else once it is part of dist/main.js.
 */
export function findProjectRoot(): string {
  const script = process.argv[1];
  const starts = [
    script !== undefined && existsSync(script) ? dirname(realpathSync(script)) : undefined,
    process.cwd(),
  ];
  for (const start of starts) {
    for (let dir = start; dir !== undefined; dir = dir === dirname(dir) ? undefined : dirname(dir)) {
      if (existsSync(join(dir, 'cluster/kube/go.mod'))) return dir;
    }
  }
  throw new Error('no Nodewright checkout found here: the cluster is built from its sources, so run this inside one');
}

/** Builds and image layers, kept between clusters: $NODEWRIGHT_CACHE, else nodewright in the user's cache folder. */
export function cacheFolder(): string {
  return process.env.NODEWRIGHT_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'nodewright');
}

/** Everything that one running cluster has on disk: $NODEWRIGHT_CLUSTER_DIR, else a folder of its own in /var/lib. */
export function clusterFolder(): string {
  return process.env.NODEWRIGHT_CLUSTER_DIR ?? '/var/lib/nodewright-cluster';
}
