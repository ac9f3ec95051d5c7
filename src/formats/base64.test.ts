import { describe, expect, test } from 'vitest';
import { decodeBase64 } from './base64.ts';

test.each([
  ['ZmlsZQ==', 'file'],
  ['ZmlsZSE=\n', 'file!'],
  ['Zmls\nZQ==\n', 'file'],
  ['  ZmlsZQ==', 'file'],
])('%j', (text, content) => {
  expect(decodeBase64(text, 'spec.identityFile').toString()).toBe(content);
});

describe('faults have a place, and what is there is not repeated', () => {
  test.each([
    ['', 'spec.identityFile: is empty; it must be base64'],
    ['Zmls\nZ{Q==', 'spec.identityFile: line 2, column 2: this character is none of base64'],
    ['ZmlsZQ', 'spec.identityFile: base64 has a multiple of 4 characters, and these are 6; is the end cut off?'],
    ['ZmlsZQ==ZmlsZQ==', 'spec.identityFile: there is a "=" before the end; is more than one file in it?'],
  ])('%j', (text, message) => {
    expect(() => decodeBase64(text, 'spec.identityFile')).toThrow(message);
  });
});
