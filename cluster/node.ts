import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cgroupRoot } from './cgroups.ts';
import { containerdSocket } from './container-runtime.ts';
import { kubeconfigOf, nodeName, pkiFolder } from './control-plane.ts';
import type { Daemon } from './daemons.ts';
import type { Network } from './network.ts';
import { writeWhole } from './state.ts';

// The node's programs besides containerd. Each writes its configuration into the cluster's folder first.

export function kubelet(dir: string, bin: string, network: Network): Daemon {
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.nodeIP,
    healthzBindAddress: network.nodeIP,
    authentication: { x509: { clientCAFile: `${pkiFolder(dir)}/ca.crt` } },
    tlsCertFile: `${pkiFolder(dir)}/server.crt`,
    tlsPrivateKeyFile: `${pkiFolder(dir)}/server.key`,
    containerRuntimeEndpoint: `unix://${containerdSocket(dir)}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    clusterDomain: 'cluster.local',
    clusterDNS: [network.nodeIP],
    resolvConf: resolverFile(),
    maxPods: 250,
    podLogsDir: join(dir, 'pod-logs'),
    volumePluginDir: join(dir, 'volume-plugins'),
    // Images come from no registry: once removed for room, they are gone.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '0%' },
    // Loading an image or a test run brings bursts that the defaults (50, 100) slow down.
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    eventRecordQPS: 0,
  };
  writeConfig(join(dir, 'kubelet.yaml'), config);
  return {
    name: 'kubelet',
    command: join(bin, 'kubelet'),
    args: [
      `--config=${join(dir, 'kubelet.yaml')}`,
      `--kubeconfig=${kubeconfigOf(dir, 'kubelet')}`,
      `--root-dir=${join(dir, 'kubelet')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${network.nodeIP}`,
    ],
  };
}

export function kubeProxy(dir: string, bin: string, network: Network): Daemon {
  const config = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: kubeconfigOf(dir, 'kube-proxy') },
    hostnameOverride: nodeName,
    clusterCIDR: network.podCIDR,
    healthzBindAddress: `${network.nodeIP}:10256`,
    metricsBindAddress: `${network.nodeIP}:10249`,
    nodePortAddresses: [`${network.nodeIP}/32`],
    iptables: { localhostNodePorts: false, minSyncPeriod: '0s' },
    // Zero leaves the machine's own limits alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  writeConfig(join(dir, 'kube-proxy.yaml'), config);
  return { name: 'kube-proxy', command: join(bin, 'kube-proxy'), args: [`--config=${join(dir, 'kube-proxy.yaml')}`] };
}

export function coreDNS(dir: string, bin: string, network: Network): Daemon {
  const file = join(dir, 'Corefile');
  writeWhole(
    file,
    `.:53 {
  bind ${network.nodeIP}
  ready ${network.nodeIP}:8181
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfigOf(dir, 'admin')}
    ttl 5
    fallthrough in-addr.arpa
  }
  cache 30 {
    disable success cluster.local
    disable denial cluster.local
  }
  forward . ${resolverFile()}
}
`,
  );
  return { name: 'coredns', command: join(bin, 'coredns'), args: [`-conf=${file}`] };
}

/** systemd's resolver is at an address that pods can't reach; it writes down the real ones. */
function resolverFile(): string {
  const systemd = '/run/systemd/resolve/resolv.conf';
  return existsSync(systemd) ? systemd : '/etc/resolv.conf';
}

function writeConfig(file: string, config: unknown): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeWhole(file, stringify(config));
}
