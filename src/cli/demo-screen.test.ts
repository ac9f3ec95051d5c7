import { describe, expect, test } from 'vitest';
import { createScreen } from './demo-screen.ts';

function record(isTTY: boolean, columns = 40) {
  const clock = { now: 0 };
  const written: string[] = [];
  const output = { isTTY, columns, write: (text: string) => written.push(text) };
  const screen = createScreen(output, () => clock.now);
  return { clock, screen, take: () => written.splice(0).join('') };
}

describe('in a log', () => {
  test('a line is printed when it changes, details every ten seconds', () => {
    const { clock, screen, take } = record(false);
    screen.show('starting', 'a\n');
    expect(take()).toBe('[    0s] starting\na\n');
    clock.now = 5_000;
    screen.show('starting', 'b\n');
    expect(take()).toBe('');
    screen.show('running', 'b\n');
    expect(take()).toBe('[    5s] running\n');
    clock.now = 77_000;
    screen.show('running', 'c\n');
    expect(take()).toBe('c\n');
    screen.say('done');
    expect(take()).toBe('done\n');
  });

  test('the last details are printed at the end, once', () => {
    const { screen, take } = record(false);
    screen.show('x', 'a\n');
    screen.show('x', 'b\n');
    take();
    screen.settle();
    screen.settle();
    expect(take()).toBe('b\n');
  });
});

describe('on a terminal', () => {
  test('what goes on is drawn over, and lines that stay come before it', () => {
    const { clock, screen, take } = record(true);
    screen.show('starting', 'a\nb\n');
    expect(take()).toBe('[    0s] starting\na\nb\n');
    clock.now = 65_000;
    screen.show('running');
    expect(take()).toBe('\u001b[3A\u001b[J[ 1m05s] running\n');
    screen.say('half way');
    expect(take()).toBe('\u001b[1A\u001b[Jhalf way\n');
    screen.show('running');
    screen.settle();
    take();
    screen.show('again');
    expect(take()).toBe('[ 1m05s] again\n');
  });

  test('a line that is too long is cut, as a wrapped one would take two rows', () => {
    const { screen, take } = record(true, 20);
    screen.show('0123456789abcdef');
    expect(take()).toBe('[    0s] 012345678…\n');
  });
});
