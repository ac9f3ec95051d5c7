/**
 * What Nodewright asks of an API server. One implementation speaks HTTP (client.ts); wrappers guard or record writes. Everything is raw
 * JSON: no `Date`, no model classes.
 */
import type { KubeObject, ObjectKey, ObjectVersion } from './objects.ts';
import type { ResourceType } from './resource-types.ts';

export type ListOptions = {
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
};

export type ListPage<T> = { items: T[]; resourceVersion: string; continueToken?: string };

export type WatchOptions = ListOptions & {
  resourceVersion: string;
  /** The server closes the watch after this many seconds. */
  timeoutSeconds: number;
  signal: AbortSignal;
  /**
   * Whether nobody needs to be told of this version of an object, such as the one that a write of ours was answered with. It then comes as a
   * bookmark, most often without having been parsed. Default: everybody is told of everything.
   */
  isKnown?: (version: ObjectVersion) => boolean;
};

/** `BOOKMARK` carries only a resourceVersion; `ERROR` is thrown as an ApiError instead of being returned. */
export type WatchEvent<T> = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T };

export type WriteOptions = { fieldManager?: string; dryRun?: boolean };

export type Kube = {
  /** `undefined` when the object does not exist (404); every other failure is an ApiError. */
  get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined>;
  /** One page; `limit` and `continueToken` as the API server defines them. Items carry apiVersion and kind. */
  listPage<T extends KubeObject>(
    type: ResourceType,
    options: ListOptions & { limit?: number; continueToken?: string; signal?: AbortSignal },
  ): Promise<ListPage<T>>;
  /** All pages. */
  list<T extends KubeObject>(type: ResourceType, options?: ListOptions): Promise<T[]>;
  /** Ends when the server closes it or `signal` aborts; throws ApiError for everything else, a cut connection included. */
  watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  /** POST. Throws ApiError with reason AlreadyExists when the name is taken. */
  create<T extends KubeObject>(type: ResourceType, object: T, options?: WriteOptions): Promise<T>;
  /** Server-side apply with force. */
  apply<T extends KubeObject>(
    type: ResourceType,
    object: KubeObject,
    options: WriteOptions & { fieldManager: string; subresource?: 'status' },
  ): Promise<T>;
  /** JSON merge patch. Put `metadata.resourceVersion` or `metadata.uid` into the patch to make it conditional. */
  mergePatch<T extends KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patch: object,
    options?: WriteOptions & { subresource?: 'status' },
  ): Promise<T>;
  /** Full update (PUT), conditional on the object's metadata.resourceVersion. */
  replace<T extends KubeObject>(
    type: ResourceType,
    object: T,
    options?: WriteOptions & { subresource?: 'status' },
  ): Promise<T>;
  /**
   * Deletes only the object with this uid (409 otherwise); one that is already gone is no error. Returns the object as it is while
   * it terminates, or undefined when it is gone at once.
   */
  delete<T extends KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    preconditions: { uid: string },
    options?: { dryRun?: boolean; propagationPolicy?: 'Foreground' | 'Background' | 'Orphan' },
  ): Promise<T | undefined>;
  /** GET to a pod's HTTP port through the API server's pod proxy. */
  proxyToPod(
    pod: ObjectKey,
    port: number,
    path: string,
    signal: AbortSignal,
  ): Promise<{ status: number; body: string }>;
  /** The kinds served under a group and version, or undefined when the group is not there. */
  discover(groupVersion: string): Promise<ResourceType[] | undefined>;
  /**
   * The same API, whose writes ask `maySend` in the moment before they are sent, at every try; false fails them with an ApiError of
   * reason NotSent. Absent where nothing lies between a call and its effect.
   */
  guarded?(maySend: () => boolean): Kube;
  serverVersion(): Promise<{ major: string; minor: string; gitVersion: string }>;
};
