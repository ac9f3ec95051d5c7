/** /healthz, /readyz and /metrics, under the names that Kubernetes operators use. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Registry } from 'prom-client';

export type HealthOptions = {
  registry: Registry;
  /** What is still missing, in words; empty when ready. */
  notReady: () => string[];
};

/** The routes alone; a server with more to show can mount them. */
export function healthRoutes(options: HealthOptions): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.text('ok'));
  app.get('/readyz', (context) => {
    const missing = options.notReady();
    return missing.length === 0 ? context.text('ok') : context.text(`waiting for: ${missing.join(', ')}`, 503);
  });
  app.get('/metrics', (context) =>
    context.body(ReadableStream.from(exposition(options.registry)), 200, {
      'content-type': options.registry.contentType,
    }),
  );
  return app;
}

/** One metric after the other: of hundreds of nodes the whole text is a megabyte, which need not be there at once. */
async function* exposition(registry: Registry): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const { name } of registry.getMetricsAsArray() as { name: string }[])
    yield encoder.encode(`${await registry.getSingleMetricAsString(name)}\n\n`);
}

export type HttpServer = { url: string; close(): Promise<void> };

/**
 * Serves on an address as Go writes it: `:8080` (all interfaces), `127.0.0.1:8080`, `[::1]:0` (0: any free port). Throws an Error that
 * names the address when it can't be had.
 */
export async function serveHttp(app: Hono, address: string): Promise<HttpServer> {
  const { hostname, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, ...(hostname === undefined ? {} : { hostname }) }, (bound) => {
      server.off('error', refuse);
      resolve({ url: `http://${hostOf(hostname, bound)}:${bound.port}`, close });
    });
    server.once('error', refuse);
    function refuse(error: Error) {
      reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
    }
    function close(): Promise<void> {
      return new Promise((done) => {
        server.close(() => done());
        // Keep-alive connections of scrapers would hold the shutdown up for seconds.
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    }
  });
}

function parseAddress(address: string): { hostname: string | undefined; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    throw new Error(`address "${address}" is not HOST:PORT; write for example :8080 or 127.0.0.1:8080`);
  }
  return { hostname: match[1] ?? (match[2] || undefined), port };
}

function hostOf(hostname: string | undefined, bound: AddressInfo): string {
  if (hostname === undefined) return 'localhost';
  return bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
}
