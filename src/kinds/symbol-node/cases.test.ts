/** What resources become, with the package of a network that does not exist. UPDATE=1 writes the expectations anew. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { countedRandom, expectGolden, toYaml } from '../../../test/golden-cases.ts';
import { readNetworkPackage } from '../../formats/symbol-network-package.ts';
import { makePackageFiles } from '../../formats/symbol-package-fixture.ts';
import { symbolNode } from './kind.ts';
import { renderSymbolNode } from './render.ts';
import type { SymbolNode } from './schema.ts';

const CASES = join(import.meta.dirname, 'cases');
const OPTIONS = { operatorNamespace: 'nodewright', agentImage: 'nodewright:test' };
const NOW = new Date('2026-01-02T03:04:05Z');

describe('cases', () => {
  const names = readdirSync(CASES, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  test.each(names)('%s', (name) => {
    const input = parse(readFileSync(join(CASES, name, 'input.yaml'), 'utf8')) as SymbolNode;
    expect(symbolNode.check(input)).toEqual([]);
    const content = readNetworkPackage(makePackageFiles(), 'sai');
    const objects = renderSymbolNode(input, OPTIONS, NOW, countedRandom(), { content, sha256: '0'.repeat(64) });
    expectGolden(join(CASES, name, 'expect.yaml'), objects.map(toYaml).join('---\n'));
  });
});

test('the CustomResourceDefinition', () => {
  expectGolden(join(CASES, 'crd.yaml'), toYaml(symbolNode.crd()));
});
