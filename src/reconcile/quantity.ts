/** Kubernetes quantities (`1Gi`, `500m`, `1e3`), compared by value. Grammar: k8s.io/apimachinery/pkg/api/resource, quantity.go. */

const SUFFIX_POWERS: Record<string, readonly [base: 10n | 2n, exponent: number]> = {
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  '': [10n, 0],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [2n, 10],
  Mi: [2n, 20],
  Gi: [2n, 30],
  Ti: [2n, 40],
  Pi: [2n, 50],
  Ei: [2n, 60],
};
const GRAMMAR = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,3})|([KMGTPE]i|[numkMGTPE])?)$/;

/** The value in units of 10^-9, rounded up as Kubernetes does, or undefined when `text` is no quantity. */
export function parseQuantity(text: string | number): bigint | undefined {
  const match = GRAMMAR.exec(String(text).trim());
  if (match === null) return undefined;
  const [, sign, digits = '', exponent, suffix = ''] = match;
  const [whole = '', fraction = ''] = digits.split('.');
  const mantissa = BigInt(`${whole}${fraction}` || '0');
  const [base, power] =
    exponent === undefined ? (SUFFIX_POWERS[suffix] ?? [10n, 0]) : ([10n, Number(exponent)] as const);
  const decimals = 9 - fraction.length + (base === 10n ? power : 0);
  const scaled = base === 2n ? mantissa * 2n ** BigInt(power) : mantissa;
  const value = decimals >= 0 ? scaled * 10n ** BigInt(decimals) : divideUp(scaled, 10n ** BigInt(-decimals));
  return sign === '-' ? -value : value;
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`; undefined when either is no quantity. */
export function compareQuantities(a: string | number, b: string | number): number | undefined {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}

function divideUp(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
