import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { run, waitFor } from './commands.ts';
import { type Daemon, type DaemonFolder, ensureDaemon, logFile, logTail } from './daemons.ts';
import { readUrl } from './health.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { isRunning } from './process-id.ts';
import { writeWhole } from './state.ts';

/** Where a control plane lives and listens; the same for a whole cluster and for one without nodes. */
export type ControlPlaneSettings = {
  /** Folder with the programs of the `kube` build. */
  bin: string;
  folder: DaemonFolder;
  /** Address on which API server, controller manager and scheduler listen. */
  address: string;
  apiServerPort: number;
  controllerManagerPort: number;
  schedulerPort: number;
  /** etcd listens on 127.0.0.1. */
  etcdPorts: { client: number; peer: number };
  serviceCIDR: string;
  /** Whether pods reach the API server at `address`; without it, the Service `kubernetes` gets no endpoints. */
  reachable: boolean;
  /** Where the API server notes writes. */
  auditLog?: string;
};

export const nodeName = 'nodewright';

export function apiServerUrl(settings: ControlPlaneSettings): string {
  return `https://${settings.address}:${settings.apiServerPort}`;
}

export function pkiFolder(dir: string): string {
  return join(dir, 'pki');
}

/** A kubeconfig of the cluster's own programs; "admin" is the one for people. */
export function kubeconfigOf(dir: string, user: string): string {
  return join(dir, `${user}.kubeconfig`);
}

