import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { conform } from './conform.ts';
import { COSMOS } from './cosmos.ts';
import type { Exception } from './exceptions.ts';
import type { Family, Json } from './family.ts';

const object = (name: string, members: Json = {}) => ({ metadata: { name }, ...members });
/** Renders what it is given. */
const echo: Family = {
  name: 'echo',
  render: (input) => {
    if (input === 'broken') throw new Error('no such thing');
    return input as Json;
  },
  setAside: ({ stamp: _stamp, ...rest }) => rest,
  vectors: {
    double: (vectors) => (vectors as number[][]).map(([n = 0, theirs]) => ({ input: `${n}`, ours: 2 * n, theirs })),
  },
};
const compare = (ours: unknown, theirs: Json, exceptions: Exception[] = [], vectors: Json = {}) =>
  conform(echo, { cases: [{ name: '01-case', input: ours, output: theirs }], vectors }, exceptions, true);
const fault = (place: string, ours: string, theirs: string) =>
  `01-case ${place}\n  ours:   ${ours}\n  theirs: ${theirs}`;

describe('conform', () => {
  test.each<[string, Json, Json, string[]]>([
    ['nothing', { pods: [object('a')] }, { pods: [object('a')] }, []],
    ['what is set aside', { pods: [object('a', { stamp: 1 })] }, { pods: [object('a', { stamp: 2 })] }, []],
    [
      'a member',
      { pods: [object('a', { spec: { x: 1 } })] },
      { pods: [object('a', { spec: { x: 2, 'y/z': 3 } })] },
      [fault('pods/a spec.x', '1', '2'), fault('pods/a spec["y/z"]', '(nothing)', '3')],
    ],
    [
      'entries by name, and their order',
      { pods: [object('a', { list: [{ name: 'x', v: 1 }, { name: 'y' }] })] },
      { pods: [object('a', { list: [{ name: 'y' }, { name: 'x', v: 2 }] })] },
      [fault('pods/a list(order)', '["x","y"]', '["y","x"]'), fault('pods/a list[x].v', '1', '2')],
    ],
    [
      'entries by place',
      { pods: [object('a', { args: ['x', 'y'] })] },
      { pods: [object('a', { args: ['x', 'z'] })] },
      [fault('pods/a args[1]', '"y"', '"z"')],
    ],
    [
      'lists of another length',
      { pods: [object('a', { args: ['x'] })] },
      { pods: [object('a', { args: [] })] },
      [fault('pods/a args', '["x"]', '[]')],
    ],
    [
      'lines of a text',
      { pods: [object('a', { data: { 'x.toml': 'a\nb\n' } })] },
      { pods: [object('a', { data: { 'x.toml': 'a\nc\n' } })] },
      [fault('pods/a data["x.toml"] line 2', '"b"', '"c"')],
    ],
    [
      'objects that are missing, and their order',
      { pods: [object('b'), object('a')] },
      { pods: [object('a'), object('b'), object('c')] },
      [fault('pods (order)', '["b","a"]', '["a","b"]'), fault('pods/c', '(nothing)', '{"metadata":{"name":"c"}}')],
    ],
    ['plain values', { peers: ['a'], n: true }, { peers: ['b'], n: true }, [fault('peers [0]', '"a"', '"b"')]],
    ['sections', { a: 1 }, { b: 1 }, [fault('a', '1', '(nothing)'), fault('b', '(nothing)', '1')]],
    [
      'quantities of the same value differ in nothing',
      { pods: [object('a', { resources: { requests: { cpu: '1000m' } } })] },
      { pods: [object('a', { resources: { requests: { cpu: '1' } } })] },
      [],
    ],
  ])('finds %s', (_name, ours, theirs, faults) => expect(compare(ours, theirs).faults).toEqual(faults));

  test('a case that cannot be rendered is a fault', () => {
    expect(compare('broken', { pods: [] }).faults).toEqual([
      fault('cannot be rendered', '"no such thing"', '["pods"]'),
    ]);
  });

  test('vectors', () => {
    const { faults, counts } = compare({}, {}, [], {
      double: [
        [1, 2],
        [2, 5],
      ],
      other: [],
    });
    expect(counts.vectors).toBe(2);
    expect(faults).toEqual([
      'vectors.json double 2\n  ours:   4\n  theirs: 5',
      'vectors.json other: there is nothing of ours to compare with',
    ]);
  });
});

