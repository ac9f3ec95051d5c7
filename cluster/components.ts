import { daemonProcsFiles } from './cgroups.ts';
import { containerdHealth } from './container-runtime.ts';
import {
  apiServerHealth,
  apiServerUrl,
  type ControlPlaneSettings,
  controllerHealth,
  etcdHealth,
  nodeName,
  pkiFolder,
} from './control-plane.ts';
import { listDaemons } from './daemons.ts';
import { readUrl } from './health.ts';
import type { ClusterState } from './state.ts';
import { testStorageDaemons } from './test-storage.ts';

/** Throws, with the reason, where a component isn't healthy. */
type HealthCheck = () => Promise<unknown>;

/** The control plane of a cluster with a node: all of it listens on the bridge's address, which is ours alone. */
export function controlPlaneSettings(dir: string, bin: string, state: ClusterState): ControlPlaneSettings {
  return {
    bin,
    folder: { dir, procsFiles: daemonProcsFiles(), endWithUs: false },
    address: state.network.nodeIP,
    apiServerPort: 6443,
    controllerManagerPort: 10257,
    schedulerPort: 10259,
    etcdPorts: state.etcdPorts,
    serviceCIDR: state.network.serviceCIDR,
    reachable: true,
  };
}

/** How to see whether each component is healthy, by daemon. Undefined: it is when it runs. */
export function healthChecks(settings: ControlPlaneSettings): Record<string, HealthCheck | undefined> {
  const { dir } = settings.folder;
  const pki = pkiFolder(dir);
  const startedForTests = listDaemons(dir).filter((name) => testStorageDaemons.includes(name));
  return {
    containerd: () => containerdHealth(dir),
    etcd: etcdHealth(settings),
    'kube-apiserver': apiServerHealth(settings),
    'kube-controller-manager': controllerHealth(settings, settings.controllerManagerPort),
    'kube-scheduler': controllerHealth(settings, settings.schedulerPort),
    kubelet: () => readUrl(`http://${settings.address}:10248/healthz`, pki),
    'kube-proxy': () => readUrl(`http://${settings.address}:10256/healthz`, pki),
    coredns: () => readUrl(`http://${settings.address}:8181/ready`, pki),
    'local-path-provisioner': undefined,
    'snapshot-controller': undefined,
    loadbalancer: undefined,
    ...Object.fromEntries(startedForTests.map((name) => [name, undefined])),
  };
}

/** Throws unless the node is Ready. */
export async function expectNodeReady(settings: ControlPlaneSettings): Promise<void> {
  const url = `${apiServerUrl(settings)}/api/v1/nodes/${nodeName}`;
  const node: NodeStatus = JSON.parse(await readUrl(url, pkiFolder(settings.folder.dir), 'admin'));
  const ready = node.status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') throw new Error(ready?.message ?? 'it has not reported yet');
  if (node.spec.taints?.length)
    throw new Error(`it is still tainted ${node.spec.taints.map(({ key }) => key).join(', ')}`);
}

type NodeStatus = {
  spec: { taints?: { key: string }[] };
  status: { conditions?: { type: string; status: string; message: string }[] };
};
