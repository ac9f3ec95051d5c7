/** Columns as kubectl prints them. */
import { stripVTControlCharacters } from 'node:util';

const GAP = 3;

/** Cells may be coloured. */
export function formatTable(header: string[], rows: string[][]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))));
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : `${cell}${' '.repeat((widths[column] ?? 0) - lengthOf(cell) + GAP)}`,
        )
        .join('')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Lines that are not longer than a terminal is wide; Infinity where there is none. Colours end at the end of a line that is cut. */
export function cutLines(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => cutLine(line, columns))
    .join('\n');
}

function cutLine(line: string, columns: number): string {
  if (lengthOf(line) <= columns) return line;
  let room = columns - 1;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the beginning of a colour is one
  const pieces = line.match(/\u001b\[[0-9;]*m|[^\u001b]+/g) ?? [];
  const kept = pieces.map((piece) => {
    if (piece.startsWith('\u001b')) return piece;
    const part = piece.slice(0, room);
    room -= part.length;
    return room === 0 && part !== '' ? `${part}…` : part;
  });
  return kept.join('').replace(/\u2026+/, '…');
}

/** `12s`, `7m`, `3h`, `9d`, as kubectl shows ages; `-` for what is not known. */
export function formatAge(from: string | undefined, now: Date): string {
  const seconds = Math.floor((now.getTime() - Date.parse(from ?? '')) / 1000);
  if (Number.isNaN(seconds)) return '-';
  const length = Math.abs(seconds);
  if (length < 120) return `${length}s`;
  if (length < 120 * 60) return `${Math.floor(length / 60)}m`;
  if (length < 48 * 3600) return `${Math.floor(length / 3600)}h`;
  return `${Math.floor(length / 86_400)}d`;
}
