import { describe, expect, test } from 'vitest';
import type { Pod } from '../../kube/objects.ts';
import { type Failure, fail, fleet, STEPS, setPodStatus, verbs } from './broken-full-node.ts';
import { askWithDatabases, foldDatabases } from './corrupt-data.ts';
import type { Reading } from './node.ts';
import { fullNodeRecipe } from './recipe.ts';
import { NOW, sentencesOf, statusOf } from './settled-full-node.ts';

describe('taken for corrupt data', () => {
  test.each<[string, Failure]>([
    ['as it is', {}],
    ['after it had answered, so many times more', { restarts: 12, restartsAtAnswer: 7 }],
  ])('%s', (_name, failure) => {
    const settled = fleet();
    fail(settled, 'hub-0', failure);
    expect(verbs(sentencesOf(settled))).toEqual([STEPS[0]]);
  });

  test.each<[string, Failure]>([
    ['the files are sound', { broken: undefined }],
    ['too few starts', { restarts: 4 }],
    ['too few since it has answered', { restarts: 12, restartsAtAnswer: 8 }],
    ['the agent looked long ago', { ageMs: 600_000 }],
    ['it ended by itself', { exitCode: 0 }],
    ['it had too little memory', { exitCode: 137, reason: 'OOMKilled' }],
    ['its image cannot be had', { waiting: 'ImagePullBackOff' }],
    ['its container cannot be made', { waiting: 'CreateContainerConfigError' }],
  ])('not: %s', (_name, failure) => {
    const settled = fleet();
    fail(settled, 'hub-0', failure);
    expect([sentencesOf(settled), statusOf(settled).conditions?.find(({ type }) => type === 'CorruptData')]).toEqual([
      [],
      undefined,
    ]);
  });

  test.each<[string, string, number, boolean]>([
    [
      'a damaged database',
      'the height cannot be read from /home/operator/cosmos/data/application.db: table 000005 is missing',
      5,
      true,
    ],
    ['a few times only', 'the height cannot be read from /data/application.db: table 000005 is missing', 4, false],
    ['a disk that fails', 'the height cannot be read from /data/application.db: EIO: i/o error, read', 9, false],
    ['another image than the height needs', 'image mismatch for height 5: a != b', 9, false],
  ])('by the version check: %s', (_name, message, restartCount, isCorrupt) => {
    const settled = fleet();
    const pod = settled.observed.pods.get('hub-0') as Pod;
    const lastState = { terminated: { exitCode: 1, message } };
    const check = {
      name: 'version-check',
      restartCount,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState,
    };
    setPodStatus(settled, pod, { initContainerStatuses: [check], containerStatuses: [] });
    expect(sentencesOf(settled).length).toBe(isCorrupt ? 1 : 0);
  });

  test('not without being asked for', () => {
    const settled = fleet();
    delete settled.fullNode.spec.selfHeal;
    fail(settled);
    expect(sentencesOf(settled)).toEqual([]);
  });
});

describe('what the agent is asked', () => {
  const DIR = '/home/operator/cosmos/data';
  const ask = async (databases: string | Error, node: object | Error = new Error('connect ECONNREFUSED')) => {
    const asked: string[] = [];
    const answer = <T>(value: T | Error) => (value instanceof Error ? Promise.reject(value) : Promise.resolve(value));
    const get = (port: number, path: string) => {
      asked.push(`${port}${path}`);
      return answer(databases);
    };
    const result = await askWithDatabases(() => answer(node), get, DIR, new AbortController().signal).catch(
      (error: Error) => error,
    );
    return { asked, result, broken: foldDatabases(result, 7)?.broken };
  };

  test.each<[string, string | Error, string | undefined]>([
    ['sound', '{"databases":[{"name":"application.db"}]}', undefined],
    [
      'damaged',
      '{"databases":[{"name":"application.db","broken":"a"},{"name":"b.db"},{"name":"state.db","broken":"c"}]}',
      'application.db: a, state.db: c',
    ],
    ['unknown', '{"databases":[{"name":"application.db","unknown":"it is not a LevelDB"}]}', undefined],
    ['an agent that does not know the question', '{"address":"x","in_sync":false,"error":"down"}', undefined],
    ['no agent', new Error('connect ECONNREFUSED'), undefined],
  ])('%s', async (_name, answer, broken) => {
    const found = await ask(answer);
    expect(found.broken).toBe(broken);
    expect(found.result).toBeInstanceOf(Error);
    expect(found.asked).toEqual(['1251/databases?dir=%2Fhome%2Foperator%2Fcosmos%2Fdata']);
  });

  test('a node that answers is not doubted', async () => {
    const { result, broken } = await ask('{"databases":[{"name":"a.db","broken":"a"}]}', { peers: 1 });
    expect([result, broken]).toEqual([{ peers: 1 }, undefined]);
  });

  test('only of a node that fails at every start, and twice a minute', async () => {
    const settled = fleet();
    fail(settled);
    const paths: string[] = [];
    const podGet = async (_pod: Pod, port: number, path: string) => {
      paths.push(path);
      if (port !== 1251) throw new Error('connect ECONNREFUSED');
      return '{"databases":[{"name":"state.db","broken":"gone"}]}';
    };
    let last: Reading | undefined;
    const node = fullNodeRecipe.nodes?.(settled.fullNode, settled.observed)[0];
    for (let at = 0; at <= 60_000; at += 3000) {
      // It was seen when it had ended once only.
      const before = last && { ...last, restartsAtAnswer: 0 };
      const answer = await node?.ask(podGet, new AbortController().signal, before).catch((error: Error) => error);
      last = node?.fold(before, answer as Error, NOW.getTime() + at) as Reading;
    }
    expect(paths.filter((path) => path.startsWith('/databases'))).toHaveLength(2);
    expect(last?.databases?.broken).toBe('state.db: gone');
    expect(fullNodeRecipe.significanceOf?.(last as Reading)).toContain('state.db');
  });
});
