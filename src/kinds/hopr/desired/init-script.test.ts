/** The script of the init container, run by a shell in a folder that stands for the root. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildInitScript } from './init-script.ts';

const URL = "https://snapshots.example/it's here.tar.gz";
let root: string;
const database = () => join(root, 'app/hoprd-db/db');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nodewright-hopr-'));
  mkdirSync(join(root, 'app/hoprd-identity'), { recursive: true });
  mkdirSync(join(root, 'app/hoprd-db'));
  mkdirSync(join(root, 'bin'));
});

afterEach(() => rmSync(root, { recursive: true }));

/** @param archive what the server has; undefined for a server that answers nothing */
function run(snapshotUrl: string | undefined, archive?: Buffer): void {
  if (archive !== undefined) writeFileSync(join(root, 'archive'), archive);
  const answer = archive === undefined ? 'exit 1' : `cat ${join(root, 'archive')}`;
  // Where the image's wget would ask the server.
  writeFileSync(join(root, 'bin/wget'), `#!/bin/sh\nfor last; do :; done\necho "$last" > ${root}/asked\n${answer}\n`, {
    mode: 0o755,
  });
  const script = buildInitScript(snapshotUrl).replaceAll('/app/', `${root}/app/`);
  execFileSync('sh', ['-c', script], {
    env: {
      PATH: `${join(root, 'bin')}:${process.env.PATH}`,
      HOPRD_IDENTITY_FILE: Buffer.from('{"crypto":{}}').toString('base64'),
      HOPRD_CONFIGURATION: Buffer.from('hopr:\n').toString('base64'),
    },
    stdio: 'pipe',
  });
}

/** A gzipped tar whose paths begin at the root, as `tar -xz -C /` needs it. */
function archiveOf(files: Record<string, string>): Buffer {
  const source = join(root, 'source');
  const folder = join(source, root, 'app/hoprd-db/db');
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const archive = execFileSync('tar', ['-cz', '-C', source, '.'], { maxBuffer: 1e8 });
  rmSync(source, { recursive: true });
  return archive;
}

const files = (folder: string) => (existsSync(folder) ? readdirSync(folder).sort() : []);

test('writes the identity and the configuration', () => {
  run(undefined);
  expect(readFileSync(join(root, 'app/hoprd-identity/.hopr-id'), 'utf8')).toBe('{"crypto":{}}');
  expect(readFileSync(join(root, 'app/hoprd-identity/config.yaml'), 'utf8')).toBe('hopr:\n');
  expect(files(join(root, 'app/hoprd-db'))).toEqual([]);
});

test('fills an empty volume from the snapshot', () => {
  run(URL, archiveOf({ 'hopr_logs.db': 'logs', 'hopr_logs.db-wal': 'wal', 'hopr_index.db': 'index' }));
  expect(files(database())).toEqual(['hopr_index.db', 'hopr_logs.db', 'hopr_logs.db-wal']);
  expect(readFileSync(join(database(), 'hopr_logs.db'), 'utf8')).toBe('logs');
  expect(files(join(root, 'app/hoprd-db'))).toEqual(['db']);
  expect(readFileSync(join(root, 'asked'), 'utf8').trim()).toBe(URL);
});

test('leaves a database that is there alone', () => {
  mkdirSync(database());
  writeFileSync(join(database(), 'hopr_logs.db'), 'own');
  run(URL, archiveOf({ 'hopr_logs.db': 'logs' }));
  expect(readFileSync(join(database(), 'hopr_logs.db'), 'utf8')).toBe('own');
  expect(existsSync(join(root, 'asked'))).toBe(false);
});

test.each<[string, () => Buffer | undefined]>([
  ['the server does not answer', () => undefined],
  ['the download was cut off', () => archiveOf({ 'hopr_logs.db': 'x'.repeat(100_000) }).subarray(0, 150)],
  ['it is no archive', () => Buffer.from('<html>not found</html>')],
  ['the archive holds something else', () => archiveOf({ 'other.db': 'x' })],
])('%s: the node starts without, and the next start tries again', (_what, archive) => {
  run(URL, archive());
  expect(files(database())).toEqual([]);
  expect(files(join(root, 'app/hoprd-db'))).toEqual(['db']);
  expect(existsSync(join(root, 'app/hoprd-identity/config.yaml'))).toBe(true);
  run(URL, archiveOf({ 'hopr_logs.db': 'logs' }));
  expect(files(database())).toEqual(['hopr_logs.db']);
});

test('what an earlier start left behind is no part of the database', () => {
  const part = join(root, 'app/hoprd-db/.snapshot', database());
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, 'hopr_logs.db-wal'), 'half');
  run(URL, archiveOf({ 'hopr_logs.db': 'logs' }));
  expect(files(database())).toEqual(['hopr_logs.db']);
});
