import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownProcessId } from './process-id.ts';
import { withLock } from './process-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nodewright-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('one at a time, and the next one when the first ends, even by an error', async () => {
  const path = join(dir, 'made/lock');
  const order: string[] = [];
  let release = () => {};
  const first = withLock(
    path,
    () => {},
    async () => {
      order.push('first begins');
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      order.push('first ends');
      throw new Error('failed');
    },
  );
  const tell = (owner: number) => {
    order.push(`second waits for ${owner === process.pid ? 'us' : owner}`);
    release();
  };
  const second = withLock(path, tell, async () => order.push('second'));
  await expect(first).rejects.toThrow('failed');
  await second;
  expect(order).toEqual(['first begins', 'second waits for us', 'first ends', 'second']);
  expect(existsSync(path)).toBe(false);
});

test.each([
  ['of a process with our pid from before a reboot', JSON.stringify({ ...ownProcessId(), start: 'another boot/1' })],
  ['that is broken', '{'],
])('a lock %s is taken over', async (_, content) => {
  const path = join(dir, 'lock');
  writeFileSync(path, content);
  expect(
    await withLock(
      path,
      () => expect.unreachable(),
      async () => 'done',
    ),
  ).toBe('done');
});
