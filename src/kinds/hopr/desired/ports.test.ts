import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../../kube/objects.ts';
import { allocatePorts, listPorts, rememberedStart } from './ports.ts';

const range = (from: number, to: number) => listPorts({ start: from, count: to - from + 1 });

describe('ports are the lowest that nobody has', () => {
  const where = { first: 9000, last: 9100, count: 10 };

  test.each<[string, number[], number | undefined]>([
    ['nothing taken', [], 9000],
    ['the first ten taken', range(9000, 9009), 9010],
    ['a gap of exactly ten', [...range(9000, 9009), ...range(9020, 9029)], 9010],
    ['a gap of nine, which the HOPR operator would take for ten', [...range(9000, 9009), ...range(9019, 9028)], 9029],
    ['twenty taken', range(9000, 9019), 9020],
    ['room in front', range(9050, 9059), 9000],
    ['too little room in front', range(9009, 9018), 9019],
    ['single ports in between', [9005, 9014, 9024], 9025],
    ['just room at the end', range(9000, 9090), 9091],
    ['one too few at the end', range(9000, 9091), undefined],
    ['everything taken', range(9000, 9100), undefined],
    ['ports elsewhere', [80, 443, 30_000], 9000],
  ])('%s', (_what, taken, start) => {
    expect(allocatePorts({ ...where, taken: new Set(taken) })?.start).toBe(start);
  });

  test.each<[string, number, number[], number]>([
    ['is kept', 9040, range(9000, 9009), 9040],
    ['is kept where it is outside of the range', 12_000, [], 12_000],
    ['is left where somebody else has one of them', 9040, [9049], 9000],
  ])('where a node has its ports already %s', (_what, preferred, taken, start) => {
    expect(allocatePorts({ ...where, taken: new Set(taken), preferred })?.start).toBe(start);
  });

  test('single ports', () => {
    const taken = new Set([9000, 9001, 9003, 9004]);
    expect(allocatePorts({ first: 9000, last: 9100, count: 1, taken })?.start).toBe(9002);
  });
});

test('however nodes come and go, no port is given twice and none is wasted while there is room', () => {
  const step = fc.record({ count: fc.integer({ min: 1, max: 30 }), leaves: fc.option(fc.nat(20)) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let nodes: { start: number; count: number }[] = [];
      for (const { count, leaves } of steps) {
        if (leaves !== null) nodes = nodes.filter((_, index) => index !== leaves);
        const taken = new Set(nodes.flatMap(listPorts));
        const found = allocatePorts({ first: 9000, last: 9100, count, taken });
        if (found === undefined) {
          const free = range(9000, 9100).map((port) => (taken.has(port) ? ' ' : 'x'));
          const longest = Math.max(
            ...free
              .join('')
              .split(' ')
              .map((run) => run.length),
          );
          expect(longest).toBeLessThan(count);
          continue;
        }
        const ports = listPorts(found);
        expect(ports.filter((port) => taken.has(port) || port < 9000 || port > 9100)).toEqual([]);
        nodes.push(found);
      }
    }),
  );
});

describe('a live node remembers where its ports begin', () => {
  const deployment = (container: object, name = 'hoprd') =>
    ({ spec: { template: { spec: { containers: [{ name: 'other' }, { name, ...container }] } } } }) as Deployment;
  const host = (value: string) => [{ name: 'HOPRD_HOST', value }];

  test.each<[string, Deployment, number | undefined]>([
    ['by the port of its container', deployment({ ports: [{ name: 'p2p-tcp', containerPort: 9020 }] }), 9020],
    [
      'which the user cannot set, as HOPRD_HOST',
      deployment({ ports: [{ name: 'p2p-tcp', containerPort: 9020 }], env: host('203.0.113.7:1') }),
      9020,
    ],
    ['or by HOPRD_HOST alone', deployment({ env: host('203.0.113.7:9030') }), 9030],
    ['unless that has no port', deployment({ env: host('203.0.113.7') }), undefined],
    ['or it is another container', deployment({ env: host('203.0.113.7:9030') }, 'extra'), undefined],
  ])('%s', (_what, live, start) => {
    expect(rememberedStart(live)).toBe(start);
  });
});
