/**
 * Goldens of a kind: what a resource becomes, as YAML that can be applied by hand. A case is a folder with `input.yaml` and `expect.yaml`;
 * one with `observed.yaml` is looked at in a cluster that holds just that, and shows the first pass with its reasons; the others are
 * rendered whole. UPDATE=1 writes the expectations anew.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { Kind } from '../src/kinds/kind.ts';
import type { KubeObject } from '../src/kube/objects.ts';
import { hasLabels, type Reader } from '../src/kube/reader.ts';
import { formatChange } from '../src/reconcile/change.ts';

const OPTIONS = { operatorNamespace: 'nodewright', agentImage: 'nodewright:test' };
const NOW = new Date('2026-01-02T03:04:05Z');

/** @param folder of the cases */
export function testCases(kind: Kind, folder: string): void {
  describe('cases', () => {
    const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
    test.each(names)('%s', async (name) => {
      expectGolden(join(folder, name, 'expect.yaml'), await show(kind, join(folder, name)));
    });
  });
}

export function expectGolden(file: string, text: string): void {
  if (process.env.UPDATE === '1') writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : `${file} is missing; UPDATE=1 writes it`);
}

export function toYaml(object: object): string {
  return stringify(object, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}

async function show(kind: Kind, folder: string): Promise<string> {
  const input = parse(readFileSync(join(folder, 'input.yaml'), 'utf8')) as KubeObject;
  expect(kind.check(input)).toEqual([]);
  const random = countedRandom();
  const observedFile = join(folder, 'observed.yaml');
  if (!existsSync(observedFile)) return kind.render(input, OPTIONS, NOW, random).map(toYaml).join('---\n');
  const documents = parseAllDocuments(readFileSync(observedFile, 'utf8'));
  const observed = (Array.isArray(documents) ? documents : []).map((document) => document.toJS() as KubeObject);
  const podGet = async () => {
    throw new Error('connect ECONNREFUSED');
  };
  const look = await kind.look(input, {
    reader: readerOf(observed),
    podGet,
    options: OPTIONS,
    now: () => NOW,
    random,
  });
  const head = [
    ...look.problems.map((problem) => `# problem: ${problem}\n`),
    ...look.waits.map(({ what, why }) => `# waits: ${what}: ${why}\n`),
  ];
  const changes = look.changes.map((change) => {
    const content = 'object' in change ? toYaml(change.object) : 'patch' in change ? toYaml(change.patch) : '';
    return `# ${formatChange(change)}\n${content}`;
  });
  return [...head, changes.join('---\n')].join('');
}

/** Bytes that are the same in every run. */
export function countedRandom(): (size: number) => Uint8Array {
  let count = 0;
  return (size) => createHash('sha512').update(String(count++)).digest().subarray(0, size);
}

function readerOf(objects: KubeObject[]): Reader {
  return {
    get: async <T>(type: { kind: string }, key: { namespace?: string | undefined; name: string }) =>
      objects.find(
        ({ kind, metadata }) =>
          kind === type.kind && metadata.name === key.name && metadata.namespace === key.namespace,
      ) as T | undefined,
    list: async <T>(
      type: { kind: string },
      { namespace, labels = {} }: { namespace?: string; labels?: Record<string, string> },
    ) =>
      objects.filter(
        (object) =>
          object.kind === type.kind &&
          (namespace === undefined || object.metadata.namespace === namespace) &&
          hasLabels(object, labels),
      ) as T[],
  };
}