describe('exceptions', () => {
  const meant: Exception = { family: 'echo', case: '01-*', object: 'pods/*', path: 'x', reason: 'why', ours: ['a*'] };
  const pods = (x: unknown) => ({ pods: [object('a', { x })] });

  test.each<[string, Exception, boolean]>([
    ['as it says', meant, true],
    ['of another family', { ...meant, family: 'other' }, false],
    ['of another case', { ...meant, case: '02-*' }, false],
    ['of another object', { ...meant, object: 'claims/*' }, false],
    ['at another place', { ...meant, path: 'y' }, false],
    ['with another value', { ...meant, ours: ['b'] }, false],
    ['with nothing instead of a value', { ...meant, ours: null }, false],
    [
      'for an input that it describes',
      { ...meant, input: { pods: [{ metadata: { name: '*' }, x: ['ab', '*'] }] } },
      false,
    ],
  ])('%s', (_name, exception, applies) => {
    const { faults } = compare(pods(['ab']), pods(['c', 'd']), [exception]);
    expect(faults.some((text) => text.startsWith('01-case pods/a x'))).toBe(!applies);
  });

  test('one that applies no more is a fault', () => {
    expect(compare(pods(['c']), pods(['c']), [meant]).faults).toEqual([
      'conform-exceptions.yaml: nothing differs any more at 01-* pods/* x (why); remove the exception',
    ]);
  });

  test('other goldens need not have the cases of all of them', () => {
    const folder = { cases: [{ name: '02-case', input: {}, output: {} }], vectors: {} };
    expect(conform(echo, folder, [meant], false).faults).toEqual([]);
    expect(conform(echo, folder, [{ ...meant, case: '*' }], false).faults).toHaveLength(1);
  });
});

/** Each starts a process that reads the sources, which takes its time beside others. */
describe('npm run conform', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'conform-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'main.ts'), ...args], {
      encoding: 'utf8',
    });

  const input = {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { name: 'hub', namespace: 'chains' },
    spec: {
      replicas: 1,
      chain: { chainID: 'hub-1', network: 'mainnet', binary: 'hubd' },
      podTemplate: { image: 'hub:v1' },
      volumeClaimTemplate: { storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
    },
  };
  const write = (change: (text: string) => string) => {
    for (const part of ['in', 'out']) mkdirSync(join(folder, part), { recursive: true });
    writeFileSync(join(folder, 'in/one.yaml'), JSON.stringify(input));
    const theirs = COSMOS.render(input);
    // What conform-exceptions.yaml says of every case.
    for (const role of theirs.roles as Json[]) role.rules = [];
    writeFileSync(join(folder, 'out/one.json'), change(JSON.stringify(theirs)));
  };

  test('the same: exit code 0', () => {
    write((text) => text);
    const { status, stdout } = run('cosmos', '--golden', folder);
    expect(stdout).toBe('cosmos: 1 cases with 11 objects, 0 vectors; 1 differences that are meant, 0 others\n');
    expect(status).toBe(0);
  });

  test('another port: every place, and exit code 1', () => {
    write((text) => text.replaceAll('26656', '26666'));
    const { status, stdout } = run('--golden', folder);
    expect(stdout).toContain(
      'one pods/hub-0 spec.containers[node].ports[p2p].containerPort\n  ours:   26656\n  theirs: 26666\n',
    );
    expect(stdout).toContain('one configMaps/hub-0 data["config-overlay.toml"] line 10\n');
    expect(stdout).toContain('one services/hub-p2p-0 spec.ports[p2p].port\n');
    expect(status).toBe(1);
  });

  test.each([
    ['no such folder', ['--golden', join(folder, 'nowhere')], 'no goldens of cosmos: there is no folder '],
    ['no goldens in it', ['--golden', tmpdir()], 'there are no goldens in '],
    ['no such family', ['hoprr'], 'no family hoprr; there are: cosmos'],
  ])('%s: exit code 2', (_name, args, message) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
