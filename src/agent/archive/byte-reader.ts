/** Takes a stream of chunks apart at any place. */

export type ByteReader = {
  /** At most this many bytes and at least one; undefined at the end of the stream. */
  readSome(most: number): Promise<Buffer | undefined>;
  /** Exactly this many bytes; fewer where the stream ends before. */
  readUpTo(count: number): Promise<Buffer>;
};

export function readBytes(source: AsyncIterable<Buffer>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const readSome = async (most: number): Promise<Buffer | undefined> => {
    while (rest.length === 0) {
      const { value, done } = await iterator.next();
      if (done) return undefined;
      rest = value;
    }
    const part = rest.subarray(0, most);
    rest = rest.subarray(part.length);
    return part;
  };
  const readUpTo = async (count: number): Promise<Buffer> => {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await readSome(missing);
      if (part === undefined) break;
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  };
  return { readSome, readUpTo };
}

/** The first bytes of a stream, and the whole of it again. */
export async function peek(
  source: AsyncIterable<Buffer>,
  count: number,
): Promise<{ head: Buffer; whole: AsyncIterable<Buffer> }> {
  const reader = readBytes(source);
  const head = await reader.readUpTo(count);
  return { head, whole: joinAgain(head, reader) };
}

const CHUNK = 1024 * 1024;

async function* joinAgain(head: Buffer, reader: ByteReader): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let chunk = await reader.readSome(CHUNK); chunk !== undefined; chunk = await reader.readSome(CHUNK)) yield chunk;
}
