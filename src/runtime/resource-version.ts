/**
 * Whether resourceVersion `a` is older than `b`. They are revisions of etcd, decimal and of any length, and comparable within one
 * resource type. False when either is missing or not a number: then nothing is known.
 */
export function isOlder(a: string | undefined, b: string | undefined): boolean {
  if (!isNumber(a) || !isNumber(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}

/** Whether `a` is `b` or older; false when nothing is known. */
export function isUpTo(a: string | undefined, b: string | undefined): boolean {
  return isOlder(a, b) || (a !== undefined && a === b);
}

function isNumber(version: string | undefined): version is string {
  return version !== undefined && /^(0|[1-9]\d*)$/.test(version);
}
