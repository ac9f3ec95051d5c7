/** The examples of this checkout, all together in one namespace of a test. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../src/kinds/index.ts';
import type { Kind } from '../../src/kinds/kind.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { apiVersionOf } from '../../src/kube/resource-types.ts';
import { toYaml } from '../golden-cases.ts';
import { kubectl } from './cluster-access.ts';

/** Every object in them, of whatever kind. */
export function readExamples(): KubeObject[] {
  return readdirSync('examples')
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => {
      const documents = parseAllDocuments(readFileSync(join('examples', file), 'utf8'));
      return Array.isArray(documents) ? documents.map((document) => document.toJS() as KubeObject) : [];
    });
}

/** As a user does it, but for the namespace, which some of them name. */
export async function applyExamples(objects: KubeObject[], namespace: string): Promise<void> {
  const file = join(mkdtempSync(join(tmpdir(), 'nodewright-examples-')), 'examples.yaml');
  const moved = objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
  writeFileSync(file, moved.map(toYaml).join('---\n'));
  await kubectl('apply', '-f', file);
}

/** Which of our kinds an object is of, if any. */
export function kindOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Kind | undefined {
  return KINDS.find(({ type }) => apiVersionOf(type) === apiVersion && type.kind === kind);
}
