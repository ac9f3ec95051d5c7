import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.ts';
import type { Daemon } from './daemons.ts';
import type { Network } from './network.ts';
import { writeWhole } from './state.ts';

/** The sandbox image of every pod; loaded from our own program, never pulled. */
export const pauseImage = 'registry.k8s.io/pause:3.10';

/** Leases and interfaces of this CNI network are ours. */
export const cniNetworkName = 'nodewright-cluster';

export function containerdSocket(dir: string): string {
  return join(dir, 'containerd.sock');
}

/** Writes the configuration of containerd and CNI; the daemon keeps all it can inside the cluster's folder. */
export function containerd(dir: string, network: Network): Daemon {
  const cniDir = join(dir, 'cni');
  mkdirSync(cniDir, { recursive: true });
  writeWhole(join(cniDir, '10-nodewright.conflist'), JSON.stringify(cniConfig(dir, network), undefined, 2));
  writeWhole(join(dir, 'containerd.toml'), containerdConfig(dir, cniDir));
  return { name: 'containerd', command: 'containerd', args: ['--config', join(dir, 'containerd.toml')] };
}

/** Runs containerd's client in the namespace of the kubelet's images. */
export function ctr(dir: string, ...args: string[]): Promise<string> {
  return run('ctr', ['--address', containerdSocket(dir), '--namespace', 'k8s.io', ...args]);
}

function cniConfig(dir: string, network: Network): unknown {
  return {
    cniVersion: '0.4.0',
    name: cniNetworkName,
    plugins: [
      {
        type: 'bridge',
        bridge: network.bridge,
        isDefaultGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', dataDir: join(dir, 'cni-leases'), ranges: [[{ subnet: network.podCIDR }]] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function containerdConfig(dir: string, cniDir: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `# Written by "npm run cluster -- up".
version = 2
root = "${dir}/containerd"
state = "${dir}/containerd-state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
  address = "${containerdSocket(dir)}"

[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"

[${cri}]
  sandbox_image = "${pauseImage}"
  # Without CAP_SYS_RESOURCE runc may not lower a score, and fails.
  restrict_oom_score_adj = ${!mayLowerOomScore()}
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"

[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${cniDir}"

[${cri}.containerd]
  snapshotter = "${snapshotter(dir)}"
  default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
  Root = "${dir}/runc"
  SystemdCgroup = false
`;
}

/** An overlay can't lie on another one, which is what the root of most containers is. */
function snapshotter(dir: string): 'overlayfs' | 'native' {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const above = mounts.filter(
    ([, point]) => point !== undefined && `${dir}/`.startsWith(point === '/' ? '/' : `${point}/`),
  );
  const nearest = above.sort((a, b) => (b[1] as string).length - (a[1] as string).length)[0];
  return nearest?.[2] === 'overlay' ? 'native' : 'overlayfs';
}

function mayLowerOomScore(): boolean {
  const capSysResource = 24n;
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> capSysResource) & 1n) === 1n;
}

/** Whether containerd answers. */
export async function containerdHealth(dir: string): Promise<void> {
  if (!existsSync(containerdSocket(dir))) throw new Error('its socket does not exist yet');
  await ctr(dir, 'version');
}
