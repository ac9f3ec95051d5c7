import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, tryRun } from './commands.ts';

/**
 * The addresses of a cluster: one free /16, cut up. Everything that listens for pods listens on the bridge's address,
 * which nothing else on the machine has, so well-known ports are free there.
 */
export type Network = {
  bridge: string;
  /** The bridge's address: gateway of the pods, address of the node, the API server and the DNS server. */
  nodeIP: string;
  podCIDR: string;
  serviceCIDR: string;
  /** What Services of type LoadBalancer get. */
  loadBalancerCIDR: string;
};

const bridgeName = 'nodewright0';
/**
 * One of its own, as RFC 7042 leaves to everybody. Without it the kernel gives the bridge the lowest of its ports' addresses, so that it
 * changes when pods come and go; the other pods then send to a gateway that is no more, for up to a minute, and nodes lose their peers.
 */
const BRIDGE_HARDWARE_ADDRESS = '02:6e:77:00:00:01';

type Route = { dst: string };

/** Chooses the first /16 from 10.88.0.0 on that no route and no address of the machine touches. */
export async function chooseNetwork(): Promise<Network> {
  const routes: Route[] = JSON.parse(await run('ip', ['-json', '-4', 'route', 'show', 'table', 'all']));
  const taken = routes.map(({ dst }) => parseRange(dst)).filter((range) => range !== undefined);
  for (let second = 88; second < 256; second++) {
    const start = ((10 << 24) | (second << 16)) >>> 0;
    const end = start + 0xffff;
    if (taken.every((range) => range.end < start || range.start > end)) return cutUp(`10.${second}`);
  }
  throw new Error('no free range among 10.88.0.0/16 to 10.255.0.0/16: routes of this machine touch every one of them');
}

function cutUp(prefix: string): Network {
  return {
    bridge: bridgeName,
    nodeIP: `${prefix}.0.1`,
    podCIDR: `${prefix}.0.0/17`,
    serviceCIDR: `${prefix}.128.0/18`,
    loadBalancerCIDR: `${prefix}.192.0/24`,
  };
}

/** First and last address of "10.1.0.0/16" or "10.1.2.3"; undefined for "default" and what is no IPv4 range. */
export function parseRange(cidr: string): { start: number; end: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(cidr);
  if (match === null) return undefined;
  const [a, b, c, d, bits] = match.slice(1).map((part) => Number(part ?? 32)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const size = 2 ** (32 - bits);
  const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const start = address - (address % size);
  return { start, end: start + size - 1 };
}

/** Makes the bridge, unless it is there, with routes by which the host reaches Services even without a default route. */
export async function ensureBridge(network: Network): Promise<void> {
  if ((await tryRun('ip', ['link', 'show', network.bridge])).status !== 0) {
    await run('ip', ['link', 'add', network.bridge, 'type', 'bridge']);
  }
  await run('ip', ['link', 'set', network.bridge, 'address', BRIDGE_HARDWARE_ADDRESS]);
  await run('ip', ['address', 'replace', `${network.nodeIP}/17`, 'dev', network.bridge]);
  await run('ip', ['link', 'set', network.bridge, 'up']);
  for (const range of [network.serviceCIDR, network.loadBalancerCIDR]) {
    await run('ip', ['route', 'replace', range, 'dev', network.bridge, 'src', network.nodeIP]);
  }
}

export async function removeBridge(): Promise<void> {
  if (!existsSync(`/sys/class/net/${bridgeName}`)) return;
  for (const port of readdirSync(`/sys/class/net/${bridgeName}/brif`)) await tryRun('ip', ['link', 'delete', port]);
  await run('ip', ['link', 'delete', bridgeName]);
}

/** Kernel settings that the kubelet, kube-proxy and the CNI plugins change, and the modules some of them come from. */
const settings = [
  'kernel/panic',
  'kernel/panic_on_oops',
  'net/bridge/bridge-nf-call-iptables',
  'net/ipv4/conf/all/route_localnet',
  'net/ipv4/ip_forward',
  'net/ipv4/vs/conntrack',
  'net/netfilter/nf_conntrack_max',
  'net/netfilter/nf_conntrack_tcp_timeout_close_wait',
  'net/netfilter/nf_conntrack_tcp_timeout_established',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

/** Loads kernel modules; where they are built in or can't be loaded, what needs them says so itself. */
export async function loadModules(): Promise<void> {
  for (const module of ['overlay', 'br_netfilter']) await tryRun('modprobe', [module]);
}

export type KernelSettings = Record<string, string>;

export function readKernelSettings(): KernelSettings {
  const values: KernelSettings = {};
  for (const name of settings) {
    const file = join('/proc/sys', name);
    if (existsSync(file)) values[name] = readFileSync(file, 'utf8').trim();
  }
  return values;
}

export function restoreKernelSettings(before: KernelSettings): void {
  for (const [name, value] of Object.entries(before)) {
    const file = join('/proc/sys', name);
    if (existsSync(file) && readFileSync(file, 'utf8').trim() !== value) writeFileSync(file, value);
  }
}
