/** Base64 as a person pastes it: with line breaks, and faults that are told by their place. Its content is never repeated. */
import { FormatError } from './format-error.ts';

/** Decodes standard base64 with padding; white space counts for nothing. Throws a FormatError. */
export function decodeBase64(text: string, where: string): Buffer {
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    const column = line.search(/[^A-Za-z0-9+/=\s]/);
    if (column >= 0)
      throw new FormatError(`${where}: line ${index + 1}, column ${column + 1}: this character is none of base64`);
  });
  const digits = text.replace(/\s/g, '');
  if (digits === '') throw new FormatError(`${where}: is empty; it must be base64`);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits))
    throw new FormatError(`${where}: there is a "=" before the end; is more than one file in it?`);
  if (digits.length % 4 !== 0)
    throw new FormatError(
      `${where}: base64 has a multiple of 4 characters, and these are ${digits.length}; is the end cut off?`,
    );
  return Buffer.from(digits, 'base64');
}
