/** From command line options to a cluster, and to the nodes in it. */
import { existsSync } from 'node:fs';
import { fetch } from 'undici';
import type { PodGet } from '../kinds/kind.ts';
import { type Connection, connect } from '../kube/client.ts';
import type { Kube } from '../kube/kube.ts';
import { keyOf } from '../kube/objects.ts';

export type AccessOptions = { kubeconfig?: string; context?: string };

export function connectTo(options: AccessOptions): Promise<Connection> {
  return connect({
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
  });
}

export function runsInPod(): boolean {
  return existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token');
}

/** Calls pods at their IP: inside a cluster. */
export const podGetDirect: PodGet = async (pod, port, path, signal) => {
  const ip = pod.status?.podIP;
  if (ip === undefined) throw new Error(`Pod ${pod.metadata.name} has no IP yet`);
  const host = ip.includes(':') ? `[${ip}]` : ip;
  try {
    const response = await fetch(`http://${host}:${port}${path}`, { signal });
    // CometBFT answers errors with status 500 and a JSON body that says more.
    return await response.text();
  } catch (error) {
    throw new Error(explain(error));
  }
};

/** Calls pods through the API server: from outside. */
export function podGetByProxy(kube: Kube): PodGet {
  return async (pod, port, path, signal) => (await kube.proxyToPod(keyOf(pod), port, path, signal)).body;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time';
  const code = (error.cause as { code?: string } | undefined)?.code;
  return code === undefined ? error.message : `no connection (${code})`;
}
