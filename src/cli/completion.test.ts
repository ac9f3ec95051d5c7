/** The script for bash, in bash. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { completionScript } from './completion.ts';

const run = promisify(execFile);
let folder: string;

/** In place of the program: says which words it was asked for, as candidates of which the shell has to make something. */
const ANSWERS = `#!/bin/bash
[[ $1 == __complete ]] || exit 1
shift
case "$*" in
  'st') printf 'status\\tShow resources\\n:4\\n' ;;
  'status ') printf 'cosmosfullnode/a\\ncosmosfullnode/b\\n:4\\n' ;;
  'status --context arn:aws:') printf 'arn:aws:eks:a\\n:4\\n' ;;
  'plan --output=j') printf -- '--output=json\\n:4\\n' ;;
  *) printf ':0\\n' ;;
esac
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodewright-completion-'));
  await writeFile(join(folder, 'nodewright'), ANSWERS);
  await chmod(join(folder, 'nodewright'), 0o755);
  await writeFile(join(folder, 'completion.bash'), completionScript('bash'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function complete(line: string): Promise<string[]> {
  const script = `source "$1/completion.bash"; COMP_LINE=$2 COMP_POINT=\${#2} _nodewright; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', folder, line], { env });
  return stdout.split('\n').filter((word) => word !== '');
}

test.each([
  ['nodewright st', ['status']],
  ['nodewright status ', ['cosmosfullnode/a', 'cosmosfullnode/b']],
  // bash takes what comes after the last colon, or equals sign, for the word.
  ['nodewright status --context arn:aws:', ['eks:a']],
  ['nodewright plan --output=j', ['json']],
  ['nodewright render -f ', []],
])('%j', async (line, expected) => expect(await complete(line)).toEqual(expected));
