import { Counter, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { healthRoutes, serveHttp } from './health.ts';

const registry = new Registry();
new Counter({ name: 'things_total', help: 'Things', registers: [registry] }).inc();
let missing: string[] = ['pods', 'secrets'];
const routes = healthRoutes({ registry, notReady: () => missing });

test('ready only when nothing is missing; alive and measured all the time', async () => {
  expect((await routes.request('/healthz')).status).toBe(200);
  const waiting = await routes.request('/readyz');
  expect([waiting.status, await waiting.text()]).toEqual([503, 'waiting for: pods, secrets']);
  missing = [];
  expect((await routes.request('/readyz')).status).toBe(200);
  const metrics = await routes.request('/metrics');
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  expect(await metrics.text()).toContain('things_total 1');
});

test.each([['127.0.0.1:0'], ['localhost:0'], [':0']])('serves on %s', async (address) => {
  const server = await serveHttp(routes, address);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await server.close();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test.each([['8080'], ['localhost'], [':99999'], ['']])('refuses the address "%s"', async (address) => {
  await expect(serveHttp(routes, address)).rejects.toThrow('is not HOST:PORT');
});

test('an address in use is named', async () => {
  const server = await serveHttp(routes, '127.0.0.1:0');
  const address = new URL(server.url).host;
  await expect(serveHttp(routes, address)).rejects.toThrow(`cannot listen on ${address}`);
  await server.close();
});
