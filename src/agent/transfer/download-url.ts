/** URLs of files to download, and how messages name them. */

/** Reads an http or https URL. The error never repeats it: it may hold a password. */
export function parseDownloadUrl(text: string, field: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined) throw new Error(`${field} is not a URL; it needs the form https://host/path`);
  if (!['http:', 'https:'].includes(url.protocol)) {
    throw new Error(`${field} begins with ${url.protocol}//, need http:// or https://; use a script for other ways`);
  }
  return url;
}

/** Without user, password and the values of the query, which may be signatures. */
export function describeUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** User and password of a URL as the value of an Authorization header. */
export function basicAuthorization(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const text = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}
