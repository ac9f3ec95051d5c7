import { describe, expect, test } from 'vitest';
import { ApiError } from '../kube/api-error.ts';
import type { KubeObject } from '../kube/objects.ts';
import { PODS, SECRETS, SERVICES } from '../kube/resource-types.ts';
import { type Actor, act, describeFailure, NameTakenError, worstFailure } from './act.ts';
import type { Change } from './change.ts';
import { diffObject } from './diff.ts';

const object = (kind: string, name: string, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'n', labels: { 'nodewright.dev/resource': 'demo' }, ...metadata },
});
const create = (name: string): Change => ({
  verb: 'create',
  type: SECRETS,
  key: { namespace: 'n', name },
  why: 'keys',
  object: object('Secret', name),
});
const apply = (name: string, isNew = true): Change => ({
  verb: 'apply',
  type: SERVICES,
  key: { namespace: 'n', name },
  why: 'address',
  object: object('Service', name),
  isNew,
});
const remove = (name: string): Change => ({
  verb: 'delete',
  type: PODS,
  key: { namespace: 'n', name },
  uid: 'u',
  why: 'image',
  disrupts: true,
});

/** Writes down what is sent; `fails` names what is refused, `exists` what a look finds. */
function recorder(options: { fails?: Record<string, ApiError>; exists?: KubeObject[] } = {}) {
  const sent: string[] = [];
  const send = async (verb: string, name: string) => {
    sent.push(`${verb} ${name}`);
    const error = options.fails?.[name];
    if (error !== undefined) throw error;
  };
  const kube = {
    get: async (_type: unknown, { name }: { name: string }) =>
      options.exists?.find(({ metadata }) => metadata.name === name),
    create: async (_type: unknown, wanted: KubeObject) => {
      await send('create', wanted.metadata.name);
      return wanted;
    },
    apply: async (_type: unknown, wanted: KubeObject) => {
      await send('apply', wanted.metadata.name);
      return wanted;
    },
    mergePatch: async (_type: unknown, { name }: { name: string }) => send('patch', name),
    delete: async (_type: unknown, { name }: { name: string }) => send('delete', name),
  } as unknown as Actor['kube'];
  return { sent, actor: { kube, fieldManager: 'test', residues: new Map<string, string>() } satisfies Actor };
}

describe('act', () => {
  test('after a failure nothing is created or stopped, and applies go on', async () => {
    const { sent, actor } = recorder({ fails: { b: new ApiError('no', 500, 'InternalError') } });
    const outcome = await act([create('a'), create('b'), remove('c'), apply('d'), create('e')], actor);
    expect(sent).toEqual(['create a', 'create b', 'apply d']);
    expect(outcome.done.map(({ key }) => key.name)).toEqual(['a', 'd']);
    expect(outcome.skipped.map(({ key }) => key.name)).toEqual(['c', 'e']);
    expect(describeFailure(worstFailure(outcome) as never)).toBe('could not create Secret b: no');
  });

  test('a lost race is not the failure to report', async () => {
    const { actor } = recorder({
      fails: { a: new ApiError('conflict', 409, 'Conflict'), b: new ApiError('no', 403, 'Forbidden') },
    });
    expect(worstFailure(await act([apply('a'), apply('b')], actor))?.error).toMatchObject({ reason: 'Forbidden' });
  });

  test("somebody else's object of that name is neither created over nor applied over", async () => {
    const exists = [object('Secret', 'a', { labels: {} }), object('Service', 'b', { labels: {} })];
    const taken = new ApiError('exists', 409, 'AlreadyExists');
    const { sent, actor } = recorder({ exists, fails: { a: taken } });
    const outcome = await act([create('a'), apply('b')], actor);
    expect(sent).toEqual(['create a']);
    expect(outcome.failures.map(({ error }) => error instanceof NameTakenError)).toEqual([true, true]);
  });

  test('our own object whose labels were taken off is ours by its owner', async () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'X', name: 'demo', uid: 'owner' }];
    const { sent, actor } = recorder({ exists: [object('Service', 'b', { labels: {}, ownerReferences })] });
    await act([{ ...apply('b'), object: object('Service', 'b', { ownerReferences }) } as Change], actor);
    expect(sent).toEqual(['apply b']);
  });

  test('a value that the server rewrites is written once', async () => {
    const desired = {
      type: SERVICES,
      write: 'apply' as const,
      purpose: 'address',
      object: { ...object('Service', 'a'), spec: { type: 'A' } } as KubeObject,
    };
    const rewritten = (wanted: KubeObject) => ({ ...wanted, spec: { type: 'B' } });
    const { actor } = recorder();
    actor.kube.apply = (async (_type: unknown, wanted: KubeObject) => rewritten(wanted)) as never;
    const [first] = diffObject(desired, undefined, actor.residues);
    await act([first as Change], actor);
    const live = rewritten((first as { object: KubeObject }).object);
    expect(diffObject(desired, live, actor.residues)).toEqual([]);
  });
});
