/** From command line options to a cluster, and to the nodes in it. */
import { existsSync } from 'node:fs';
import type { PodGet } from '../kinds/kind.ts';
import { type Connection, connect } from '../kube/client.ts';
import type { OnAnswer } from '../kube/http.ts';
import type { Kube } from '../kube/kube.ts';
import { keyOf } from '../kube/objects.ts';

export type AccessOptions = { kubeconfig?: string; context?: string };

/** @param onAnswer called for every request to the API server, see `connect` */
export function connectTo(options: AccessOptions, onAnswer?: OnAnswer): Promise<Connection> {
  return connect({
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(onAnswer === undefined ? {} : { onAnswer }),
  });
}

export function runsInPod(): boolean {
  return existsSync('/var/run/secrets/kubernetes.io/serviceaccount/token');
}

/** Calls pods through the API server: from outside. */
export function podGetByProxy(kube: Kube): PodGet {
  return async (pod, port, path, signal) => (await kube.proxyToPod(keyOf(pod), port, path, signal)).body;
}
