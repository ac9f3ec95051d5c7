/** Commands of ours that the documentation names exist, with the flags that it gives them. */
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../src/cli/program.ts';
import { codeBlocks, guides, inlineCode, type Page } from './markdown.ts';

/** Up to what ends a command in a shell. */
const OURS = /(?:^|[\s(`])(?:npx |kubectl )?nodewright ((?:[^|;&<>()\n\\`]|\\\n)+)/g;

const program = buildProgram('nodewright', async () => {});

test('there are commands', () => expect(guides.flatMap(commandsOf).length).toBeGreaterThan(20));

test.each(guides)('commands of $path', (page) => {
  expect(
    commandsOf(page).flatMap((command) => {
      const fault = findFault(command);
      return fault === undefined ? [] : [`nodewright ${command}: ${fault}`];
    }),
  ).toEqual([]);
});

test('the flags of the operator are those of docs/operations.md', () => {
  const { text = '' } = guides.find(({ path }) => path === 'docs/operations.md') ?? {};
  const [, section = ''] = text.split('\n## Flags\n');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell]) => cell as string);
  const told = rows.flatMap((cell) => [...cell.matchAll(/--[a-z-]+/g)].map(([flag]) => flag));
  const operator = program.commands.find((command) => command.name() === 'operator');
  expect(told.sort()).toEqual(operator?.options.map(({ long }) => long).sort());
});

function commandsOf(page: Page): string[] {
  const shell = codeBlocks(page).filter(({ language }) => language === 'sh' || language === 'console');
  const lines = shell
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/\s#.*$/, ''));
  return [...lines.filter((line) => !/\b(helm|kind|kubectl (?!nodewright)|docker)\b/.test(line)), ...inlineCode(page)]
    .filter((text) => /^(\$ )?(npx |kubectl )?nodewright \S/.test(text))
    .flatMap((text) => [...text.matchAll(OURS)].map(([, rest = '']) => rest.trim()));
}

function findFault(text: string): string | undefined {
  const words = text.split(/\s+/);
  let command: Command = program;
  while (words.length > 0) {
    const next = command.commands.find((sub) => sub.name() === words[0]);
    if (next === undefined) break;
    command = next;
    words.shift();
  }
  if (command.commands.length > 0 && words[0] !== undefined && !words[0].startsWith('-'))
    return `there is no command ${words[0]}`;
  const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short]);
  return words
    .filter((word) => /^-{1,2}[a-z]/i.test(word))
    .map((word) => word.split('=')[0] as string)
    .filter((flag) => !known.includes(flag) && flag !== '--help')
    .map((flag) => `${command.name()} has no ${flag}`)[0];
}
