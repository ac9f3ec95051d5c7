/** Sums and shares of Kubernetes quantities, written as Kubernetes writes them: with the largest suffix that loses nothing. */
import { parseQuantity } from './quantity.ts';

const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const NANO = 10n ** 9n;

/** @param form `decimal` writes `102G`, `binary` `100Gi`; a binary one with less than 1Ki or with a fraction is written in decimal */
export function formatQuantity(nanos: bigint, form: 'decimal' | 'binary'): string {
  const isWhole = nanos % NANO === 0n;
  if (form === 'binary' && isWhole && (nanos >= 1024n * NANO || nanos <= -1024n * NANO))
    return withSuffix(nanos / NANO, 1024n, BINARY_SUFFIXES);
  return withSuffix(nanos, 1000n, DECIMAL_SUFFIXES);
}

/** `percent` of a quantity, exactly, in decimal form; undefined when it is no quantity. */
export function percentOf(quantity: string | number, percent: bigint): string | undefined {
  const nanos = parseQuantity(quantity);
  return nanos === undefined ? undefined : formatQuantity((nanos * percent) / 100n, 'decimal');
}

/** The next whole number, in decimal form. */
export function roundUpQuantity(quantity: string | number): string | undefined {
  const nanos = parseQuantity(quantity);
  return nanos === undefined ? undefined : formatQuantity(((nanos + NANO - 1n) / NANO) * NANO, 'decimal');
}

/** `quantity` and `increase` more, which is a share of it (`20%`, rounded to a whole number) or a quantity; undefined when one is neither. */
export function increaseQuantity(quantity: string | number, increase: string): string | undefined {
  const nanos = parseQuantity(quantity);
  if (nanos === undefined) return undefined;
  const form = /i$/.test(String(quantity)) ? 'binary' : 'decimal';
  const percent = /^(\d+)%$/.exec(increase)?.[1];
  if (percent !== undefined) {
    const scaled = nanos * (100n + BigInt(percent));
    return formatQuantity(((scaled + 50n * NANO) / (100n * NANO)) * NANO, form);
  }
  const added = parseQuantity(increase);
  return added === undefined ? undefined : formatQuantity(nanos + added, form);
}

function withSuffix(amount: bigint, step: bigint, suffixes: readonly string[]): string {
  let rest = amount;
  let index = 0;
  while (rest !== 0n && rest % step === 0n && index < suffixes.length - 1) {
    rest /= step;
    index++;
  }
  return rest === 0n ? '0' : `${rest}${suffixes[index]}`;
}
