import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ChainFixture, makeChainFixture } from './chain-fixture.ts';
import { fetchAddressBook } from './fetch-addrbook.ts';
import { type ScriptedFiles, startScriptedFiles } from './scripted-files.ts';

const book = '{"key":"aa","addrs":[{"addr":{"id":"d51f","ip":"1.2.3.4","port":26656}}]}';

let chain: ChainFixture;
let server: ScriptedFiles;
beforeEach(async () => {
  chain = await makeChainFixture();
  server = await startScriptedFiles();
});
afterEach(async () => {
  await chain.remove();
  await server.close();
});

const fetchIt = (options: Parameters<typeof fetchAddressBook>[0]) =>
  fetchAddressBook(options, chain.paths, chain.settings);

describe('an address book', () => {
  it('comes by URL, zipped too', async () => {
    const dir = join(chain.paths.home, 'zip');
    await mkdir(dir);
    await writeFile(join(dir, 'addrbook.json'), book);
    server.files.set('/a.zip', { content: execFileSync('zip', ['-q', '-', 'addrbook.json'], { cwd: dir }) });
    await fetchIt({ url: `${server.url}/a.zip` });
    expect(await readdir(chain.paths.configDir)).toEqual(['addrbook.json']);
    expect(await chain.read('config/addrbook.json')).toBe(book);
  });

  it('that is there is better than any other', async () => {
    await chain.write({ 'config/addrbook.json': 'mine' });
    await fetchIt({ url: `${server.url}/a` });
    await fetchIt({ script: 'exit 1' });
    expect(await chain.read('config/addrbook.json')).toBe('mine');
    expect(chain.lines[0]).toBe(`keeping ${chain.paths.addrbookFile}: it is there already`);
  });

  it('need not be configured, or made', async () => {
    await fetchIt({});
    await fetchIt({ script: 'echo "No need for address book"' });
    expect(chain.lines).toEqual([
      'no address book is configured (spec.chain.addrbookURL or addrbookScript): the node makes its own',
      `the script made no ${chain.paths.addrbookFile}: the node makes its own`,
    ]);
  });

  it('must be one', async () => {
    server.files.set('/a', { content: '{"addrs":"none"}' });
    await expect(fetchIt({ url: `${server.url}/a` })).rejects.toThrow(
      `${server.url}/a: it is not an address book: it has no addrs; it begins with "{\\"addrs\\":\\"none\\"}"; check spec.chain.addrbookURL`,
    );
    expect(await readdir(chain.paths.configDir)).toEqual([]);
    await expect(fetchIt({ script: `echo '{' > ${chain.paths.addrbookFile}` })).rejects.toThrow(
      `the script in spec.chain.addrbookScript left a ${chain.paths.addrbookFile} that can't be used: it ends in the middle`,
    );
    expect(await readdir(chain.paths.configDir)).toEqual(['addrbook.json.invalid']);
  });
});
