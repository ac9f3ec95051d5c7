import { describe, expect, test } from 'vitest';
import { KINDS } from '../kinds/index.ts';
import type { KubeObject } from '../kube/objects.ts';
import { chooseTargets, NotThereError, nameOfKind, parseTargets } from './kind-names.ts';

const parse = (...words: string[]) =>
  parseTargets(words).map(({ kinds, name }) => ({ kinds: kinds?.map(nameOfKind) ?? 'any', name }));

describe('parseTargets', () => {
  test.each<[string[], ReturnType<typeof parse>]>([
    [[], []],
    [['full'], [{ kinds: 'any', name: 'full' }]],
    [['cosmosfullnode'], [{ kinds: ['cosmosfullnode'], name: undefined }]],
    [['CosmosFullNodes'], [{ kinds: ['cosmosfullnode'], name: undefined }]],
    [['tmn'], [{ kinds: ['tendermintnetwork'], name: undefined }]],
    [
      ['cosmosfullnode', 'a', 'b'],
      [
        { kinds: ['cosmosfullnode'], name: 'a' },
        { kinds: ['cosmosfullnode'], name: 'b' },
      ],
    ],
    [
      ['cosmosfullnode/a', 'hoprds.hoprnet.org/b'],
      [
        { kinds: ['cosmosfullnode'], name: 'a' },
        { kinds: ['hoprd'], name: 'b' },
      ],
    ],
    [['symbolnode/a'], [{ kinds: ['symbolnode', 'symbolnode.example.com'], name: 'a' }]],
    [['symbolnodes.example.com/a'], [{ kinds: ['symbolnode.example.com'], name: 'a' }]],
  ])('%j', (words, expected) => expect(parse(...words)).toEqual(expected));

  test.each<[string[], string]>([
    [['pod', 'a'], 'pod is no kind; there are tendermintnetwork'],
    [['pod/a'], 'pod/a: pod is no kind'],
    [['cosmosfullnode/a', 'b'], 'b is not of the form KIND/NAME'],
    [['cosmosfullnode/a/b'], 'cosmosfullnode/a/b is not of the form KIND/NAME'],
    [['cosmosfullnode/'], 'cosmosfullnode/ is not of the form KIND/NAME'],
  ])('%j is refused', (words, expected) => expect(() => parseTargets(words)).toThrow(expected));

  test('every kind has a name of its own that stands for it alone', () => {
    for (const kind of KINDS) expect(parseTargets([`${nameOfKind(kind)}/x`])[0]?.kinds?.[0]).toBe(kind);
    expect(new Set(KINDS.map(nameOfKind)).size).toBe(KINDS.length);
  });
});

describe('chooseTargets', () => {
  const found = KINDS.slice(0, 2).flatMap((kind) =>
    ['a', 'b'].map((name) => ({ kind, object: { metadata: { name } } as KubeObject })),
  );
  const choose = (...words: string[]) =>
    chooseTargets(found, parseTargets(words), 'demo').map(
      ({ kind, object }) => `${nameOfKind(kind)}/${object.metadata.name}`,
    );

  test.each<[string[], string[]]>([
    [[], ['tendermintnetwork/a', 'tendermintnetwork/b', 'cosmosfullnode/a', 'cosmosfullnode/b']],
    [['a'], ['tendermintnetwork/a', 'cosmosfullnode/a']],
    [['cosmosfullnode'], ['cosmosfullnode/a', 'cosmosfullnode/b']],
    [['cosmosfullnode', 'b'], ['cosmosfullnode/b']],
    [['hoprd'], []],
  ])('%j', (words, expected) => expect(choose(...words)).toEqual(expected));

  test('what was named and does not exist is told', () => {
    expect(() => choose('hoprd/x')).toThrow(NotThereError);
    expect(() => choose('hoprd/x')).toThrow('hoprd/x: there is no such resource in namespace demo');
  });
});
