import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseToml, type TomlTable, type TomlValue } from './toml.ts';
import { renderSortedToml } from './toml-sorted.ts';

const render = (document: string) => renderSortedToml(parseToml(document, 'test'));

describe('renderSortedToml', () => {
  test.each<[string, string, string[]]>([
    ['nothing', '', []],
    ['a dash sorts before an underscore', 'a_b = 1\na-b = 2\naB = 3', ['a-b = 2', 'aB = 3', 'a_b = 1']],
    [
      'plain values before tables, tables with a blank line before them, two spaces per level',
      '[x]\nb = 1\n[x.y]\nc = 2\n[x.y.z]\nd = 1\n[q]\n',
      ['[q]', '', '[x]', '  b = 1', '  [x.y]', '    c = 2', '    [x.y.z]', '      d = 1'],
    ],
    ['plain values of the document first', '[x]\nb = 1\n[rpc]\n', ['[rpc]', '', '[x]', '  b = 1']],
    [
      'arrays of tables',
      'z = []\nm = [1, {a = 1}]\n[[p]]\na = 1\n[[p.q]]\nb = 1\n[[p.q]]\nb = 2\n[[p]]\na = {c = 2}\n',
      [
        ...['m = [1, {a = 1}]', 'z = []', '', '[[p]]', '  a = 1', '', '  [[p.q]]', '    b = 1', ''],
        ...['  [[p.q]]', '    b = 2', '', '[[p]]', '  [p.a]', '    c = 2'],
      ],
    ],
    [
      'integers in decimal and to the last digit',
      'i = 0xff\nl = 9223372036854775807\nn = 1_000',
      ['i = 255', 'l = 9223372036854775807', 'n = 1000'],
    ],
    [
      'floats without an exponent',
      'a = 1.0\nb = 1e21\nc = 1e-9\nd = -0.0\ne = inf\nf = -inf\ng = nan\nh = 123456789.125\ni = 2.5e22',
      [
        ...[
          'a = 1.0',
          'b = 1000000000000000000000.0',
          'c = 0.000000001',
          'd = -0.0',
          'e = +inf',
          'f = -inf',
          'g = nan',
        ],
        ...['h = 123456789.125', 'i = 25000000000000000000000.0'],
      ],
    ],
    [
      'dates as they were written',
      'd = 1979-05-27T07:32:00Z\ne = 1979-05-27T00:32:00.990-07:00\nf = 1979-05-27T07:32:00\ng = 1979-05-27\nh = 07:32:00.5\ni = 1979-05-27T07:32:10+00:00',
      [
        ...['d = 1979-05-27T07:32:00Z', 'e = 1979-05-27T00:32:00.99-07:00', 'f = 1979-05-27T07:32:00'],
        ...['g = 1979-05-27', 'h = 07:32:00.5', 'i = 1979-05-27T07:32:10Z'],
      ],
    ],
    [
      'strings and keys with what has to be escaped',
      's = "a\\"b\\\\c\\t\\n\\r\\b\\f\\u0000\\u007fé<>&"\n"quo ted" = 1\n"" = 2\n["a.b"]\n"c d" = 1',
      ['"" = 2', '"quo ted" = 1', 's = "a\\"b\\\\c\\t\\n\\r\\b\\f\\u0000\\u007fé<>&"', '', '["a.b"]', '  "c d" = 1'],
    ],
  ])('%s', (_name, document, lines) => {
    expect(render(document)).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  test('says what it was given', () => {
    const { table } = fc.letrec<{ value: TomlValue; table: TomlTable }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        fc.oneof(fc.double(), fc.boolean()),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.array(tie('table'), { maxLength: 3 }),
        tie('table'),
      ),
      table: fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 5, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(table, (value) => {
        const text = renderSortedToml(value);
        expect(parseToml(text, 'round trip')).toEqual(value);
        expect(render(text)).toBe(text);
      }),
    );
  });
});
