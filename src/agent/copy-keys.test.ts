import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKeyPair } from '../formats/ed25519.ts';
import { encodeNodeKey } from '../formats/node-key.ts';
import { encodeValidatorKey, parseValidatorKey } from '../formats/validator-key.ts';
import { copyKeys } from './copy-keys.ts';

const pairOf = (byte: number) => generateKeyPair((size) => new Uint8Array(size).fill(byte));
const nodeKey = encodeNodeKey(pairOf(1));
const [reserved, other] = [encodeValidatorKey(pairOf(2)), encodeValidatorKey(pairOf(3))];
const { address } = parseValidatorKey(reserved);

let root: string;
let lines: string[];
const at = (path: string) => join(root, path);
const run = (expectValidator: string | undefined = address) =>
  copyKeys({ secrets: at('secrets'), keys: at('keys'), expectValidator, log: (line) => lines.push(line) });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nodewright-copy-keys-'));
  lines = [];
  for (const dir of ['secrets', 'keys']) await mkdir(at(dir));
  await writeFile(at('secrets/node_key.json'), nodeKey);
  await writeFile(at('secrets/priv_validator_key.json'), reserved);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('copyKeys', () => {
  it('copies both keys so that only their user can read them, however often it runs', async () => {
    await run();
    await run();
    expect(await readdir(at('keys'))).toEqual(['node_key.json', 'priv_validator_key.json']);
    expect(await readFile(at('keys/node_key.json'), 'utf8')).toBe(nodeKey);
    expect(await readFile(at('keys/priv_validator_key.json'), 'utf8')).toBe(reserved);
    expect((await stat(at('keys/priv_validator_key.json'))).mode & 0o777).toBe(0o400);
    expect(lines[0]).toBe(`copied node_key.json and priv_validator_key.json of validator ${address}`);
  });

  it('gives a node that does not vote no validator key', async () => {
    await copyKeys({ secrets: at('secrets'), keys: at('keys'), expectValidator: undefined, log: () => {} });
    expect(await readdir(at('keys'))).toEqual(['node_key.json']);
  });

  it('goes on after a run that was interrupted', async () => {
    await writeFile(at('keys/node_key.json.nodewright-tmp'), 'half', { mode: 0o400 });
    await run();
    expect(await readdir(at('keys'))).toEqual(['node_key.json', 'priv_validator_key.json']);
  });

  it("refuses another validator's key and names both addresses, but no key", async () => {
    await writeFile(at('secrets/priv_validator_key.json'), other);
    const message = await run().then(
      () => '',
      (error: Error) => error.message,
    );
    const found = parseValidatorKey(other);
    expect(message).toContain(
      `the key of validator ${found.address}, but the key that is reserved for this pod is that of ${address}`,
    );
    const { priv_key, pub_key } = JSON.parse(other) as Record<'priv_key' | 'pub_key', { value: string }>;
    for (const { value } of [priv_key, pub_key]) expect(message).not.toContain(value.slice(0, 12));
    expect(await readdir(at('keys'))).toEqual([]);
  });

  it('refuses a file that is no key, and shows nothing of it', async () => {
    await writeFile(at('secrets/priv_validator_key.json'), '{"priv_key": {"value": "c2VjcmV0');
    await expect(run()).rejects.toThrow('priv_validator_key.json: found text that is not JSON');
    await expect(run()).rejects.not.toThrow('c2Vj');
    expect(await readdir(at('keys'))).toEqual([]);
  });
});
