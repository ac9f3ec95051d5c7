/** The dashboard's own server with the page of this build, over a fleet that never was. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pageFilesIn } from '../../src/dashboard/server/page-files.ts';
import { serveDashboard } from '../../src/dashboard/server/serve.ts';
import type { HttpServer } from '../../src/runtime/health.ts';
import { type SyntheticFleet, syntheticFleet } from './synthetic-fleet.ts';

const DIST = process.env.NODEWRIGHT_TEST_DIST ?? join(import.meta.dirname, '../../dist');

export type Served = HttpServer & { fleet: SyntheticFleet };

export async function servePage(
  options: { size?: number; tokenFile?: string; address?: string } = {},
): Promise<Served> {
  const { size, tokenFile, address = '127.0.0.1:0' } = options;
  const fleet = syntheticFleet(size);
  const files = pageFilesIn(pathToFileURL(`${join(DIST, 'dashboard')}/`));
  const onError = (error: unknown) => {
    throw error;
  };
  return { ...(await serveDashboard({ address, tokenFile, fleet, onError, files })), fleet };
}
