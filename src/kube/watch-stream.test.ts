import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJsonLines, versionInLine } from './watch-stream.ts';

async function* feed(bytes: Uint8Array, cuts: number[]): AsyncGenerator<Uint8Array> {
  const borders = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let start = 0;
  for (const border of [...borders, bytes.length]) {
    yield bytes.subarray(start, border);
    start = border;
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<unknown[]> {
  const documents: unknown[] = [];
  for await (const document of parseJsonLines(chunks)) documents.push(document);
  return documents;
}

test('documents survive any cut, also inside a character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string(), fc.string({ unit: 'binary' })), { maxLength: 5 }),
      fc.array(fc.nat()),
      async (documents, cuts) => {
        const bytes = Buffer.from(documents.map((document) => `${JSON.stringify(document)}\n`).join(''));
        expect(await collect(feed(bytes, cuts))).toEqual(JSON.parse(JSON.stringify(documents)));
      },
    ),
    { numRuns: 50 },
  );
});

test('an object of several megabytes in small chunks', async () => {
  const document = { data: 'ä'.repeat(2_000_000) };
  const bytes = Buffer.from(`${JSON.stringify(document)}\n`);
  const cuts = Array.from({ length: bytes.length / 1024 }, (_, index) => index * 1024 + 1);
  expect(await collect(feed(bytes, cuts))).toEqual([document]);
});

test('an unfinished last line is dropped, blank lines are skipped', async () => {
  expect(await collect(feed(Buffer.from('{"a":1}\n\n{"b":2}\n{"c":'), []))).toEqual([{ a: 1 }, { b: 2 }]);
});

test('a line that is not JSON is an error', async () => {
  await expect(collect(feed(Buffer.from('{"a":1}\nnope\n'), []))).rejects.toThrow(SyntaxError);
});

const pod = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '7', labels: { resourceVersion: '9' } };
const eventAbout = (type: string, metadata: object) =>
  Buffer.from(JSON.stringify({ type, object: { kind: 'Pod', apiVersion: 'apps/v1', metadata } }));

test('the version in an event is read without parsing all of it', () => {
  const version = { namespace: 'default', name: 'a', uid: 'u', resourceVersion: '7' };
  for (const type of ['ADDED', 'MODIFIED']) expect(versionInLine(eventAbout(type, pod))).toEqual(version);
  const { name, ...rest } = pod;
  expect(versionInLine(eventAbout('ADDED', { name, generateName: '', ...rest }))).toEqual(version);
  const { namespace: _, ...clusterScoped } = pod;
  expect(versionInLine(eventAbout('ADDED', clusterScoped))).toEqual({ ...version, namespace: undefined });
});

test.each([
  ['a deletion', eventAbout('DELETED', pod)],
  ['a bookmark', eventAbout('BOOKMARK', { resourceVersion: '7', creationTimestamp: null })],
  ['an error', Buffer.from('{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{}}}')],
  ['members in another order', eventAbout('ADDED', { annotations: {}, ...pod })],
  ['a name that is cut off', eventAbout('ADDED', { ...pod, name: 'a'.repeat(2000) })],
  ['something else', Buffer.from('nope')],
])('no version is read from %s', (_what, line) => {
  expect(versionInLine(line)).toBeUndefined();
});
