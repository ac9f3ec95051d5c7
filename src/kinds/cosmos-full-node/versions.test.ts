import { describe, expect, test } from 'vitest';
import { sampleFullNode } from './desired/sample-full-node.ts';
import { effectiveVersion, haltHeight } from './versions.ts';

const upgrades = sampleFullNode({
  chain: {
    app: { minGasPrice: '0', haltHeight: 7 },
    versions: [
      { height: 1, image: 'v1' },
      { height: 100, image: 'v2', setHaltHeight: true },
      { height: 300, image: 'v3' },
      { height: 400, image: 'v4', setHaltHeight: true },
    ],
  },
});

describe('versions', () => {
  test.each<[height: number, image: string | undefined, halt: number]>([
    [0, undefined, 0],
    [1, 'v1', 100],
    [99, 'v1', 100],
    [100, 'v2', 0],
    [299, 'v2', 0],
    [350, 'v3', 400],
    [400, 'v4', 0],
    [9999, 'v4', 0],
  ])('at height %i: image %s, halt height %i', (height, image, halt) => {
    expect(effectiveVersion(upgrades, height)?.image).toBe(image);
    expect(haltHeight(upgrades, height)).toBe(halt);
  });

  test('the first may begin at height 0', () => {
    const fullNode = sampleFullNode({ chain: { versions: [{ height: 0, image: 'v1' }] } });
    expect(effectiveVersion(fullNode, 0)?.image).toBe('v1');
  });

  test('without any, the halt height is that of spec.chain.app, 0 too', () => {
    const halting = (value?: number) =>
      sampleFullNode({ chain: { app: { minGasPrice: '0', ...(value === undefined ? {} : { haltHeight: value }) } } });
    expect(effectiveVersion(halting(), 5)).toBeUndefined();
    expect([haltHeight(halting(), 5), haltHeight(halting(0), 5), haltHeight(halting(34567), 5)]).toEqual([
      undefined,
      0,
      34567,
    ]);
    expect(haltHeight(sampleFullNode(), 5)).toBeUndefined();
  });
});
