/** The body of a watch: one JSON document per line, cut into chunks anywhere. */

const NEWLINE = 0x0a;

/**
 * The documents of a newline-delimited JSON stream. Lines are put together as bytes, so that a character or an object may be cut
 * anywhere and a large object costs one copy. An unfinished last line is dropped: the server closed the watch in the middle of an event,
 * which comes again with the next watch. Throws SyntaxError for a line that is not JSON.
 */
export async function* parseJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let pending: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end < 0) break;
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending).toString('utf8').trim();
      pending = [];
      start = end + 1;
      if (line !== '') yield JSON.parse(line);
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
}
