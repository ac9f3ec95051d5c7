import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKeyPair } from '../formats/ed25519.ts';
import { encodeNodeKey } from '../formats/node-key.ts';
import { encodeValidatorKey, validatorAddress } from '../formats/validator-key.ts';
import { startScriptedRpc } from './scripted-rpc.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nodewright-agent-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function startAgent(...args: string[]): { child: ChildProcess; output: () => string } {
  const main = new URL('main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

async function runAgent(...args: string[]): Promise<{ code: number; output: string }> {
  const { child, output } = startAgent(...args);
  const [code] = await once(child, 'close');
  return { code, output: output() };
}

describe('the agent as a program', { timeout: 30_000 }, () => {
  it('prepares a home and warns of names that do not resolve', async () => {
    const config = join(root, 'config.toml');
    await writeFile(config, '');
    const home = join(root, 'home');
    const [secrets, keys] = [join(root, 'secrets'), join(root, 'keys')];
    for (const dir of [secrets, keys]) await mkdir(dir);
    const pair = generateKeyPair(randomBytes);
    await writeFile(join(secrets, 'node_key.json'), encodeNodeKey(pair));
    await writeFile(join(secrets, 'priv_validator_key.json'), encodeValidatorKey(pair));
    const validator = validatorAddress(pair.publicKey);
    const run = ['init-home', '--home', home, '--config', config, '--secrets', secrets, '--keys', keys];
    run.push('--expect-validator', validator);
    const first = await runAgent(...run, '--resolve', 'localhost:1,gone.invalid:1', '--resolve-timeout', '100ms');
    expect(first.output).toContain("warning: starting although these names don't resolve: gone.invalid;");
    expect(first.code).toBe(0);
    await writeFile(join(home, 'data', 'priv_validator_state.json'), '{');
    const second = await runAgent(...run);
    expect(second.output).toMatch(/\nerror: .*priv_validator_state\.json: found text that is not JSON/);
    expect(second.code).toBe(1);
  });

  it('ends with status 0 on SIGTERM', async () => {
    const rpc = await startScriptedRpc();
    const { child, output } = startAgent('transact', '--nodes', rpc.url, '--rate', '100');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output()).toMatch(/sent \d+, accepted \d+, refused 0, unreachable 0\n$/);
    await rpc.close();
  });

  it('says what is wrong with an option', async () => {
    const { code, output } = await runAgent('monitor', '--nodes', 'demo-0:26657');
    expect(output).toBe(
      "error: option '--nodes <nodes>' argument 'demo-0:26657' is invalid. Need name=url, found \"demo-0:26657\".\n",
    );
    expect(code).toBe(1);
  });
});
