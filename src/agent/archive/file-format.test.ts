import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { describeUnknown, recogniseFormat } from './file-format.ts';
import { tarHeader } from './tar-fixture.ts';

const make = (program: string, ...args: string[]) => execFileSync(program, args, { input: 'content' });

describe('the format of a file', () => {
  it.each<[string, Buffer, string, string | undefined]>([
    ['gzip', make('gzip', '-c'), '/file', 'gzip'],
    ['lz4', make('lz4', '-cq'), '/file.json', 'lz4'],
    ['lz4 of old', make('lz4', '-clq'), '/file', 'lz4'],
    ['zstd', make('zstd', '-cq'), '/file.tar', 'zstd'],
    ['xz', make('xz', '-c'), '/latest', 'xz'],
    ['tar', tarHeader({ name: 'data/' }), '/latest', 'tar'],
    ['JSON, whatever its name', Buffer.from('\n {"a":1}'), '/genesis.tar.gz', 'json'],
    ['zip', Buffer.from('PK\x03\x04'), '/x', 'zip'],
    ['a frame that lz4 and zstd skip: by name', Buffer.from([0x50, 0x2a, 0x4d, 0x18]), '/a.tar.zst', 'zstd'],
    ['a frame that lz4 and zstd skip: by name', Buffer.from([0x50, 0x2a, 0x4d, 0x18]), '/a.tar.lz4', 'lz4'],
    ['something with a name', Buffer.from('?'), '/a.TGZ', 'gzip'],
    ['something', Buffer.from('?'), '/a', undefined],
    ['a web page, whatever its name', Buffer.from('<html>'), '/a.tar.lz4', undefined],
  ])('is recognised: %s', (_, head, path, format) => {
    expect(recogniseFormat(head.subarray(0, 512), path)).toBe(format);
  });

  it.each<[Buffer | string, string]>([
    ['', 'an empty file'],
    ['<!DOCTYPE html><p>', 'a web page'],
    [' <HTML>', 'a web page'],
    ['BZh9', 'a bzip2 file'],
    ['Not found\nreally', 'text that begins "Not found"'],
    [Buffer.from([1, 2, 3, 200]), 'data of an unknown kind'],
  ])('%j is %s', (head, words) => {
    expect(describeUnknown(Buffer.from(head as string))).toBe(words);
  });
});
