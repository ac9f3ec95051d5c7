/**
 * Where the API server is and how to prove who we are. client-node reads kubeconfig files and knows the ways to authenticate (client
 * certificates, tokens, token files that rotate, exec plugins, OIDC, proxies); this file turns that into headers and a connection pool.
 * Only client-node's config module is imported: the whole package is more than twice as large.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type DispatcherOptions, KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { Agent, type Dispatcher } from 'undici';

const SERVICE_ACCOUNT_TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Tokens in files rotate about hourly and exec plugins know their own expiry, so asking again every half minute is plenty. */
const CREDENTIALS_MAX_AGE_MS = 30_000;

type Credentials = { headers: Record<string, string>; dispatcher: Dispatcher };

export type ClusterAccess = {
  /** Base URL, without a slash at the end. */
  server: string;
  /** The namespace of the context or, in a pod, of the service account; `default` when none is named. */
  namespace: string;
  context: string | undefined;
  /** Fresh credentials; `renew` asks for new ones although the known ones are young (after a 401). */
  credentials(renew?: boolean): Promise<Credentials>;
};

export type AccessOptions = {
  /** A kubeconfig file. Default: the files in KUBECONFIG, else ~/.kube/config, else the service account of the pod we run in. */
  kubeconfig?: string;
  /** A context of that file. Default: its current one. */
  context?: string;
  /** Take the pod's service account and look at no file. */
  inCluster?: boolean;
};

/** Throws an Error that names the file or context and what to do when no cluster can be found. */
export function findCluster(options: AccessOptions = {}): ClusterAccess {
  const config = new RecordingKubeConfig();
  loadConfig(config, options);
  const context = options.context ?? config.currentContext;
  const found = context === undefined ? null : config.getContextObject(context);
  if (found === null) {
    const names = config.contexts.map((known) => known.name).join(', ') || 'none';
    throw new Error(
      context === undefined
        ? `kubeconfig: no current-context is set; name one with --context (contexts: ${names})`
        : `kubeconfig: context "${context}" does not exist (contexts: ${names})`,
    );
  }
  config.setCurrentContext(found.name);
  const cluster = config.getCluster(found.cluster);
  if (cluster === null) {
    throw new Error(`kubeconfig: context "${found.name}" names cluster "${found.cluster}", which does not exist`);
  }
  // client-node refuses plain http unless TLS verification is off; there is no TLS to verify, and kubectl allows it.
  if (cluster.server.startsWith('http:')) Object.assign(cluster, { skipTLSVerify: true });
  return {
    server: cluster.server.replace(/\/+$/, ''),
    namespace: found.namespace || 'default',
    context: options.inCluster === true ? undefined : found.name,
    credentials: rememberCredentials(config),
  };
}

/** Names of the contexts that `options.context` may be; none when there is no kubeconfig. */
export function contextNames(options: AccessOptions = {}): string[] {
  const config = new KubeConfig();
  loadConfig(config, options);
  return config.contexts.map(({ name }) => name);
}

function loadConfig(config: KubeConfig, options: AccessOptions): void {
  if (options.inCluster) {
    if (!process.env.KUBERNETES_SERVICE_HOST || !existsSync(SERVICE_ACCOUNT_TOKEN)) {
      throw new Error(
        `no service account: KUBERNETES_SERVICE_HOST or ${SERVICE_ACCOUNT_TOKEN} is missing; outside a pod pass --kubeconfig`,
      );
    }
    config.loadFromCluster();
    return;
  }
  if (options.kubeconfig !== undefined) {
    if (!existsSync(options.kubeconfig)) throw new Error(`kubeconfig ${options.kubeconfig} does not exist`);
    loadFiles(config, [options.kubeconfig]);
    return;
  }
  // As kubectl does: missing files in KUBECONFIG are skipped.
  const listed = process.env.KUBECONFIG?.split(delimiter).filter((file) => file !== '') ?? [];
  const candidates = listed.length > 0 ? listed : [join(homedir(), '.kube', 'config')];
  const files = candidates.filter((file) => existsSync(file));
  if (files.length > 0) {
    loadFiles(config, files);
  } else if (process.env.KUBERNETES_SERVICE_HOST && existsSync(SERVICE_ACCOUNT_TOKEN)) {
    config.loadFromCluster();
  } else {
    throw new Error(`no cluster: ${candidates.join(', ')} does not exist; pass --kubeconfig or set KUBECONFIG`);
  }
}

