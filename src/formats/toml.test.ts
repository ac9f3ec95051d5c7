import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeToml, parseToml, renderToml, type TomlTable, type TomlValue } from './toml.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: 'grapheme' });
const float = fc.double().filter((value) => !Object.is(value, -0));

const { table } = fc.letrec<{ value: TomlValue; table: TomlTable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, int64, float, fc.boolean()),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('table'),
  ),
  table: fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'a', 'b', 'c')), tie('value'), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
}));

describe('parseToml', () => {
  it('keeps integers and floats apart, and 64-bit integers exact', () => {
    expect(parseToml('a = 1\nb = 1.0\nc = 9223372036854775807\nd = [1, 2.0]', 'config')).toEqual({
      a: 1n,
      b: 1,
      c: 9223372036854775807n,
      d: [1n, 2],
    });
  });

  it.each([
    ['laddr = ', 'spec.config: line 1, column 9: '],
    ['[rpc]\nunsafe = maybe', 'spec.config: line 2, column 10: '],
    ['a = 1\na = 2', 'spec.config: line 2, column '],
    ['[p2p\nseeds = ""', 'spec.config: line 1, column '],
  ])('names the place of the error in %j', (document, message) => {
    expect(() => parseToml(document, 'spec.config')).toThrow(message);
    expect(() => parseToml(document, 'spec.config')).not.toThrow(/\n|Invalid TOML document/);
  });
});

describe('renderToml', () => {
  it('gives back what was read', () => {
    fc.assert(
      fc.property(table, (value) => {
        expect(parseToml(renderToml(value), 'round trip')).toEqual(value);
      }),
    );
  });

  it.each(['when = 1979-05-27T07:32:00Z', 'when = 1979-05-27T07:32:00', 'when = 1979-05-27', 'when = 07:32:00'])(
    'keeps the date %s',
    (document) => {
      expect(parseToml(renderToml(parseToml(document, 'date')), 'date')).toEqual(parseToml(document, 'date'));
    },
  );

  it('is stable: rendering what it rendered changes nothing', () => {
    fc.assert(
      fc.property(table, (value) => {
        const once = renderToml(value);
        expect(renderToml(parseToml(once, 'round trip'))).toBe(once);
      }),
    );
  });
});

describe('mergeToml', () => {
  it.each<[string, TomlTable, TomlTable, TomlTable]>([
    ['merges tables deeply', { rpc: { a: 1n, b: 2n } }, { rpc: { b: 3n } }, { rpc: { a: 1n, b: 3n } }],
    ['replaces arrays', { a: [1n, 2n] }, { a: [3n] }, { a: [3n] }],
    ['replaces a table by a scalar', { a: { b: 1n } }, { a: 'x' }, { a: 'x' }],
    ['replaces a scalar by a table', { a: 'x' }, { a: { b: 1n } }, { a: { b: 1n } }],
    ['tells keys of different case apart', { Rpc: { a: 1n } }, { rpc: { a: 2n } }, { Rpc: { a: 1n }, rpc: { a: 2n } }],
    [
      'does not see inherited members',
      {},
      { toString: 'x', constructor: { a: 1n } },
      { toString: 'x', constructor: { a: 1n } },
    ],
  ])('%s', (_, base, override, merged) => {
    expect(mergeToml(base, override)).toEqual(merged);
  });

  it('keeps its arguments, has the empty table as its unit, and applying an override twice is the same as once', () => {
    fc.assert(
      fc.property(table, table, (base, override) => {
        const before = [renderToml(base), renderToml(override)];
        const merged = mergeToml(base, override);
        expect(mergeToml(merged, override)).toEqual(merged);
        expect(mergeToml(base, {})).toEqual(base);
        expect(mergeToml({}, override)).toEqual(override);
        expect([renderToml(base), renderToml(override)]).toEqual(before);
      }),
    );
  });

  it('is associative', () => {
    const shallow = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.dictionary(fc.constantFrom('x', 'y'), int64));
    fc.assert(
      fc.property(shallow, shallow, shallow, (a, b, c) => {
        expect(mergeToml(mergeToml(a, b), c)).toEqual(mergeToml(a, mergeToml(b, c)));
      }),
    );
  });
});
