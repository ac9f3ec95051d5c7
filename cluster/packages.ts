import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './commands.ts';
import type { Progress } from './progress.ts';

/** A Debian package and programs or files by which one sees that it, or its like from elsewhere, is there. */
export type DebianPackage = { name: string; provides: readonly string[] };

/** What the cluster runs on. */
export const clusterPackages: readonly DebianPackage[] = [
  { name: 'busybox-static', provides: ['busybox'] },
  { name: 'conntrack', provides: ['conntrack'] },
  { name: 'containerd', provides: ['containerd', 'ctr', 'containerd-shim-runc-v2'] },
  { name: 'containernetworking-plugins', provides: ['/usr/lib/cni/bridge'] },
  { name: 'iproute2', provides: ['ip'] },
  { name: 'iptables', provides: ['iptables', 'ip6tables', 'iptables-save'] },
  { name: 'mmdebstrap', provides: ['mmdebstrap'] },
  { name: 'mount', provides: ['mount', 'umount'] },
  { name: 'nftables', provides: ['nft'] },
  { name: 'runc', provides: ['runc'] },
  { name: 'socat', provides: ['socat'] },
];

/**
 * Installs the Debian packages that are missing. Throws, with the line to type, where that needs another user or
 * another distribution.
 */
export async function ensurePackages(progress: Progress, needed: readonly DebianPackage[]): Promise<void> {
  const missing = needed.filter(({ provides }) => !provides.every(isInstalled)).map(({ name }) => name);
  if (missing.length === 0) return;
  const line = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!isInstalled('apt-get')) {
    throw new Error(`these Debian packages are missing, and there is no apt-get here: ${missing.join(', ')}`);
  }
  if (process.getuid?.() !== 0) throw new Error(`packages are missing; as root: apt-get update && ${line}`);
  await progress.step(`installing ${missing.join(', ')}`, () => withoutServices((env) => aptInstall(missing, env)));
}

async function aptInstall(packages: string[], env: NodeJS.ProcessEnv): Promise<void> {
  await run('apt-get', ['update', '-q'], { env });
  await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { env });
}

/**
 * containerd's package would start its service, which is the machine's and none of ours. Debian asks policy-rc.d before
 * it starts anything; where the machine has no policy, one that says no stands there meanwhile.
 */
async function withoutServices(install: (env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const policy = '/usr/sbin/policy-rc.d';
  const content = '#!/bin/sh\n# Written by the Nodewright cluster while it installs packages.\nexit 101\n';
  if (existsSync(policy) && readFileSync(policy, 'utf8') !== content) return install(env);
  writeFileSync(policy, content, { mode: 0o755 });
  try {
    await install(env);
  } finally {
    rmSync(policy, { force: true });
  }
}

/** A name is looked up on the PATH and in the folders of system programs, which a plain user's PATH may lack. */
function isInstalled(nameOrPath: string): boolean {
  if (nameOrPath.startsWith('/')) return existsSync(nameOrPath);
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, nameOrPath)));
}
