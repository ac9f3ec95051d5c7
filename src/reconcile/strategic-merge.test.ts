import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PodSpec } from '../kube/objects.ts';
import { mergePodSpec } from './strategic-merge.ts';

type Patch = Partial<PodSpec>;
const named = (...names: string[]) => names.map((name) => ({ name }));
const namesOf = (list: { name: string }[] | undefined) => (list ?? []).map(({ name }) => name);

describe('mergePodSpec', () => {
  const original: PodSpec = {
    containers: [
      {
        name: 'node',
        image: 'node:1',
        command: ['node', 'start'],
        args: ['--a', '--b'],
        env: [
          { name: 'HOME', value: '/home' },
          { name: 'DATA', value: '/data' },
        ],
        ports: [
          { name: 'rpc', containerPort: 1, protocol: 'TCP' },
          { name: 'p2p', containerPort: 2, protocol: 'TCP' },
        ],
        volumeMounts: [
          { name: 'home', mountPath: '/home' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
        readinessProbe: { httpGet: { path: '/health', port: 1 }, periodSeconds: 10 },
        resources: { requests: { cpu: '1', memory: '1Gi' } },
      },
      { name: 'health' },
    ],
    volumes: [
      { name: 'home', persistentVolumeClaim: { claimName: 'pvc' } },
      { name: 'tmp', emptyDir: {} },
      { name: 'config', configMap: { name: 'config', items: [{ key: 'a', path: 'a' }] } },
    ],
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'a' }],
    terminationGracePeriodSeconds: 30,
  };
  const node = (patch: Omit<PodSpec['containers'][number], 'name'>): Patch => ({
    containers: [{ name: 'node', ...patch }],
  });
  const merged = (patch: Patch) => mergePodSpec(original, patch);
  const mergedNode = (patch: Parameters<typeof node>[0]) => merged(node(patch)).containers[0];

  test.each<[string, unknown, unknown]>([
    ['nothing changes nothing', merged({}), original],
    ['empty lists ask for nothing', merged({ volumes: [], tolerations: [], ...node({ args: [] }) }), original],
    ['scalars are replaced', merged({ terminationGracePeriodSeconds: 0 }).terminationGracePeriodSeconds, 0],
    ['maps merge', merged({ nodeSelector: { zone: 'a' } }).nodeSelector, { disk: 'ssd', zone: 'a' }],
    ['lists without a key are replaced', merged({ tolerations: [{ key: 'b' }] }).tolerations, [{ key: 'b' }]],
    ['so are args', mergedNode({ args: ['--c'] })?.args, ['--c']],
    ['what the patch is silent about stays', mergedNode({ image: 'node:2' })?.command, ['node', 'start']],
    [
      'maps in containers merge',
      mergedNode({ resources: { requests: { cpu: '2' } } })?.resources?.requests,
      {
        cpu: '2',
        memory: '1Gi',
      },
    ],
    [
      'variables by name',
      mergedNode({ env: [{ name: 'HOME', value: '/other' }, { name: 'NEW' }] })?.env,
      [{ name: 'HOME', value: '/other' }, { name: 'NEW' }, { name: 'DATA', value: '/data' }],
    ],
    [
      'ports by number',
      mergedNode({
        ports: [
          { name: 'extra', containerPort: 9 },
          { name: 'p2p-2', containerPort: 2 },
        ],
      })?.ports,
      [
        { name: 'extra', containerPort: 9 },
        { name: 'rpc', containerPort: 1, protocol: 'TCP' },
        { name: 'p2p-2', containerPort: 2, protocol: 'TCP' },
      ],
    ],
    [
      'mounts by path',
      mergedNode({ volumeMounts: [{ name: 'other', mountPath: '/tmp' }] })?.volumeMounts,
      [
        { name: 'home', mountPath: '/home' },
        { name: 'other', mountPath: '/tmp' },
      ],
    ],
    [
      'the source of a volume is added to',
      merged({ volumes: [{ name: 'config', configMap: { defaultMode: 256 } }] }).volumes?.[2],
      { name: 'config', configMap: { name: 'config', items: [{ key: 'a', path: 'a' }], defaultMode: 256 } },
    ],
    [
      'another source of a volume takes the place of the first',
      merged({ volumes: [{ name: 'tmp', hostPath: { path: '/mnt' } }] }).volumes?.[1],
      { name: 'tmp', hostPath: { path: '/mnt' } },
    ],
    ['a volume that is only named stays', merged({ volumes: named('home') }).volumes, original.volumes],
    [
      'another handler of a probe takes the place of the first',
      mergedNode({ readinessProbe: { tcpSocket: { port: 1 } } })?.readinessProbe,
      { tcpSocket: { port: 1 }, periodSeconds: 10 },
    ],
    [
      'a reference takes the place of a value',
      mergedNode({ env: [{ name: 'HOME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] })?.env?.[0],
      { name: 'HOME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ],
    [
      'an entry named twice is merged twice',
      merged({
        containers: [
          { name: 'node', image: 'node:2' },
          { name: 'node', workingDir: '/' },
        ],
      }).containers[0],
      { ...original.containers[0], image: 'node:2', workingDir: '/' },
    ],
    ['a list that the original lacks', merged({ imagePullSecrets: named('a') }).imagePullSecrets, named('a')],
  ])('%s', (_name, result, expected) => expect(result).toEqual(expected));
});

describe('order', () => {
  const order = (original: string[], patch: string[]) =>
    namesOf(
      mergePodSpec({ containers: [], initContainers: named(...original) }, { initContainers: named(...patch) })
        .initContainers,
    );

  test.each<[string, string[], string[], string[]]>([
    ['a new entry at the head goes first', ['clean', 'init'], ['pre'], ['pre', 'clean', 'init']],
    [
      'behind one that is known',
      ['clean', 'init', 'genesis', 'merge'],
      ['init', 'move'],
      ['clean', 'init', 'move', 'genesis', 'merge'],
    ],
    ['between two that are known', ['a', 'b', 'c'], ['a', 'new', 'c'], ['a', 'new', 'b', 'c']],
    ['the patch may turn the order round', ['a', 'b', 'c'], ['c', 'a'], ['b', 'c', 'a']],
    ['a new one, then one that is known', ['a', 'b', 'c', 'd'], ['new', 'b'], ['new', 'a', 'b', 'c', 'd']],
    ['known ones only', ['a', 'b', 'c'], ['b'], ['a', 'b', 'c']],
  ])('%s', (_name, original, patch, expected) => expect(order(original, patch)).toEqual(expected));

  const lists = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 });

  test('every name once; those of the patch in its order, the others in theirs', () => {
    fc.assert(
      fc.property(lists, lists, (original, patch) => {
        const result = order(original, patch);
        expect([...result].sort()).toEqual([...new Set([...original, ...patch])].sort());
        expect(result.filter((name) => patch.includes(name))).toEqual(patch);
        const untouched = (list: string[]) => list.filter((name) => !patch.includes(name));
        expect(untouched(result)).toEqual(untouched(original));
      }),
    );
  });

  test('a patch in the order of the original leaves it, and applying a patch again changes nothing', () => {
    fc.assert(
      fc.property(lists, lists, (original, patch) => {
        expect(
          order(
            original,
            original.filter((name) => patch.includes(name)),
          ),
        ).toEqual(original);
        const once = order(original, patch);
        expect(order(once, patch)).toEqual(once);
      }),
    );
  });

  test('a new entry goes right behind the one before it in the patch', () => {
    fc.assert(
      fc.property(lists, lists, (original, patch) => {
        const result = ['', ...order(original, patch)];
        patch.forEach((name, index) => {
          if (!original.includes(name)) expect(result[result.indexOf(name) - 1]).toBe(patch[index - 1] ?? '');
        });
      }),
    );
  });

  test('merging leaves the arguments as they are', () => {
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        const [original, patch] = [{ containers: named(...a) }, { containers: named(...b) }];
        const before = JSON.stringify([original, patch]);
        mergePodSpec(original, patch);
        expect(JSON.stringify([original, patch])).toBe(before);
      }),
    );
  });
});
