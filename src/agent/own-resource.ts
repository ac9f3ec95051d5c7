/**
 * The one resource that a pod belongs to: read, and its status patched, over the API server with the pod's own service account. A client of
 * a few lines, because a Kubernetes library would be larger than all the rest of the agent.
 */
import { readFile } from 'node:fs/promises';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';

/** What of a CosmosFullNode the agent needs. */
export type OwnResource = {
  metadata: { uid: string };
  spec: {
    chain: { versions?: { height: number; image: string }[] };
    podTemplate: { image?: string; containers?: { name: string; image?: string }[] };
    instanceOverrides?: Record<string, { image?: string }>;
  };
  status?: { height?: Record<string, number> };
};

export type ResourceClient = {
  read(): Promise<OwnResource>;
  /** Refused when the resource is another one by now. */
  reportHeight(uid: string, pod: string, height: number): Promise<void>;
};

const ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

export type ClusterAccess = {
  env: NodeJS.ProcessEnv;
  /** Where the kubelet mounts token, CA and namespace. */
  accountDir?: string;
};

/** @param name of the CosmosFullNode; it is in the pod's own namespace */
export function openOwnResource(name: string, { env, accountDir = ACCOUNT_DIR }: ClusterAccess): ResourceClient {
  async function call(method: 'GET' | 'PATCH', subresource: string, patch?: object): Promise<string> {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
    if (!host) throw new Error('environment: KUBERNETES_SERVICE_HOST is not set; the version check runs in pods only');
    // The kubelet renews the token.
    const [token, ca, namespace] = await Promise.all(
      ['token', 'ca.crt', 'namespace'].map((file) => readAccountFile(join(accountDir, file))),
    );
    const path = `/apis/cosmos.strange.love/v1/namespaces/${namespace?.trim()}/cosmosfullnodes/${name}${subresource}`;
    const body = patch === undefined ? undefined : JSON.stringify(patch);
    const { status, text } = await exchange({
      options: {
        method,
        host,
        port,
        path,
        ca,
        timeout: TIMEOUT_MS,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token?.trim()}`,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/merge-patch+json', 'content-length': Buffer.byteLength(body) }),
        },
      },
      body,
    });
    if (status === 403) {
      const missing = method === 'GET' ? 'get cosmosfullnodes' : 'patch cosmosfullnodes/status';
      throw new Error(
        `the service account of the pod may not ${missing} ${name}: give it that right, or remove spec.serviceAccountName`,
      );
    }
    if (status < 200 || status > 299)
      throw new Error(`the API server answered ${status} to ${method} of CosmosFullNode ${name}: ${reasonIn(text)}`);
    return text;
  }

  return {
    read: async () => JSON.parse(await call('GET', '')),
    reportHeight: async (uid, pod, height) => {
      await call('PATCH', '/status?fieldManager=nodewright-agent', {
        metadata: { uid },
        status: { height: { [pod]: height } },
      });
    },
  };
}

async function readAccountFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`${path} cannot be read; the pod needs a mounted service account token`, { cause: error });
  }
}

function exchange(input: { options: RequestOptions; body: string | undefined }) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`the API server cannot be reached: ${error.message}`));
    const sent = request(input.options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) sent.destroy(new Error(`its answer is longer than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on('error', fail);
    });
    sent.on('error', fail);
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    sent.end(input.body);
  });
}

function reasonIn(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message).slice(0, 300);
  } catch {
    return text.slice(0, 100);
  }
}
