/**
 * Names and labels of children, as the Cosmos Operator makes them (spec cosmos §2.1). Where what it makes is refused by the API server,
 * as with long names or names with dots (§7.1 B17, B18), something shorter takes its place that still tells two of them apart.
 */
import { createHash } from 'node:crypto';

export const LABEL_CREATED_BY = 'app.kubernetes.io/created-by';
export const CREATED_BY = 'cosmos-operator';

const NAME_LENGTH = 253;
const LABEL_LENGTH = 63;

/** A name of an object: other characters than `A-Za-z0-9.-` are left out, and the middle of what is too long. */
export function toName(text: string): string {
  const kept = text.replace(/[^A-Za-z0-9.-]/g, '').replace(/^[.-]+|[.-]+$/g, '');
  return trimMiddle(kept, NAME_LENGTH);
}

/** A key of a label or annotation. Of a key with a prefix only the name behind it is bound to 63 characters. */
export function toLabelKey(text: string): string {
  const kept = text.replace(/[^A-Za-z0-9._/-]/g, '').replace(/^[._/-]+|[._/-]+$/g, '');
  const slash = kept.lastIndexOf('/') + 1;
  return kept.slice(0, slash) + trimMiddle(kept.slice(slash), LABEL_LENGTH);
}

/** A value of a label that the operator sets from something that may be no valid one, such as a name or the tag of an image. */
export function toLabelValue(text: string): string {
  const kept = text.replace(/[^A-Za-z0-9._-]/g, '').replace(/^[._-]+|[._-]+$/g, '');
  return trimLabelValue(kept);
}

/** A value of a label that the user set: only its length is seen to. */
export function trimLabelValue(text: string): string {
  return trimMiddle(text, LABEL_LENGTH);
}

/** A host name: the name itself where it is one; otherwise one label of DNS with a hash, so that no two names become the same. */
export function toHostname(name: string): string {
  return name.length <= LABEL_LENGTH && /^[a-z0-9-]+$/.test(name) ? name : hashedLabel(name);
}

/** A name of a Service, which besides begins with a letter. */
export function toServiceName(name: string): string {
  const label = toHostname(name);
  return /^[a-z]/.test(label) ? label : hashedLabel(`n${name}`);
}

/** The version in a reference to an image: its tag, `latest` where that is not plain to see (spec cosmos §2.1). */
export function parseImageVersion(image: string): string {
  const parts = image.split(':');
  return (parts.length === 2 && parts[1]) || 'latest';
}

function trimMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.floor(length / 2);
  return text.slice(0, head) + text.slice(text.length - (length - head));
}

function hashedLabel(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const plain = name.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  return plain.length + 1 + hash.length <= LABEL_LENGTH
    ? `${plain}-${hash}`
    : `${plain.slice(0, 31)}-${hash}-${plain.slice(-22)}`;
}
