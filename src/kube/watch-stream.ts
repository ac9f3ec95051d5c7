/** The body of a watch: one JSON document per line, cut into chunks anywhere. */
import type { ObjectVersion } from './objects.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
/** Room for the longest names, twice. */
const HEAD_BYTES = 1024;
/** In the order in which the API server writes the members of all types that are not custom resources. */
const HEAD =
  /^\{"type":"(?:ADDED|MODIFIED)","object":\{"kind":"\w+","apiVersion":"[\w./-]+","metadata":\{"name":"([^"\\]+)"(?:,"generateName":"[^"\\]*")?(?:,"namespace":"([^"\\]+)")?,"uid":"([^"\\]+)","resourceVersion":"(\d+)"[,}]/;

/** The version in an event that adds or modifies; undefined for any other line, and where it is not seen without parsing it. */
export function versionInLine(line: Buffer): ObjectVersion | undefined {
  const [, name, namespace, uid, resourceVersion] = HEAD.exec(line.toString('latin1', 0, HEAD_BYTES)) ?? [];
  if (name === undefined || uid === undefined || resourceVersion === undefined) return undefined;
  return { namespace, name, uid, resourceVersion };
}

/**
 * The documents of a newline-delimited JSON stream. Lines are put together as bytes, so that a character or an object may be cut
 * anywhere and a large object costs one copy. An unfinished last line is dropped: the server closed the watch in the middle of an event,
 * which comes again with the next watch. Throws SyntaxError for a line that is not JSON.
 *
 * @param parse makes a line the document that is yielded
 */
export async function* parseJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  parse: (line: Buffer) => unknown = parseLine,
): AsyncGenerator<unknown> {
  let pending: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending);
      pending = [];
      start = end + 1;
      if (!isBlank(line)) yield parse(line);
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
}

export function parseLine(line: Buffer): unknown {
  return JSON.parse(line.toString('utf8'));
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte <= SPACE);
}
