/** The dashboard of an operator, on an address of its own: the page is for people, /metrics is not. */
import { readFile } from 'node:fs/promises';
import type { Hono } from 'hono';
import { type HttpServer, serveHttp } from '../../runtime/health.ts';
import { createAccess, isLoopbackAddress, type ReadToken } from './access.ts';
import { createFeed } from './feed.ts';
import type { Fleet } from './fleet.ts';
import { type PageFiles, pageFilesIn } from './page-files.ts';
import { dashboardRoutes } from './routes.ts';

export type ServeOptions = {
  /** Such as `127.0.0.1:8090`. */
  address: string;
  tokenFile?: string | undefined;
  fleet: Fleet;
  onError(error: unknown): void;
  /** Default: beside the bundle. */
  files?: PageFiles;
};

/** What can't be guessed, even by who may try for years. */
const MIN_TOKEN_LENGTH = 16;

/** Throws where the address can't be had, where it is open to others and there is no token, and where the token is of no use. */
export async function serveDashboard({ address, tokenFile, fleet, onError, files }: ServeOptions): Promise<HttpServer> {
  if (tokenFile === undefined && !isLoopbackAddress(address))
    throw new Error(
      `--dashboard-address ${address} can be reached by others: give a token with --dashboard-token-file, or use 127.0.0.1:8090`,
    );
  const readToken: ReadToken = tokenFile === undefined ? undefined : () => readTokenFile(tokenFile);
  await readToken?.();
  const routes = dashboardRoutes({
    fleet,
    feed: createFeed({ fleet, onError }),
    access: createAccess(readToken),
    files: files ?? pageFilesIn(new URL('./dashboard/', import.meta.url)),
  });
  return serveHttp(routes as unknown as Hono, address);
}

async function readTokenFile(file: string): Promise<string> {
  const token = (await readFile(file, 'utf8')).trim();
  if (token.length < MIN_TOKEN_LENGTH)
    throw new Error(
      `--dashboard-token-file ${file}: found ${token.length} characters, at least ${MIN_TOKEN_LENGTH} are needed; make one with: openssl rand -hex 32`,
    );
  return token;
}
