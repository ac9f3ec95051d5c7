/** The scripts of the funding job, run by the shell that they are written for. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writtenPool, writtenSettings } from '../written-resources.ts';
import { buildAutoFunding } from './auto-funding.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodewright-funding-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that notes its arguments, one in each line, and says something. */
function program(name: string, says: string): void {
  const text = `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/${name}.args\nprintf '%b' '${says}'\n`;
  writeFileSync(join(folder, name), text, { mode: 0o755 });
}

function argumentsOf(name: string): string[] | undefined {
  const file = join(folder, `${name}.args`);
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : undefined;
}

function run(container: 'kubectl' | 'hopli', pool = writtenPool()): void {
  const spec = buildAutoFunding(pool, writtenSettings())?.spec?.jobTemplate.spec?.template.spec;
  const { command = [], args = [] } =
    [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].find(({ name }) => name === container) ?? {};
  const here = args.map((arg) => arg.replaceAll('/data/', `${folder}/`).replaceAll('/bin/hopli', `${folder}/hopli`));
  execFileSync(command[0] ?? '', [...command.slice(1), ...here], {
    env: { PATH: `${folder}:${process.env.PATH}` },
    stdio: 'pipe',
  });
}

describe('the addresses', () => {
  test.each([
    ['of three identities', '0xa\\n0xb\\n0xc\\n', '0xa,0xb,0xc'],
    ['of one', '0xa\\n', '0xa'],
    ['of none', '', ''],
  ])('%s', (_what, says, addresses) => {
    program('kubectl', says);
    run('kubectl');
    expect(readFileSync(join(folder, 'addresses.txt'), 'utf8').trim()).toBe(addresses);
  });

  test('are those of the pool, in its namespace', () => {
    program('kubectl', '');
    run('kubectl');
    expect(argumentsOf('kubectl')).toEqual([
      'get',
      'identityhoprds.v1alpha2.hoprnet.org',
      '--namespace',
      'team',
      '--output',
      'jsonpath={range .items[?(@.spec.identityPoolName=="pool")]}{.spec.nativeAddress}{"\\n"}{end}',
    ]);
  });

  test('a list that cannot be had is a failure of the job, not an empty list', () => {
    writeFileSync(join(folder, 'kubectl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    expect(() => run('kubectl')).toThrow();
  });
});

describe('the funds', () => {
  test('go to all of them at once; what a user wrote is never a command', () => {
    program('hopli', '');
    writeFileSync(join(folder, 'addresses.txt'), '0xa,0xb\n');
    run('hopli', writtenPool({ network: "$(touch x)'", funding: { schedule: '@daily', nativeAmount: '0.01; ls' } }));
    expect(argumentsOf('hopli')).toEqual([
      'faucet',
      '--provider-url',
      'https://gnosis.drpc.org',
      '--network',
      "$(touch x)'",
      '--hopr-amount',
      '0',
      '--native-amount',
      '0.01; ls',
      '--address',
      '0xa,0xb',
    ]);
  });

  test('a pool without identities needs none', () => {
    program('hopli', '');
    writeFileSync(join(folder, 'addresses.txt'), '\n');
    run('hopli');
    expect(argumentsOf('hopli')).toBeUndefined();
  });
});

test('a pool without funding has no job', () => {
  const { funding: _funding, ...spec } = writtenPool().spec;
  expect(buildAutoFunding({ ...writtenPool(), spec }, writtenSettings())).toBeUndefined();
});
