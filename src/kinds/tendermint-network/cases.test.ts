import { join } from 'node:path';
import { test } from 'vitest';
import { expectGolden, testCases, toYaml } from '../../../test/golden-cases.ts';
import { tendermintNetwork } from './kind.ts';

const CASES = join(import.meta.dirname, 'cases');

testCases(tendermintNetwork, CASES);

test('the CustomResourceDefinition', () => {
  expectGolden(join(CASES, 'crd.yaml'), toYaml(tendermintNetwork.crd()));
});