const users = ['admin', 'kubelet', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler'];

/** Makes the certificates and kubeconfigs unless they are there. */
export async function ensureCredentials(settings: ControlPlaneSettings): Promise<void> {
  const { dir } = settings.folder;
  const pki = pkiFolder(dir);
  if (!existsSync(pki)) {
    const hosts = [
      ...new Set(['127.0.0.1', settings.address, firstAddress(settings.serviceCIDR)]),
      ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
      'kubernetes.default.svc.cluster.local',
    ];
    rmSync(`${pki}.new`, { recursive: true, force: true });
    const args = ['certs', '--dir', `${pki}.new`, '--node', nodeName, '--hosts', hosts.join(',')];
    await run(join(settings.bin, 'kube'), args);
    renameSync(`${pki}.new`, pki);
  }
  for (const user of users) {
    const file = kubeconfigOf(dir, user);
    if (!existsSync(file)) writeKubeconfig(file, apiServerUrl(settings), pki, user);
  }
}

function firstAddress(cidr: string): string {
  return (cidr.split('/')[0] as string).replace(/\d+$/, '1');
}

export function etcd(settings: ControlPlaneSettings): Daemon {
  const { dir } = settings.folder;
  const url = (port: number) => `https://127.0.0.1:${port}`;
  const { client, peer } = settings.etcdPorts;
  mkdirSync(join(dir, 'etcd'), { recursive: true, mode: 0o700 });
  return {
    name: 'etcd',
    command: join(settings.bin, 'etcd'),
    args: [
      '--name=etcd',
      `--data-dir=${join(dir, 'etcd')}`,
      `--listen-client-urls=${url(client)}`,
      `--advertise-client-urls=${url(client)}`,
      `--listen-peer-urls=${url(peer)}`,
      `--initial-advertise-peer-urls=${url(peer)}`,
      `--initial-cluster=etcd=${url(peer)}`,
      ...['', 'peer-'].flatMap((side) => [
        `--${side}cert-file=${pkiFolder(dir)}/server.crt`,
        `--${side}key-file=${pkiFolder(dir)}/server.key`,
        `--${side}trusted-ca-file=${pkiFolder(dir)}/ca.crt`,
        `--${side}client-cert-auth`,
      ]),
      // The cluster is thrown away, not recovered: no write waits for the disk.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  };
}

export function apiServer(settings: ControlPlaneSettings): Daemon {
  const { dir } = settings.folder;
  const pki = pkiFolder(dir);
  return {
    name: 'kube-apiserver',
    command: join(settings.bin, 'kube-apiserver'),
    args: [
      `--bind-address=${settings.address}`,
      `--advertise-address=${settings.address}`,
      `--secure-port=${settings.apiServerPort}`,
      `--endpoint-reconciler-type=${settings.reachable ? 'lease' : 'none'}`,
      `--cert-dir=${dir}`,
      `--tls-cert-file=${pki}/server.crt`,
      `--tls-private-key-file=${pki}/server.key`,
      `--client-ca-file=${pki}/ca.crt`,
      `--etcd-servers=https://127.0.0.1:${settings.etcdPorts.client}`,
      `--etcd-cafile=${pki}/ca.crt`,
      `--etcd-certfile=${pki}/kube-apiserver.crt`,
      `--etcd-keyfile=${pki}/kube-apiserver.key`,
      `--kubelet-certificate-authority=${pki}/ca.crt`,
      `--kubelet-client-certificate=${pki}/kube-apiserver.crt`,
      `--kubelet-client-key=${pki}/kube-apiserver.key`,
      // The node's name is in no DNS.
      '--kubelet-preferred-address-types=InternalIP',
      `--service-cluster-ip-range=${settings.serviceCIDR}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${pki}/service-account.pub`,
      `--service-account-signing-key-file=${pki}/service-account.key`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      ...(settings.auditLog === undefined ? [] : auditArgs(dir, settings.auditLog)),
    ],
  };
}

function auditArgs(dir: string, file: string): string[] {
  const policy = join(dir, 'audit-policy.yaml');
  const writes = { level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] };
  writeWhole(
    policy,
    stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived', 'ResponseStarted'],
      rules: [writes, { level: 'None' }],
    }),
  );
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${file}`];
}

export function controllerManager(settings: ControlPlaneSettings): Daemon {
  const { dir } = settings.folder;
  const pki = pkiFolder(dir);
  return {
    name: 'kube-controller-manager',
    command: join(settings.bin, 'kube-controller-manager'),
    args: [
      ...controllerArgs(settings, 'kube-controller-manager', settings.controllerManagerPort),
      `--root-ca-file=${pki}/ca.crt`,
      `--service-account-private-key-file=${pki}/service-account.key`,
      '--use-service-account-credentials=true',
      `--cluster-signing-cert-file=${pki}/ca.crt`,
      `--cluster-signing-key-file=${pki}/ca.key`,
    ],
  };
}

export function scheduler(settings: ControlPlaneSettings): Daemon {
  return {
    name: 'kube-scheduler',
    command: join(settings.bin, 'kube-scheduler'),
    args: controllerArgs(settings, 'kube-scheduler', settings.schedulerPort),
  };
}

function controllerArgs(settings: ControlPlaneSettings, name: string, port: number): string[] {
  const { dir } = settings.folder;
  const kubeconfig = kubeconfigOf(dir, name);
  return [
    ...['', 'authentication-', 'authorization-'].map((use) => `--${use}kubeconfig=${kubeconfig}`),
    `--bind-address=${settings.address}`,
    `--secure-port=${port}`,
    `--tls-cert-file=${pkiFolder(dir)}/server.crt`,
    `--tls-private-key-file=${pkiFolder(dir)}/server.key`,
    // There is one of each, and an election costs it two seconds at every start.
    '--leader-elect=false',
  ];
}

/** Starts a daemon and waits until it is healthy. Throws with the end of its log when it isn't in time or ends. */
export async function ensureHealthy(
  folder: DaemonFolder,
  daemon: Daemon,
  isHealthy: () => Promise<unknown>,
  timeoutMs = 120_000,
): Promise<void> {
  const id = ensureDaemon(folder, daemon);
  const health = async () => {
    if (!isRunning(id)) return 'ended';
    await isHealthy();
    return 'healthy';
  };
  const explain = (what: string, cause?: unknown) =>
    new Error(`${what}. The end of ${logFile(folder.dir, daemon.name)}:\n${logTail(folder.dir, daemon.name)}`, {
      cause,
    });
  const outcome = await waitFor(`${daemon.name} becoming healthy`, timeoutMs, health).catch((error: Error) => {
    throw explain(error.message, error);
  });
  if (outcome === 'ended') throw explain(`${daemon.name} ended right after its start`);
}

export function etcdHealth(settings: ControlPlaneSettings): () => Promise<unknown> {
  const url = `https://127.0.0.1:${settings.etcdPorts.client}/readyz`;
  return () => readUrl(url, pkiFolder(settings.folder.dir), 'kube-apiserver');
}

export function apiServerHealth(settings: ControlPlaneSettings): () => Promise<unknown> {
  return () => readUrl(`${apiServerUrl(settings)}/readyz`, pkiFolder(settings.folder.dir), 'admin');
}

export function controllerHealth(settings: ControlPlaneSettings, port: number): () => Promise<unknown> {
  return () => readUrl(`https://${settings.address}:${port}/healthz`, pkiFolder(settings.folder.dir));
}

/** Ports of 127.0.0.1 on which nothing listens now. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
