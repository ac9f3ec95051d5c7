/** The Kube interface over HTTP. Answers are handed on as the JSON they are. */
import { ApiError, isNotFound } from './api-error.ts';
import { type AccessOptions, findCluster } from './credentials.ts';
import { createHttp, errorFromStatus, type Http, type OnAnswer } from './http.ts';
import type { Kube, ListOptions, ListPage, WatchEvent, WatchOptions, WriteOptions } from './kube.ts';
import { type KubeObject, keyOf, type ObjectKey } from './objects.ts';
import { apiVersionOf, type ResourceType } from './resource-types.ts';
import { parseJsonLines, parseLine, versionInLine } from './watch-stream.ts';

const TIMEOUT_MS = 30_000;
const PAGE_SIZE = 500;
/** Of a pod's answer through the proxy: far above any node's status, far below what would hurt. */
const MAX_PROXIED_BYTES = 16 * 1024 * 1024;

export type Connection = {
  kube: Kube;
  /** Of the context, or of our service account in a pod. */
  namespace: string;
  /** URL of the API server. */
  server: string;
  /** Absent for in-cluster access. */
  context?: string;
};

/**
 * Finds the cluster and prepares a client; sends nothing yet. Which cluster to take is the caller's decision: the options are followed,
 * and only without any the defaults of kubectl apply. Throws when there is no configuration.
 */
export async function connect(
  options: AccessOptions & { userAgent?: string; timeoutMs?: number; onAnswer?: OnAnswer } = {},
): Promise<Connection> {
  const access = findCluster(options);
  const userAgent = options.userAgent ?? `nodewright/${process.env.NODEWRIGHT_VERSION ?? 'dev'}`;
  const kube = createClient(createHttp(access, userAgent, options.onAnswer), options.timeoutMs ?? TIMEOUT_MS);
  const { server, namespace, context } = access;
  return { kube, server, namespace, ...(context === undefined ? {} : { context }) };
}

