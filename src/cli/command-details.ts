/** What a command says of itself besides its options: for `--help`, and for docs/command-line.md. */
import type { Command } from 'commander';

export type CommandDetails = {
  /** What to type after the program's name, and what for. */
  examples: readonly (readonly [args: string, meaning: string])[];
  /** By code; absent where it is 0 for success and 2 for an error. */
  exitCodes?: Readonly<Record<number, string>>;
  /** Paragraphs between the options and the examples. */
  notes?: readonly string[];
};

const detailsByCommand = new WeakMap<Command, CommandDetails>();
const USUAL_EXIT_CODES = { 0: 'done', 2: 'an error, told on standard error' };

/** @param programName as it is typed: `nodewright`, or `kubectl nodewright` */
export function withDetails(command: Command, programName: string, details: CommandDetails): Command {
  detailsByCommand.set(command, details);
  return command.addHelpText('after', () => formatDetails(programName, details));
}

export function detailsOf(command: Command): CommandDetails | undefined {
  return detailsByCommand.get(command);
}

export function exitCodesOf({ exitCodes = USUAL_EXIT_CODES }: CommandDetails): [string, string][] {
  return Object.entries(exitCodes);
}

function formatDetails(programName: string, details: CommandDetails): string {
  const examples = details.examples.map(([args, meaning]) => `  # ${meaning}\n  ${formatExample(programName, args)}`);
  const codes = exitCodesOf(details).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return [
    '',
    ...(details.notes ?? []).flatMap((note) => [wrap(note, 80), '']),
    'Examples:',
    examples.join('\n\n'),
    '',
    'Exit codes:',
    ...codes,
  ].join('\n');
}

/** Arguments after the name of the program; a whole line where it does not begin with it. */
export function formatExample(programName: string, args: string): string {
  return args.startsWith('$ ') ? args.slice(2).replaceAll('PROGRAM', programName) : `${programName} ${args}`;
}

function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
