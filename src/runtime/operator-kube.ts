/**
 * The Kube that reconcilers write with: it refuses writes while we are not the leader, puts the answers of writes into the caches at once
 * (why: cache.ts), asks what became of a write whose answer was lost, and counts them.
 */
import { ApiError } from '../kube/api-error.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject, ObjectKey } from '../kube/objects.ts';
import type { ResourceType } from '../kube/resource-types.ts';
import type { CacheSet } from './cached-reader.ts';

/** A write was not sent because somebody else may be leading by now. */
export class NotLeadingError extends Error {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super(`${what}: not sent, this process is not the leader (any more)`, options);
    this.name = 'NotLeadingError';
  }
}

export type WriteVerb = 'create' | 'apply' | 'patch' | 'replace' | 'delete';

export type OperatorKubeOptions = {
  caches: CacheSet;
  /** Asked before every write, and again right before it is sent. */
  mayWrite: () => boolean;
  /** After every write: `code` is the HTTP status as text, or `none` when there was no answer. */
  onWrite?: (verb: WriteVerb, type: ResourceType, code: string) => void;
};

/** Dry runs change nothing, so they pass and leave no trace. */
export function operatorKube(unguarded: Kube, options: OperatorKubeOptions): Kube {
  const guarded = unguarded.guarded?.(options.mayWrite) ?? unguarded;
  async function write<T extends KubeObject | undefined>(
    verb: WriteVerb,
    type: ResourceType,
    key: ObjectKey,
    dryRun: boolean | undefined,
    send: (kube: Kube) => Promise<T>,
    record: (answer: T) => void,
  ): Promise<T> {
    if (dryRun) return send(unguarded);
    const what = `${verb} ${type.kind} ${nameOf(key)}`;
    if (!options.mayWrite()) throw new NotLeadingError(what);
    let code = 'none';
    try {
      const answer = await send(guarded);
      code = '2xx';
      record(answer);
      return answer;
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'NotSent') throw new NotLeadingError(what, { cause: error });
      if (error instanceof ApiError && error.status > 0) code = String(error.status);
      if (mayHaveHappened(error)) await lookAgain(type, key);
      throw error;
    } finally {
      options.onWrite?.(verb, type, code);
    }
  }
  /** What became of a write whose answer was lost: the caches must show it as if it had been answered. */
  async function lookAgain(type: ResourceType, key: ObjectKey): Promise<void> {
    const caches = options.caches.find(type);
    if (caches.length === 0) return;
    const live = await unguarded.get(type, key).catch(() => 'unknown' as const);
    if (live === 'unknown') return;
    for (const cache of caches) {
      const known = cache.get(key)?.metadata.uid;
      if (live !== undefined) cache.recordWrite(live);
      else if (known !== undefined) cache.recordDelete(key, known);
    }
  }
  const recordIn = (type: ResourceType) => (answer: KubeObject) => {
    for (const cache of options.caches.find(type)) cache.recordWrite(answer);
  };

  return {
    ...unguarded,
    create: (type, object, settings) =>
      write(
        'create',
        type,
        object.metadata,
        settings?.dryRun,
        (kube) => kube.create(type, object, settings),
        recordIn(type),
      ),
    apply: <T extends KubeObject>(
      type: ResourceType,
      object: KubeObject,
      settings: Parameters<Kube['apply']>[2],
    ): Promise<T> =>
      write(
        'apply',
        type,
        object.metadata,
        settings.dryRun,
        (kube) => kube.apply<T>(type, object, settings),
        recordIn(type),
      ),
    mergePatch: <T extends KubeObject>(...args: Parameters<Kube['mergePatch']>): Promise<T> => {
      const [type, key, , settings] = args;
      return write('patch', type, key, settings?.dryRun, (kube) => kube.mergePatch<T>(...args), recordIn(type));
    },
    replace: (type, object, settings) =>
      write(
        'replace',
        type,
        object.metadata,
        settings?.dryRun,
        (kube) => kube.replace(type, object, settings),
        recordIn(type),
      ),
    delete: <T extends KubeObject>(...args: Parameters<Kube['delete']>): Promise<T | undefined> => {
      const [type, key, { uid }, settings] = args;
      return write(
        'delete',
        type,
        key,
        settings?.dryRun,
        (kube) => kube.delete<T>(...args),
        (answer) => {
          for (const cache of options.caches.find(type)) {
            if (answer) cache.recordWrite(answer);
            else cache.recordDelete(key, uid);
          }
        },
      );
    },
  };
}

/** No answer, or one that says nothing about the write itself. */
function mayHaveHappened(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}

function nameOf({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return namespace ? `${namespace}/${name}` : name;
}
