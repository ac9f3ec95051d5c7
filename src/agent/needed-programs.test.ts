import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** The image has those that the agent starts; here they come from Debian. */
it.each([
  ['gzip', 'gzip'],
  ['lz4', 'lz4'],
  ['openssl', 'openssl'],
  ['sync', 'coreutils'],
  ['tar', 'tar'],
  ['unshare', 'util-linux'],
  ['unzip', 'unzip'],
  ['xz', 'xz-utils'],
  ['zip', 'zip'],
  ['zstd', 'zstd'],
])('%s, which the tests of the agent need, is installed; if not: apt-get install %s', (program) => {
  expect(execFileSync('sh', ['-c', `command -v ${program} || echo missing`]).toString()).not.toContain('missing');
});
