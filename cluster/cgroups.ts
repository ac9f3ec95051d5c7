import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// All processes of the cluster, those in pods too, live in control groups below one of our own. That is what the
// kubelet wants (its cgroupRoot), and it is how `down` finds every process, recorded or not.

const root = '/sys/fs/cgroup';
const ours = 'nodewright-cluster';

/** The kubelet's cgroupRoot. */
export const cgroupRoot = `/${ours}`;

/** Control group v2, alone at the usual place. */
function isUnified(): boolean {
  return existsSync(join(root, 'cgroup.controllers'));
}

/** Our group in every hierarchy: one under v2, one per controller under v1 (a hybrid's v2 part among them). */
function ourGroups(): string[] {
  if (isUnified()) return [join(root, ours)];
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2');
  return [...new Set(mounts.map(([, mountPoint]) => join(mountPoint as string, ours)))];
}

/** Makes the groups. Throws where this machine doesn't let us, which means that no kubelet can run here either. */
export function makeCgroups(): void {
  const groups = ourGroups();
  if (groups.length === 0) throw new Error('no control groups are mounted at /sys/fs/cgroup; a kubelet needs them');
  try {
    if (isUnified()) enableControllers(root);
    for (const group of groups) {
      mkdirSync(join(group, 'daemons'), { recursive: true });
      inheritCpuset(group);
      inheritCpuset(join(group, 'daemons'));
    }
    if (isUnified()) enableControllers(join(root, ours));
  } catch (error) {
    throw new Error(`control groups can't be made in ${root}; a kubelet needs to (${(error as Error).message})`);
  }
}

/** The files to which a starting daemon writes its pid. */
export function daemonProcsFiles(): string[] {
  return ourGroups()
    .map((group) => join(group, 'daemons/cgroup.procs'))
    .filter(existsSync);
}

/** Kills every process below our groups. Throws if some are left after ten seconds. */
export async function killAllInCgroups(): Promise<void> {
  const end = Date.now() + 10_000;
  for (let pids = pidsInCgroups(); pids.size > 0; pids = pidsInCgroups()) {
    if (Date.now() > end) throw new Error(`processes ${[...pids].join(', ')} do not end on SIGKILL`);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {} // ended meanwhile
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function pidsInCgroups(): Set<number> {
  const pids = new Set<number>();
  for (const group of ourGroups().flatMap(listTree)) {
    try {
      for (const line of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n')) {
        if (line !== '') pids.add(Number(line));
      }
    } catch {} // the group went away while we looked
  }
  return pids;
}

/** Removes our groups once no process is in them. */
export async function removeCgroups(): Promise<void> {
  for (const group of ourGroups().flatMap(listTree)) {
    for (let tries = 50; tries > 0 && !tryRmdir(group); tries--)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A group and those below it, the deepest first. */
function listTree(group: string): string[] {
  if (!existsSync(group)) return [];
  const below = readdirSync(group, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...below.flatMap((entry) => listTree(join(group, entry.name))), group];
}

function tryRmdir(group: string): boolean {
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** A v1 cpuset starts empty and takes no process before it has processors and memory nodes. */
function inheritCpuset(group: string): void {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const file = join(group, name);
    if (isUnified() || !existsSync(file) || readFileSync(file, 'utf8').trim() !== '') continue;
    writeFileSync(file, readFileSync(join(group, '..', name), 'utf8'));
  }
}

/** Lets groups below `group` use the controllers that a kubelet asks for, as far as they exist. */
function enableControllers(group: string): void {
  const available = readFileSync(join(group, 'cgroup.controllers'), 'utf8').trim().split(' ');
  for (const controller of ['cpu', 'cpuset', 'io', 'memory', 'hugetlb', 'pids']) {
    if (!available.includes(controller)) continue;
    try {
      writeFileSync(join(group, 'cgroup.subtree_control'), `+${controller}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || existsSync(join(group, 'init'))) throw error;
      // In a container the top group holds processes, and v2 has either processes or controllers below. Its processes
      // move one level down, as every container manager inside a container does.
      moveProcesses(group, join(group, 'init'));
      writeFileSync(join(group, 'cgroup.subtree_control'), `+${controller}`);
    }
  }
}

function moveProcesses(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const pid of readFileSync(join(from, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
    try {
      writeFileSync(join(to, 'cgroup.procs'), pid);
    } catch {} // ended meanwhile, or a kernel thread
  }
}
