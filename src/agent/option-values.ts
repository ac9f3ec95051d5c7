/** Values of command-line options, with errors that name what was found and what is needed. */
import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../formats/duration.ts';

/** A listening address. Without a host all of the machine's addresses are meant. */
export type ListenAddress = { host: string | undefined; port: number };

/** A node of a network and the base URL of its RPC. */
export type NamedNode = { name: string; url: string };

/** `60s`, `1m30s`; milliseconds. */
export function readDuration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < 0)
    throw new InvalidArgumentError('Need a duration such as 60s or 1m30s.');
  return milliseconds;
}

/** `:1251`, `127.0.0.1:1251`, `[::1]:1251`. */
export function readListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new InvalidArgumentError('Need host:port or :port.');
  return { host: match[1] || match[2] || undefined, port };
}

/** `127.0.0.1:7900`, `[::1]:7900`. */
export function readHostAndPort(text: string): { host: string; port: number } {
  const { host, port } = readListenAddress(text);
  if (host === undefined || port === 0) throw new InvalidArgumentError('Need host:port.');
  return { host, port };
}

/** A base URL, returned without a slash at its end. */
export function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidArgumentError(`Need a URL such as http://127.0.0.1:26657, found ${JSON.stringify(text)}.`);
  }
  return text.replace(/\/+$/, '');
}

/** A comma-separated list, which may be given several times. */
export function readList(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(',').filter((item) => item !== '')];
}

export function readUrls(text: string, before: readonly string[] = []): string[] {
  return [...before, ...readList(text).map(readUrl)];
}

/** `name=url,…`; names are unique. */
export function readNodes(text: string, before: readonly NamedNode[] = []): NamedNode[] {
  const nodes = [...before];
  for (const item of readList(text)) {
    const [, name, url] = /^([^=]+)=(.+)$/.exec(item) ?? [];
    if (name === undefined || url === undefined)
      throw new InvalidArgumentError(`Need name=url, found ${JSON.stringify(item)}.`);
    if (nodes.some((node) => node.name === name)) throw new InvalidArgumentError(`The name ${name} is there twice.`);
    nodes.push({ name, url: readUrl(url) });
  }
  return nodes;
}

export function readPositive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('Need a number over 0.');
  return value;
}

export function readPositiveInteger(text: string): number {
  const value = readPositive(text);
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Need a whole number over 0.');
  return value;
}

/** A SHA-256 checksum, returned in lower case. */
export function readSha256(text: string): string {
  if (!/^[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError('Need the 64 hex digits of a SHA-256 checksum.');
  return text.toLowerCase();
}