function createClient(http: Http, timeoutMs: number, maySend?: () => boolean): Kube {
  const kube: Kube = {
    async get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
      try {
        return await http.json<T>({ method: 'GET', path: pathOf(type, key), timeoutMs, what: say('get', type, key) });
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async listPage<T extends KubeObject>(
      type: ResourceType,
      options: ListOptions & { limit?: number; continueToken?: string; signal?: AbortSignal },
    ): Promise<ListPage<T>> {
      const page = await http.json<{ items: T[] | null; metadata: { resourceVersion: string; continue?: string } }>({
        method: 'GET',
        path: pathOf(type, { namespace: options.namespace }),
        query: { ...selectors(options), limit: options.limit, continue: options.continueToken },
        timeoutMs,
        ...(options.signal ? { signal: options.signal } : {}),
        what: sayMany('list', type, options.namespace),
      });
      const apiVersion = apiVersionOf(type);
      // Built-in types leave apiVersion and kind out of the items of a list.
      const items = (page.items ?? []).map((item) => ({ ...item, apiVersion, kind: type.kind }));
      return {
        items,
        resourceVersion: page.metadata.resourceVersion,
        ...(page.metadata.continue ? { continueToken: page.metadata.continue } : {}),
      };
    },

    async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<T[]> {
      const items: T[] = [];
      let continueToken: string | undefined;
      do {
        const page: ListPage<T> = await kube.listPage<T>(type, {
          ...options,
          limit: PAGE_SIZE,
          ...(continueToken === undefined ? {} : { continueToken }),
        });
        items.push(...page.items);
        continueToken = page.continueToken;
      } while (continueToken !== undefined);
      return items;
    },

    async *watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
      const what = sayMany('watch', type, options.namespace);
      try {
        const chunks = await http.stream({
          method: 'GET',
          path: pathOf(type, { namespace: options.namespace }),
          query: {
            ...selectors(options),
            watch: true,
            allowWatchBookmarks: true,
            resourceVersion: options.resourceVersion,
            timeoutSeconds: options.timeoutSeconds,
          },
          timeoutMs,
          signal: options.signal,
          what,
        });
        for await (const event of parseJsonLines(chunks, (line) => knownAsBookmark(line, options) ?? parseLine(line))) {
          const { type: eventType, object } = event as { type: WatchEvent<T>['type'] | 'ERROR'; object: T };
          if (eventType === 'ERROR') throw errorFromStatus(what, object, 500);
          yield { type: eventType, object };
        }
      } catch (error) {
        if (options.signal.aborted) return;
        if (error instanceof ApiError) throw error;
        throw new ApiError(`${what}: cut off: ${(error as Error).message}`, 0, 'Unreachable', { cause: error });
      }
    },

    create: (type, object, options) =>
      http.json({
        method: 'POST',
        path: pathOf(type, { namespace: object.metadata.namespace }),
        query: writeQuery(options),
        body: object,
        timeoutMs,
        maySend,
        what: say('create', type, keyOf(object)),
      }),

    apply: (type, object, options) =>
      http.json({
        method: 'PATCH',
        path: pathOf(type, keyOf(object), options.subresource),
        query: { ...writeQuery(options), force: true },
        body: object,
        contentType: 'application/apply-patch+yaml', // JSON is YAML
        timeoutMs,
        maySend,
        what: say('apply', type, keyOf(object), options.subresource),
      }),

    mergePatch: (type, key, patch, options) =>
      http.json({
        method: 'PATCH',
        path: pathOf(type, key, options?.subresource),
        query: writeQuery(options),
        body: patch,
        contentType: 'application/merge-patch+json',
        timeoutMs,
        maySend,
        what: say('patch', type, key, options?.subresource),
      }),

    replace: (type, object, options) =>
      http.json({
        method: 'PUT',
        path: pathOf(type, keyOf(object), options?.subresource),
        query: writeQuery(options),
        body: object,
        timeoutMs,
        maySend,
        what: say('replace', type, keyOf(object), options?.subresource),
      }),

    async delete<T extends KubeObject>(
      type: ResourceType,
      key: ObjectKey,
      preconditions: { uid: string },
      options: { dryRun?: boolean; propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' } = {},
    ): Promise<T | undefined> {
      try {
        const answer = await http.json<KubeObject>({
          method: 'DELETE',
          path: pathOf(type, key),
          body: {
            apiVersion: 'v1',
            kind: 'DeleteOptions',
            preconditions: { uid: preconditions.uid },
            ...(options.propagationPolicy ? { propagationPolicy: options.propagationPolicy } : {}),
            ...(options.dryRun ? { dryRun: ['All'] } : {}),
          },
          timeoutMs,
          maySend,
          what: say('delete', type, key),
        });
        return isTerminating(answer) ? (answer as T) : undefined;
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async proxyToPod(pod, port, path, signal) {
      const answer = await http.exchange({
        method: 'GET',
        path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}:${port}/proxy/${path.replace(/^\/+/, '')}`,
        timeoutMs,
        signal,
        maxBytes: MAX_PROXIED_BYTES,
        retry: false, // whoever polls asks again anyway
        what: `get http://${pod.name}.${pod.namespace}:${port}/${path.replace(/^\/+/, '')} through the API server`,
      });
      return { status: answer.status, body: answer.text };
    },

    async discover(groupVersion) {
      const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
      try {
        const answer = await http.json<{ resources: { name: string; kind: string; namespaced: boolean }[] }>({
          method: 'GET',
          path: group === '' ? `/api/${version}` : `/apis/${group}/${version}`,
          timeoutMs,
          what: `discover ${groupVersion}`,
        });
        return answer.resources
          .filter((resource) => !resource.name.includes('/'))
          .map(({ name, kind, namespaced }) => ({
            group: group as string,
            version: version as string,
            kind,
            plural: name,
            namespaced,
          }));
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    guarded: (guard) => createClient(http, timeoutMs, guard),

    serverVersion: () => http.json({ method: 'GET', path: '/version', timeoutMs, what: 'read the server version' }),
  };
  return kube;
}

/**
 * Whether the answer to a delete is an object that still exists. It may also be a Status or the last state of an object that is gone:
 * with no finalizer left and no grace period the API server removes it at once.
 */
function isTerminating(answer: KubeObject): boolean {
  if (answer.kind === 'Status') return false;
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = answer.metadata;
  return deletionTimestamp !== undefined && ((deletionGracePeriodSeconds ?? 0) > 0 || (finalizers ?? []).length > 0);
}

function pathOf(
  type: ResourceType,
  key: { namespace?: string | undefined; name?: string },
  subresource?: string,
): string {
  return [
    type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`,
    ...(type.namespaced && key.namespace ? ['namespaces', key.namespace] : []),
    type.plural,
    ...(key.name === undefined ? [] : [encodeURIComponent(key.name)]),
    ...(subresource === undefined ? [] : [subresource]),
  ].join('/');
}

function selectors(options: ListOptions) {
  return { labelSelector: options.labelSelector || undefined, fieldSelector: options.fieldSelector || undefined };
}

function writeQuery(options: WriteOptions = {}) {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined };
}

function say(verb: string, type: ResourceType, key: ObjectKey, subresource?: string): string {
  const name = key.namespace ? `${key.namespace}/${key.name}` : key.name;
  return `${verb} ${subresource ? `${subresource} of ` : ''}${type.kind} ${name}`;
}

function sayMany(verb: string, type: ResourceType, namespace: string | undefined): string {
  return `${verb} ${type.plural}${namespace ? ` in ${namespace}` : ''}`;
}

/** A bookmark in place of an event that nobody needs. */
function knownAsBookmark(line: Buffer, { isKnown }: WatchOptions): unknown {
  if (isKnown === undefined) return undefined;
  const version = versionInLine(line);
  if (version === undefined || !isKnown(version)) return undefined;
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion: version.resourceVersion } } };
}
