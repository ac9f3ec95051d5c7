import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { INITIAL_VALIDATOR_STATE } from '../formats/validator-key.ts';
import { initHome } from './init-home.ts';

let root: string;
let lines: string[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nodewright-init-home-'));
  lines = [];
  await writeFile(join(root, 'config.toml'), 'moniker = "a"\n');
  await writeFile(join(root, 'ran'), '');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (path: string) => join(root, 'home', path);
const state = 'data/priv_validator_state.json';
const ranBeforeFile = () => join(root, 'ran');
const run = (validator = true) =>
  initHome({
    home: at(''),
    config: join(root, 'config.toml'),
    validator,
    ranBeforeFile: ranBeforeFile(),
    log: (line) => lines.push(line),
  });

async function put(path: string, text: string): Promise<void> {
  await mkdir(at('data'), { recursive: true });
  await writeFile(at(path), text);
}

describe('initHome', () => {
  it('makes a home that only its user can read, with a state in which nothing was signed', async () => {
    await run();
    expect(await readFile(at('config/config.toml'), 'utf8')).toBe('moniker = "a"\n');
    expect(await readFile(at(state), 'utf8')).toBe(INITIAL_VALIDATOR_STATE);
    expect((await stat(at('data'))).mode & 0o777).toBe(0o700);
    expect((await stat(at('config'))).mode & 0o777).toBe(0o700);
    expect((await stat(at(state))).mode & 0o777).toBe(0o600);
    expect(await readdir(at('data'))).toEqual(['priv_validator_state.json']);
    expect(await readdir(at('config'))).toEqual(['config.toml']);
  });

  it('replaces the config and never an existing state, however often it runs', async () => {
    await run();
    const signed = '{"height":"258","round":0,"step":3,"signature":"eN2y"}';
    await put(state, signed);
    await put('data/blockstore.db', '');
    const before = await stat(at(state));
    await writeFile(join(root, 'config.toml'), 'moniker = "b"\n');
    await run();
    expect(await readFile(at('config/config.toml'), 'utf8')).toBe('moniker = "b"\n');
    expect(await readFile(at(state), 'utf8')).toBe(signed);
    expect((await stat(at(state))).mtimeMs).toBe(before.mtimeMs);
    expect((await stat(at(state))).ino).toBe(before.ino);
    expect(lines).toContain(`keeping ${at(state)}: last signed height/round/step 258/0/3`);
  });

  it('takes over what an interrupted run left behind', async () => {
    await put(`${state}.nodewright-tmp`, '{"hei');
    await run();
    expect(await readFile(at(state), 'utf8')).toBe(INITIAL_VALIDATOR_STATE);
    expect(await readdir(at('data'))).toEqual(['priv_validator_state.json']);
  });

  it.each([
    ['cut', '{"height":"12"', 'found text that is not JSON'],
    ['empty', '', 'found text that is not JSON'],
    ['without a round', '{"height":"12","step":1}', '.round: found nothing, need an integer'],
    ['with a negative height', '{"height":"-1","round":0,"step":1}', '.height: found -1'],
  ])('refuses a state that is %s and leaves it as it is', async (_, text, reason) => {
    await put(state, text);
    await expect(run()).rejects.toThrow(`${at(state)}`);
    await expect(run()).rejects.toThrow(reason);
    await expect(run()).rejects.toThrow('neither repaired nor replaced');
    expect(await readFile(at(state), 'utf8')).toBe(text);
    await expect(stat(at('config/config.toml'))).rejects.toThrow('ENOENT');
  });

  it.each(['blockstore.db', 'state.db', 'cs.wal'])('refuses a validator with %s and no state', async (name) => {
    await put(`data/${name}`, '');
    await expect(run()).rejects.toThrow(`is missing although ${at(`data/${name}`)} shows that this node ran before`);
    await expect(stat(at(state))).rejects.toThrow('ENOENT');
    await run(false);
    expect(await readFile(at(state), 'utf8')).toBe(INITIAL_VALIDATOR_STATE);
  });

  it('refuses an empty volume on which the validator has run, and says what accepts that', async () => {
    const token = '0b0e7a52-5f44-4b0c-8a4e-0d7c1d2f3a4b';
    await writeFile(ranBeforeFile(), token);
    const refusal = run().catch((error: Error) => error.message);
    expect(await refusal).toMatch(
      new RegExp(`priv_validator_state.json is gone, but .* add ${token} to spec\\.acceptSignStateLoss$`),
    );
    // With the path that it has in a pod: the status cuts what is longer.
    expect(`error: ${await refusal}`.replace(at(''), '/cometbft').length).toBeLessThanOrEqual(300);
    await expect(stat(at(state))).rejects.toThrow('ENOENT');
    await run(false);
    expect(await readFile(at(state), 'utf8')).toBe(INITIAL_VALIDATOR_STATE);
  });

  it('starts with the sign state of the run before', async () => {
    await writeFile(ranBeforeFile(), 'token');
    await put(state, '{"height":"258","round":0,"step":3}');
    await run();
    expect(lines[0]).toContain('last signed height/round/step 258/0/3');
  });

  it('fails when it cannot be known whether the validator has run', async () => {
    await rm(ranBeforeFile());
    await expect(run()).rejects.toThrow('ENOENT');
    await expect(stat(at(''))).rejects.toThrow('ENOENT');
  });

  it('fails when the config is missing, before it touches the home', async () => {
    await rm(join(root, 'config.toml'));
    await expect(run()).rejects.toThrow('ENOENT');
    await expect(stat(at(''))).rejects.toThrow('ENOENT');
  });

  it('copies a config that is mounted read-only', async () => {
    await chmod(join(root, 'config.toml'), 0o444);
    await run();
    await run();
    expect(await readFile(at('config/config.toml'), 'utf8')).toBe('moniker = "a"\n');
  });
});
