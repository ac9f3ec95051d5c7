/** The dashboard that `nodewright operator` serves. */
import type { Logger } from 'pino';
import { type FleetSource, operatorFleet } from '../dashboard/server/fleet.ts';
import { serveDashboard } from '../dashboard/server/serve.ts';
import type { HttpServer } from '../runtime/health.ts';
import type { RunningManager } from '../runtime/manager.ts';
import { VERSION } from './version.ts';

export type DashboardOptions = {
  /** Absent: the default, and if that can't be had, nowhere. */
  dashboardAddress?: string;
  dashboardTokenFile?: string;
};

const DEFAULT_DASHBOARD_ADDRESS = '127.0.0.1:8090';

/** Undefined where none is wanted, or where somebody else has the address that nobody asked for. */
export async function startDashboard(
  { dashboardAddress, dashboardTokenFile }: DashboardOptions,
  source: Pick<FleetSource, 'kinds' | 'kube' | 'options'>,
  manager: Pick<RunningManager, 'cached' | 'isLeader' | 'leader' | 'missing'>,
  log: Logger,
): Promise<HttpServer | undefined> {
  if (dashboardAddress === 'off') return undefined;
  const fleet = operatorFleet({
    ...source,
    cached: manager.cached,
    operator: () => ({
      version: VERSION,
      leads: manager.isLeader(),
      leader: manager.leader(),
      missing: manager.missing(),
    }),
    now: () => new Date(),
  });
  try {
    const server = await serveDashboard({
      address: dashboardAddress ?? DEFAULT_DASHBOARD_ADDRESS,
      tokenFile: dashboardTokenFile,
      fleet,
      onError: (error) => log.error({ err: error }, 'the dashboard could not be brought up to date'),
    });
    log.info({ url: server.url }, 'the dashboard is served');
    return server;
  } catch (error) {
    if (dashboardAddress !== undefined) throw error;
    log.warn({ err: error }, 'there is no dashboard; choose an address with --dashboard-address');
    return undefined;
  }
}
