import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identifyProcess, isRunning, ownProcessId, parseProcessId } from './process-id.ts';

test('reads pid and start time past a program name with spaces and parentheses', () => {
  const rest = Array.from({ length: 40 }, (_, index) => index + 4).join(' ');
  expect(parseProcessId(`77 (a) b (c)) S ${rest}`, 'boot\n')).toEqual({ pid: 77, start: 'boot/22' });
  expect(parseProcessId(`77 (gone) Z ${rest}`, 'boot')).toBeUndefined();
});

test('a pid alone is not the process', async () => {
  expect(isRunning(ownProcessId())).toBe(true);
  expect(isRunning({ ...ownProcessId(), start: 'another boot/1' })).toBe(false);
  const child = spawn('sleep', ['60']);
  const id = identifyProcess(child.pid as number);
  expect(id).toBeDefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(id !== undefined && isRunning(id)).toBe(false);
});
