import { describe, expect, test } from 'vitest';
import { complete, type Lookups } from './complete.ts';
import { nameOfKind } from './kind-names.ts';
import { buildProgram } from './program.ts';

const program = buildProgram('nodewright', async () => {});
const lookups: Lookups = {
  contexts: async ({ kubeconfig }) => (kubeconfig === 'other' ? ['other'] : ['arn:aws:eks:a', 'kind-test']),
  namespaces: async ({ context }) => (context === 'gone' ? Promise.reject(new Error('gone')) : ['default', 'demo']),
  names: async (kind, { namespace = 'default' }) =>
    nameOfKind(kind) === 'cosmosfullnode' ? [`hub-in-${namespace}`] : [],
};
const values = async (...words: string[]) => (await complete(program, words, lookups)).values.map(([value]) => value);

describe('candidates', () => {
  test.each<[string[], string[]]>([
    [['d'], ['doctor', 'demo']],
    [
      ['crds', ''],
      ['print', 'apply'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['status', '--all'], ['--all-namespaces']],
    [['status', '--col'], ['--color']],
    [
      ['plan', '-o', ''],
      ['text', 'json', 'yaml'],
    ],
    [['plan', '--output=j'], ['--output=json']],
    [['--color', 'a', 'status', '--color', 'n'], ['never']],
    [
      ['status', '-n', ''],
      ['default', 'demo'],
    ],
    [['status', '--context', 'arn:'], ['arn:aws:eks:a']],
    [['status', '--kubeconfig', 'other', '--context', ''], ['other']],
    [['status', '--context', 'gone', '-n', ''], []],
    [
      ['status', 'cosmos'],
      ['cosmosfullnode', 'cosmosfullnode/hub-in-default'],
    ],
    [['status', '-n', 'demo', 'cosmosfullnode', ''], ['hub-in-demo']],
    [['status', 'cfn', ''], []],
    [['status', 'cosmosfullnodes/'], ['cosmosfullnodes/hub-in-default']],
    [['plan', 'cosmosfullnode/a', 'cosmosfullnode/h'], ['cosmosfullnode/hub-in-default']],
    [['no-such-command', ''], []],
    [['render', 'x'], []],
  ])('%j', async (words, expected) => expect(await values(...words)).toEqual(expected));
});

test.each<[string[], number]>([
  [['render', '-f', ''], 0],
  [['status', '--kubeconfig', ''], 0],
  [['status', ''], 4],
  [['status', '-n', ''], 4],
])('after %j files are %i', async (words, directive) => {
  expect((await complete(program, words, lookups)).directive).toBe(directive);
});

test('commands and options are described', async () => {
  const { values: commands } = await complete(program, ['sta'], lookups);
  expect(commands).toEqual([['status', expect.stringContaining('Show resources')]]);
  const { values: options } = await complete(program, ['status', '--w'], lookups);
  expect(options).toEqual([['--watch', 'show it again every two seconds']]);
});
