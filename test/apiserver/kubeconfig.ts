import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A kubeconfig without credentials for a server on loopback; returns its path, in a folder of its own that the caller removes. */
export async function writeKubeconfig(server: string, namespace?: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'nodewright-kubeconfig-')), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'scripted',
    clusters: [{ name: 'scripted', cluster: { server } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [
      { name: 'scripted', context: { cluster: 'scripted', user: 'nobody', ...(namespace ? { namespace } : {}) } },
    ],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}
