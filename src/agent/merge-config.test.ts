import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ChainFixture, makeChainFixture } from './chain-fixture.ts';
import { mergeConfig } from './merge-config.ts';

let chain: ChainFixture;
beforeEach(async () => {
  chain = await makeChainFixture();
  const mounted = {
    'node_key.json': '{"priv_key":1}',
    'config-overlay.toml': '[rpc]\nladdr = "b"\n',
    'app-overlay.toml': 'a = 2\n',
  };
  for (const [name, text] of Object.entries(mounted)) await writeFile(join(chain.paths.home, '.config', name), text);
});
afterEach(() => chain.remove());

const writeMade = (name: string, text: string) => writeFile(join(chain.paths.home, '.tmp/config', name), text);
const merge = () => mergeConfig(chain.paths, (line) => void chain.lines.push(line));

it('puts the settings of the resource over what init made, and gives the node its key', async () => {
  await chain.write({ 'config/node_key.json': 'of init', 'config/config.toml': 'edited = true' });
  await writeMade(
    'config.toml',
    'size = 9223372036854775807\nfactor = 1.0\n# a comment\n[rpc]\nladdr = "a"\nmax = 1\n',
  );
  await writeMade('app.toml', 'a = 1\nb = [1, 2.5]\n');
  await merge();
  expect(await chain.read('config/node_key.json')).toBe('{"priv_key":1}');
  expect((await stat(join(chain.paths.configDir, 'node_key.json'))).mode & 0o777).toBe(0o600);
  expect(await chain.read('config/config.toml')).toBe(
    'size = 9223372036854775807\nfactor = 1.0\n\n[rpc]\nladdr = "b"\nmax = 1\n',
  );
  expect(await chain.read('config/app.toml')).toBe('a = 2\nb = [ 1, 2.5 ]\n');
  expect(await readFile(join(chain.paths.home, '.config/app-overlay.toml'), 'utf8')).toBe('a = 2\n');
});

it('leaves out what init did not make', async () => {
  await writeMade('config.toml', '');
  await merge();
  expect(await chain.read('config/config.toml')).toBe('[rpc]\nladdr = "b"\n');
  expect(chain.lines).toContain("no app.toml: init of the chain's program made none");
});

it.each([
  ['config.toml', 'a = ', /\.tmp\/config\/config\.toml: line 1, column \d+: /],
  ['app.toml', '[a', /\.tmp\/config\/app\.toml: line 1, column \d+: /],
])('names the place of an error in %s, and leaves the old file', async (name, text, message) => {
  await chain.write({ [`config/${name}`]: 'old' });
  await writeMade(name, text);
  await expect(merge()).rejects.toThrow(message);
  expect(await chain.read(`config/${name}`)).toBe('old');
});

it('needs the files of the ConfigMap', async () => {
  const paths = { ...chain.paths, home: '/nowhere' };
  await expect(mergeConfig(paths, () => {})).rejects.toThrow(
    "/nowhere/.config/node_key.json of the pod's ConfigMap can't be read: ENOENT",
  );
});
