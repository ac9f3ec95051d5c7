/** YAML of our kinds in the documentation is what the API server takes. Parts of a resource are held against the schema of the page's kind. */
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../src/kinds/index.ts';
import type { Kind } from '../src/kinds/kind.ts';
import { completeBySchema, findSchemaProblems, schemaOf } from '../src/kinds/structural-schema.ts';
import type { KubeObject } from '../src/kube/objects.ts';
import { apiVersionOf } from '../src/kube/resource-types.ts';
import { codeBlocks, guides } from './markdown.ts';

/** The kind that a page is about. */
const KIND_OF_PAGE: Record<string, string> = {
  'docs/cosmos-full-node.md': 'CosmosFullNode',
  'docs/migrate-from-cosmos-operator.md': 'CosmosFullNode',
  'docs/symbol-node.md': 'SymbolNode',
  'docs/tendermint-network.md': 'TendermintNetwork',
  'docs/validator-keys.md': 'TendermintNetwork',
};

const blocks = guides.flatMap(codeBlocks).filter(({ language }) => language === 'yaml');

test('there are examples', () => expect(blocks.length).toBeGreaterThan(10));

test.each(blocks)('$page:$line', ({ page, text }) => {
  const documents = parseAllDocuments(text, { version: '1.1' });
  expect(
    documents.flatMap((document) => {
      if (document.errors.length > 0) return document.errors.map(({ message }) => message);
      return findProblems(document.toJS() as KubeObject, page);
    }),
  ).toEqual([]);
});

function findProblems(object: KubeObject, page: string): string[] {
  const kind = kindOf(object);
  if (kind !== undefined) return kind.check(object);
  if (KINDS.some(({ type }) => type.kind === object.kind))
    return [`${object.kind} has no apiVersion ${object.apiVersion}`];
  const kindOfPage = KINDS.find(({ type }) => type.kind === KIND_OF_PAGE[page]);
  if (object.kind !== undefined || kindOfPage === undefined) return [];
  return findProblemsOfPart(kindOfPage, object);
}

/** A part has `spec`, or members of it. What is required may be missing. */
function findProblemsOfPart(kind: Kind, part: KubeObject & { spec?: unknown }): string[] {
  const schema = schemaOf(kind.crd(), 'spec');
  const spec = part.spec ?? part;
  return findSchemaProblems(schema, completeBySchema(schema, spec), 'spec').filter(
    (problem) => !problem.endsWith(': must be set'),
  );
}

function kindOf(object: KubeObject): Kind | undefined {
  return KINDS.find(({ type }) => type.kind === object.kind && apiVersionOf(type) === object.apiVersion);
}
