/** Snappy's raw format, read only (github.com/google/snappy, format_description.txt); databases compress their blocks with it. */
import { FormatError } from './format-error.ts';

/** @param maxBytes of the result; a block that says it is larger is refused before anything is allocated */
export function decompressSnappy(input: Uint8Array, maxBytes: number): Uint8Array {
  const { value: length, next } = readLength(input);
  if (length > maxBytes) throw damaged(`it says that it has ${length} bytes, need at most ${maxBytes}`);
  const output = new Uint8Array(length);
  let from = next;
  let to = 0;
  while (from < input.length) {
    const tag = input[from++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const size = (extra === 0 ? tag >> 2 : littleEndian(input, from, extra)) + 1;
      from += extra;
      if (from + size > input.length || to + size > length) throw damaged('a literal goes beyond its end');
      output.set(input.subarray(from, from + size), to);
      from += size;
      to += size;
      continue;
    }
    const width = kind === 3 ? 4 : kind;
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const distance = littleEndian(input, from, width) + (kind === 1 ? (tag >> 5) << 8 : 0);
    from += width;
    if (distance === 0 || distance > to || to + size > length) throw damaged('a copy goes beyond its bounds');
    // Source and target may overlap: a copy repeats what it has just written.
    for (let index = 0; index < size; index++, to++) output[to] = output[to - distance] as number;
  }
  if (to !== length) throw damaged(`it has ${to} bytes, and says ${length}`);
  return output;
}

function readLength(input: Uint8Array): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 5 && index < input.length; index++) {
    const byte = input[index] as number;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: index + 1 };
  }
  throw damaged('its length cannot be read');
}

function littleEndian(input: Uint8Array, at: number, width: number): number {
  if (at + width > input.length) throw damaged('it ends within an element');
  let value = 0;
  for (let index = width - 1; index >= 0; index--) value = value * 256 + (input[at + index] as number);
  return value;
}

function damaged(what: string): FormatError {
  return new FormatError(`a compressed block is damaged: ${what}`);
}
