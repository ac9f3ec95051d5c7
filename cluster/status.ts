import { existsSync } from 'node:fs';
import { controlPlaneSettings, expectNodeReady, healthChecks } from './components.ts';
import { kubeconfigOf } from './control-plane.ts';
import { findDaemon } from './daemons.ts';
import { clusterFolder } from './folders.ts';
import { processAgeMs } from './process-id.ts';
import { readState } from './state.ts';

type ComponentStatus = {
  name: string;
  /** Undefined when it doesn't run, and for the node, which is no process. */
  pid?: number;
  ageMs?: number;
  healthy: boolean;
  /** Why it isn't healthy. */
  reason?: string;
};

export type ClusterStatus = { dir: string; kubeconfigPath: string; healthy: boolean; components: ComponentStatus[] };

/** How each part of the cluster is; undefined when there is no cluster. Takes two seconds at most. */
export async function clusterStatus(dir: string = clusterFolder()): Promise<ClusterStatus | undefined> {
  const state = existsSync(dir) ? readState(dir) : undefined;
  if (state === undefined) return undefined;
  const settings = controlPlaneSettings(dir, '', state);
  const daemons = Object.entries(healthChecks(settings)).map(([name, check]) => describeDaemon(dir, name, check));
  const node = judge('node', () => expectNodeReady(settings));
  const components = await Promise.all([...daemons, node]);
  const healthy = components.every((component) => component.healthy);
  return { dir, kubeconfigPath: kubeconfigOf(dir, 'admin'), healthy, components };
}

async function describeDaemon(dir: string, name: string, check?: () => Promise<unknown>): Promise<ComponentStatus> {
  const id = findDaemon(dir, name);
  if (id === undefined) return { name, healthy: false, reason: 'does not run' };
  const status = await judge(name, check ?? (async () => {}));
  return { ...status, pid: id.pid, ageMs: processAgeMs(id) ?? 0 };
}

async function judge(name: string, check: () => Promise<unknown>): Promise<ComponentStatus> {
  try {
    await check();
    return { name, healthy: true };
  } catch (error) {
    return { name, healthy: false, reason: (error as Error).message };
  }
}
