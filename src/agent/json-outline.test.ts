import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineJson } from './json-outline.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const outline = (text: string, wanted: string[] = [], size = 7) =>
  outlineJson(inPieces(Buffer.from(text), size), new Set(wanted));

describe('outlineJson', () => {
  it('finds members by their path, and where they are', async () => {
    const text = ' {"a": {"x": [{"genesis": 1}], "genesis": {"chain_id":"demo-1", "n": 1e400}}, "chain_id": ""}\n';
    const found = await outline(text, ['', 'a.genesis', 'a.genesis.chain_id', 'chain_id', 'nothing']);
    const genesis = found.get('a.genesis');
    expect(text.slice(genesis?.start, genesis?.end)).toBe('{"chain_id":"demo-1", "n": 1e400}');
    expect(found.get('a.genesis.chain_id')).toMatchObject({ kind: 'string', text: 'demo-1' });
    expect(found.get('chain_id')).toMatchObject({ kind: 'string', text: '' });
    expect(found.get('')).toMatchObject({ kind: 'object', start: 1, end: text.length - 1 });
    expect(found.has('nothing')).toBe(false);
  });

  it('takes every JSON document in pieces of any size, and finds what JSON.parse finds', async () => {
    const size = fc.integer({ min: 1, max: 50 });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), size, fc.constantFrom(undefined, 1), async (value, pieces, space) => {
        const document = { a: value, genesis: { chain_id: 'x', more: value }, z: value };
        const text = JSON.stringify(document, undefined, space);
        const found = await outline(text, ['genesis', 'a', 'z'], pieces);
        for (const name of ['genesis', 'a', 'z'] as const) {
          const { start, end } = found.get(name) ?? { start: 0, end: 0 };
          const part = Buffer.from(text).subarray(start, end).toString();
          expect(JSON.stringify(JSON.parse(part))).toBe(JSON.stringify(document[name]));
        }
      }),
    );
  });

  it('refuses every document that is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.nat(), async (value, place) => {
        const bytes = Buffer.from(JSON.stringify({ a: value }));
        const cut = bytes.subarray(0, place % bytes.length);
        await expect(outlineJson(inPieces(cut, 64), new Set())).rejects.toThrow(/it is empty|it ends in the middle/);
      }),
    );
  });

  it.each([
    ['', 'it is empty'],
    ['  \n', 'it ends in the middle, after 3 bytes'],
    ['<html>', 'it is not JSON: found "<" at byte 0'],
    ['{"a":1,}', 'found "}" at byte 7'],
    ['{"a" 1}', 'found "1" at byte 5'],
    ['[1,]', 'found "]" at byte 3'],
    ['[1}', 'found "}" at byte 2'],
    ['{]', 'found "]" at byte 1'],
    ['{} {}', 'found "{" at byte 3'],
    ['{"a":"b\nc"}', 'found byte 0xa at byte 7'],
    ['\u0000', 'found byte 0x0 at byte 0'],
    ['['.repeat(20_000), 'it is nested more than 10000 deep'],
  ])('refuses %j', async (text, message) => {
    await expect(outline(text)).rejects.toThrow(message);
  });
});