/** The first file to define a name or the current context wins, as with kubectl; client-node alone refuses duplicates. */
function loadFiles(config: KubeConfig, files: string[]): void {
  for (const [index, file] of files.entries()) {
    const part = new KubeConfig();
    try {
      part.loadFromFile(file);
    } catch (error) {
      throw new Error(`kubeconfig ${file} cannot be read: ${(error as Error).message}`, { cause: error });
    }
    if (index === 0 || !config.currentContext) config.currentContext = part.currentContext;
    for (const cluster of part.clusters) if (!config.getCluster(cluster.name)) config.addCluster(cluster);
    for (const user of part.users) if (!config.getUser(user.name)) config.addUser(user);
    for (const context of part.contexts) if (!config.getContextObject(context.name)) config.addContext(context);
  }
}

/** Remembers what client-node would build a connection pool from, so that we can keep one pool instead of one per request. */
class RecordingKubeConfig extends KubeConfig {
  recorded: DispatcherOptions = { type: 'none' };

  override createDispatcherOptions(
    ...args: Parameters<KubeConfig['createDispatcherOptions']>
  ): ReturnType<KubeConfig['createDispatcherOptions']> {
    this.recorded = super.createDispatcherOptions(...args);
    return this.recorded;
  }
}

function rememberCredentials(config: RecordingKubeConfig): ClusterAccess['credentials'] {
  let known: { at: number; poolKey: string; credentials: Credentials } | undefined;
  let pending: Promise<Credentials> | undefined;

  async function load(): Promise<Credentials> {
    const headers: Record<string, string> = {};
    let proxied: Dispatcher | undefined;
    const target = {
      setHeaderParam: (name: string, value: string) => {
        headers[name] = value;
      },
      setDispatcher: (dispatcher: Dispatcher) => {
        proxied = dispatcher;
      },
    };
    await config.applySecurityAuthentication(
      target as unknown as Parameters<KubeConfig['applySecurityAuthentication']>[0],
    );
    const poolKey = JSON.stringify(config.recorded);
    if (known?.poolKey === poolKey) {
      known = { at: Date.now(), poolKey, credentials: { headers, dispatcher: known.credentials.dispatcher } };
    } else {
      // Another certificate: open requests (watches) may finish on the pool they began on.
      known?.credentials.dispatcher.close().catch(() => {});
      known = {
        at: Date.now(),
        poolKey,
        credentials: { headers, dispatcher: buildPool(config.recorded, proxied) },
      };
    }
    return known.credentials;
  }

  return async (renew = false) => {
    if (known && !renew && Date.now() - known.at < CREDENTIALS_MAX_AGE_MS) return known.credentials;
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

function buildPool(options: DispatcherOptions, proxied: Dispatcher | undefined): Dispatcher {
  if (options.type !== 'agent' && options.type !== 'none' && proxied) return proxied;
  const connect =
    options.type === 'agent'
      ? // Certificates are read once, not for each of dozens of connections.
        { ...options.connect, secureContext: createSecureContext(options.connect as SecureContextOptions) }
      : { keepAlive: true, keepAliveInitialDelay: 30_000 };
  // Idle connections outlive the pauses between lease renewals and polls; the API server closes them after three minutes.
  return new Agent({ connect: { ...connect, timeout: 10_000 }, keepAliveTimeout: 60_000 } as Agent.Options);
}
