import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { findCluster } from './credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'nodewright-credentials-'));

function writeConfig(
  name: string,
  contexts: Record<string, { server: string; namespace?: string; token?: string }>,
  current?: string,
): string {
  const path = join(folder, name);
  const entries = Object.entries(contexts);
  writeFileSync(
    path,
    JSON.stringify({
      ...(current === undefined ? {} : { 'current-context': current }),
      clusters: entries.map(([id, { server }]) => ({ name: id, cluster: { server } })),
      users: entries.map(([id, { token }]) => ({ name: id, user: token ? { token } : {} })),
      contexts: entries.map(([id, { namespace }]) => ({ name: id, context: { cluster: id, user: id, namespace } })),
    }),
  );
  return path;
}

const one = writeConfig(
  'one',
  { a: { server: 'https://a.example/', namespace: 'space' }, b: { server: 'http://b.example' } },
  'a',
);
const two = writeConfig(
  'two',
  { a: { server: 'https://other.example' }, c: { server: 'https://c.example', token: 't' } },
  'c',
);
const none = writeConfig('none', { a: { server: 'https://a.example' } });

afterAll(() => {
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('which cluster', () => {
  test.each([
    ['the named file', { kubeconfig: one }, '', { server: 'https://a.example', namespace: 'space', context: 'a' }],
    [
      'another context',
      { kubeconfig: one, context: 'b' },
      '',
      { server: 'http://b.example', namespace: 'default', context: 'b' },
    ],
    ['the named file before KUBECONFIG', { kubeconfig: one }, two, { server: 'https://a.example' }],
    [
      'KUBECONFIG, the first file to name something wins',
      {},
      `${one}:${two}`,
      { server: 'https://a.example', context: 'a' },
    ],
    ['KUBECONFIG, a context of the second file', { context: 'c' }, `${one}:${two}`, { server: 'https://c.example' }],
    ['KUBECONFIG, missing files are skipped', {}, `${folder}/nothing:${two}`, { server: 'https://c.example' }],
  ])('%s', (_, options, kubeconfig, expected) => {
    vi.stubEnv('KUBECONFIG', kubeconfig);
    expect(findCluster(options)).toMatchObject(expected);
  });

  test.each([
    ['a missing file', { kubeconfig: `${folder}/nothing` }, 'nothing does not exist'],
    ['an unknown context', { kubeconfig: one, context: 'x' }, 'context "x" does not exist (contexts: a, b)'],
    ['no current context', { kubeconfig: none }, 'no current-context is set; name one with --context (contexts: a)'],
    ['no pod', { inCluster: true }, 'outside a pod pass --kubeconfig'],
    ['nothing at all', {}, 'pass --kubeconfig or set KUBECONFIG'],
  ])('%s is refused', (_, options, message) => {
    vi.stubEnv('KUBECONFIG', `${folder}/nothing`);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '');
    expect(() => findCluster(options)).toThrow(message);
  });
});

test('one connection pool is kept while headers are renewed', async () => {
  const access = findCluster({ kubeconfig: two });
  const first = await access.credentials();
  const renewed = await access.credentials(true);
  expect(first.headers).toEqual({ Authorization: 'Bearer t' });
  expect(renewed.dispatcher).toBe(first.dispatcher);
});
