import { describe, expect, test } from 'vitest';
import { FormatError } from './format-error.ts';
import { parseYamlText } from './yaml-text.ts';

describe('what is right', () => {
  test.each<[string, unknown]>([
    ['', null],
    ['a: 1\nb: [x, "2"]\n', { a: 1, b: ['x', '2'] }],
    ['on: yes', { on: 'yes' }],
    ['a: !IPv4 0.0.0.0\nb: !AutoFunding\n  amount: "1"\n', { a: '0.0.0.0', b: { amount: '1' } }],
    ['# only a comment', null],
  ])('%j', (text, value) => {
    expect(parseYamlText(text, 'spec.config').value).toEqual(value);
  });

  test('values are found by line', () => {
    const text = parseYamlText('- name: A\n  value: "1"\n\n- name: B\n  value: 2\n', 'x');
    expect([[], [0, 'name'], [1], [1, 'value'], [1, 'other'], [7]].map(text.lineOf)).toEqual([1, 1, 4, 5, 4, 1]);
  });
});

describe('what is wrong has a place', () => {
  test.each([
    ['a: [1\nb: 2', /^spec\.config: line 2, column 1: /],
    ['a: 1\na: 2', /^spec\.config: line 2, column 1: map keys must be unique/],
    ['a: 1\n\tb: 2', /^spec\.config: line 2, column 1: tabs/],
    ['"open', /^spec\.config: line 1, column 6: missing closing/],
    ['a: 1\n---\nb: 2', /^spec\.config: line 2, column 1: .*multiple documents/],
    ['a: *b', /^spec\.config: .*alias.* b/],
    [
      'a: &a [x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c]',
      /^spec\.config: excessive alias count/,
    ],
  ])('%j', (text, message) => {
    expect(() => parseYamlText(text, 'spec.config')).toThrow(message);
    expect(() => parseYamlText(text, 'spec.config')).toThrow(FormatError);
  });
});
