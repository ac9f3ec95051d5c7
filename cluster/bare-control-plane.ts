import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './builds.ts';
import {
  apiServer,
  apiServerHealth,
  apiServerUrl,
  type ControlPlaneSettings,
  controllerHealth,
  controllerManager,
  ensureCredentials,
  ensureHealthy,
  etcd,
  etcdHealth,
  findFreePorts,
  kubeconfigOf,
} from './control-plane.ts';
import { listDaemons, stopDaemon } from './daemons.ts';
import { cacheFolder, findProjectRoot } from './folders.ts';
import { startProgress } from './progress.ts';

export type ControlPlaneOptions = {
  /** Folder for everything it writes; a temporary one, removed by stop(), when not given. */
  dir?: string;
  /** Whether garbage collection, namespace deletion and service account tokens work; false when not given. */
  controllerManager?: boolean;
  /** A file in which the API server notes every write: who, what, when; a JSON document per line. No notes when not given. */
  auditLog?: string;
  /** The checkout; found from the running script or the working directory when not given. */
  root?: string;
};

/** etcd and an API server on free ports of loopback, without nodes. They end with the process that started them. */
export type ControlPlane = {
  dir: string;
  /** A kubeconfig for administrators. */
  kubeconfigPath: string;
  kubectl: string;
  apiServerUrl: string;
  /** Kills the API server as `kill -9` does, and returns when it has ended. */
  killApiServer(): Promise<void>;
  /** Starts the API server again, on the same port, and waits until it is ready. */
  startApiServer(): Promise<void>;
  /** Ends everything. */
  stop(): Promise<void>;
};

/**
 * Starts a control plane for tests of the API. Works without root, containers and cgroups. Throws with the end of the
 * log of what doesn't start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const progress = startProgress((line) => process.stderr.write(`${line}\n`));
  const root = options.root ?? findProjectRoot();
  const bin = await ensureBuilt('kube', { root, cache: cacheFolder(), progress }).finally(progress.stop);
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'nodewright-control-plane-'));
  const [client, peer, api, controllers, unused] = (await findFreePorts(5)) as [number, number, number, number, number];
  const settings: ControlPlaneSettings = {
    bin,
    folder: { dir, procsFiles: [], endWithUs: true },
    address: '127.0.0.1',
    apiServerPort: api,
    controllerManagerPort: controllers,
    schedulerPort: unused,
    etcdPorts: { client, peer },
    // Benchmarks make thousands of Services.
    serviceCIDR: '10.0.0.0/16',
    reachable: false,
    ...(options.auditLog === undefined ? {} : { auditLog: options.auditLog }),
  };
  const startApiServer = async () => {
    await ensureHealthy(settings.folder, apiServer(settings), apiServerHealth(settings));
    // It gives up when the API server goes away while it starts, and nothing else would start it again.
    if (options.controllerManager === true) {
      await ensureHealthy(settings.folder, controllerManager(settings), controllerHealth(settings, controllers));
    }
  };
  const stop = async () => {
    for (const name of listDaemons(dir)) await stopDaemon(dir, name);
    if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
  };
  try {
    await ensureCredentials(settings);
    await ensureHealthy(settings.folder, etcd(settings), etcdHealth(settings));
    await startApiServer();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    dir,
    kubeconfigPath: kubeconfigOf(dir, 'admin'),
    kubectl: join(bin, 'kubectl'),
    apiServerUrl: apiServerUrl(settings),
    killApiServer: () => stopDaemon(dir, 'kube-apiserver'),
    startApiServer,
    stop,
  };
}
