/** Colours, where somebody looks: on a terminal, and never in what programs read. */
import { styleText } from 'node:util';

export type Colour = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';
export type Paint = (colour: Colour, text: string) => string;

export const COLOUR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColourChoice = (typeof COLOUR_CHOICES)[number];

/** No colours at all. */
export const plain: Paint = (_colour, text) => text;
const coloured: Paint = (colour, text) => (text === '' ? '' : styleText(colour, text, { validateStream: false }));

export function paintFor(
  choice: ColourChoice,
  stream: { isTTY?: boolean } = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): Paint {
  return hasColours(choice, stream, env) ? coloured : plain;
}

/** What the option says goes first, then NO_COLOR (https://no-color.org) and FORCE_COLOR, then the stream. */
export function hasColours(choice: ColourChoice, stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
