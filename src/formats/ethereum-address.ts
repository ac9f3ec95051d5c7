/** Addresses on Ethereum and chains like it: 20 bytes in hexadecimal, where the case of the letters can hold a checksum (ERC-55). */
import { FormatError } from './format-error.ts';
import { keccak256 } from './keccak256.ts';

/** Throws a FormatError where a text is no address, or one with a wrong checksum; without mixed case there is none to check. */
export function checkEthereumAddress(text: string, where: string): void {
  const digits = /^0x([0-9a-fA-F]*)$/.exec(text)?.[1];
  if (digits === undefined || digits.length !== 40)
    throw new FormatError(
      `${where}: ${JSON.stringify(text)} is no address: it must be 0x and 40 hexadecimal digits${describeSurplus(digits)}`,
    );
  const hasMixedCase = /[a-f]/.test(digits) && /[A-F]/.test(digits);
  if (hasMixedCase && digits !== withChecksum(digits))
    throw new FormatError(
      `${where}: ${text} has a wrong checksum: a digit, or the case of a letter, is mistyped; copy the address again, or write it in lower case if you are sure of it`,
    );
}

function describeSurplus(digits: string | undefined): string {
  return digits === undefined ? '' : `, not ${digits.length}`;
}

/** A letter is a capital where the digit of the hash at its place is 8 or more. */
function withChecksum(digits: string): string {
  const lower = digits.toLowerCase();
  const hash = Buffer.from(keccak256(Buffer.from(lower, 'ascii'))).toString('hex');
  return [...lower]
    .map((digit, index) => (Number.parseInt(hash[index] ?? '0', 16) >= 8 ? digit.toUpperCase() : digit))
    .join('');
}
