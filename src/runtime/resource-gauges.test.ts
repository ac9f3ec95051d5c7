import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createResourceGauges } from './resource-gauges.ts';

const size = (pool: string, value: number) => ({ name: 'pool_size', help: 'Size', labels: { pool }, value });

test('a resource has the values of its last pass, and none when it is gone', async () => {
  const registry = new Registry();
  const gauges = createResourceGauges(registry);
  gauges.report('pool/a', [size('a', 1)]);
  gauges.report('pool/b', [size('b', 2)]);
  gauges.report('pool/a', [size('a', 3)]);
  expect(await registry.metrics()).toMatch(/pool_size\{pool="b"\} 2\npool_size\{pool="a"\} 3\n/);
  gauges.forget('pool/a');
  expect(await registry.metrics()).not.toContain('pool="a"');
  expect(await registry.metrics()).toContain('pool_size{pool="b"} 2');
});
