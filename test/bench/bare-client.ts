/**
 * The least that a client of the API server can be: some connections, bodies that were made before, answers that nobody reads. The time
 * it needs for a number of writes is the time that the API server needs.
 */
import { readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { parse } from 'yaml';
import type { KubeObject } from '../../src/kube/objects.ts';
import { apiVersionOf, type ResourceType } from '../../src/kube/resource-types.ts';

export type TypedObject = { type: ResourceType; object: KubeObject };

export type BareClient = {
  /**
   * POSTs objects in their order, as many at a time as there are connections. Returns the seconds that it took. Throws with the answer
   * when one is refused.
   */
  create(objects: readonly TypedObject[]): Promise<number>;
  /** How many objects there are of a type in a namespace. */
  count(type: ResourceType, namespace: string): Promise<number>;
  close(): Promise<void>;
};

/** What a kubeconfig of cluster/kubeconfig.ts says. */
type Kubeconfig = {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
};

const HEADERS = { accept: 'application/json', 'user-agent': 'nodewright-bench' };

/** @param kubeconfig of a control plane of cluster/ */
export function openBareClient(kubeconfig: string, connections: number): BareClient {
  const pool = openPool(kubeconfig, connections);

  async function post(path: string, body: string): Promise<void> {
    const headers = { ...HEADERS, 'content-type': 'application/json' };
    const answer = await pool.request({ method: 'POST', path, headers, body });
    if (answer.statusCode === 201) return answer.body.dump();
    throw new Error(`POST ${path}: HTTP ${answer.statusCode}: ${(await answer.body.text()).slice(0, 500)}`);
  }

  return {
    async create(objects) {
      const prepared = objects.map(({ type, object }) => ({
        path: collectionPath(type, object.metadata.namespace),
        body: JSON.stringify(object),
      }));
      const begun = performance.now();
      const line = prepared.values();
      const work = async () => {
        for (const { path, body } of line) await post(path, body);
      };
      await Promise.all(Array.from({ length: connections }, work));
      return (performance.now() - begun) / 1000;
    },
    async count(type, namespace) {
      const path = `${collectionPath(type, namespace)}?limit=1`;
      const answer = await pool.request({ method: 'GET', path, headers: HEADERS });
      const { items, metadata } = (await answer.body.json()) as {
        items: unknown[];
        metadata: { remainingItemCount?: number };
      };
      return items.length + (metadata.remainingItemCount ?? 0);
    },
    close: () => pool.close(),
  };
}

function openPool(kubeconfig: string, connections: number): Pool {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = users[0].user;
  const decode = (base64: string) => Buffer.from(base64, 'base64');
  return new Pool(server, { connections, connect: { ca: decode(ca), cert: decode(cert), key: decode(key) } });
}

function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const api = type.group === '' ? '/api' : '/apis';
  return `${api}/${apiVersionOf(type)}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${type.plural}`;
}
