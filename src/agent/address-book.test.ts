import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetConfiguredPeers } from './address-book.ts';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
const entry = (id: string) => ({
  addr: { id, ip: '10.0.0.1', port: 26656 },
  attempts: 3,
  buckets: [7],
  bucket_type: 2,
});
const bookOf = (...ids: string[]) => ({ key: '24c0', addrs: ids.map(entry) });

let home: string;
let lines: string[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'nodewright-address-book-'));
  lines = [];
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), text);
}
const read = (path: string) => readFile(join(home, path), 'utf8');
const forget = (config: string) => forgetConfiguredPeers(home, config, (line) => void lines.push(line));

describe('forgetConfiguredPeers', () => {
  it.each([
    ['persistent peers', `[p2p]\npersistent_peers = "${A}@chain-0.test.svc:26656, ${B.toUpperCase()}@10.0.0.9:26656"`],
    ['seeds', `[p2p]\nseeds = "${A}@seed:26656,${B}@seed:26656"`],
    ['a file elsewhere', `[p2p]\naddr_book_file = "data/book.json"\npersistent_peers = "${A}@x:1,${B}@y:1"`],
  ])('takes out %s, and leaves the rest as it was', async (_, config) => {
    const path = config.includes('addr_book_file') ? 'data/book.json' : 'config/addrbook.json';
    await write(path, JSON.stringify(bookOf(A, B, C)));
    await forget(config);
    expect(JSON.parse(await read(path))).toEqual(bookOf(C));
    expect(lines).toEqual([
      `${join(home, path)}: forgot the addresses of 2 peers that config.toml has; 1 others are kept`,
    ]);
  });

  it.each([
    ['no peers', '', JSON.stringify(bookOf(A))],
    ['peers that the book does not have', `[p2p]\npersistent_peers = "${B}@x:1"`, JSON.stringify(bookOf(A))],
    ['peers without an id', '[p2p]\npersistent_peers = "10.0.0.1:26656"', JSON.stringify(bookOf(A))],
    ['a torn book', `[p2p]\npersistent_peers = "${A}@x:1"`, '{"key": "24c0", "addrs": [{"addr"'],
    ['a book of another form', `[p2p]\npersistent_peers = "${A}@x:1"`, '{"addrs": [{"id": "x"}]}'],
  ])('does not touch the file: %s', async (_, config, book) => {
    await write('config/addrbook.json', book);
    await forget(config);
    expect(await read('config/addrbook.json')).toBe(book);
    expect(lines).toEqual([]);
  });

  it('makes no file', async () => {
    await forget(`[p2p]\npersistent_peers = "${A}@x:1"`);
    await expect(read('config/addrbook.json')).rejects.toThrow('ENOENT');
  });
});
