import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeWhole } from './state.ts';

/** The name of cluster, user and context in the kubeconfigs that we write. */
const contextName = 'nodewright-cluster';

/** Writes a kubeconfig with the client certificate of `user` in it, readable by its owner only. */
export function writeKubeconfig(file: string, server: string, pki: string, user: string): void {
  const base64 = (name: string) => readFileSync(join(pki, name)).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: contextName, cluster: { server, 'certificate-authority-data': base64('ca.crt') } }],
    users: [
      {
        name: contextName,
        user: { 'client-certificate-data': base64(`${user}.crt`), 'client-key-data': base64(`${user}.key`) },
      },
    ],
    contexts: [{ name: contextName, context: { cluster: contextName, user: contextName } }],
    'current-context': contextName,
  };
  writeWhole(file, stringify(config));
}
