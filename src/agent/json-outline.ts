/**
 * Looks through JSON of any size as a stream: whether it is complete, and where in it some members are. A genesis may have several
 * hundred megabytes, so it is never parsed as a whole. Numbers and words are checked by their characters only.
 */

type JsonMember = {
  kind: 'object' | 'array' | 'string' | 'other';
  /** Bytes in the document; `end` is behind the value. */
  start: number;
  end: number;
  /** Of a string, at most 100 bytes of it, as written. */
  text: string;
};

/** Members by their path, such as `result.genesis`; '' is the document. Only those that were asked for. */
export type JsonOutline = ReadonlyMap<string, JsonMember>;

const MAX_DEPTH = 10_000;
const MAX_TEXT = 100;

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

type State = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'after value' | 'end';

/** Throws, with the place in bytes, when it is not one complete JSON document. Members deeper than `result.genesis.chain_id` are not found. */
export async function outlineJson(
  chunks: AsyncIterable<Uint8Array>,
  wanted: ReadonlySet<string>,
): Promise<JsonOutline> {
  const scanner = new JsonScanner(wanted);
  for await (const chunk of chunks) scanner.scan(chunk);
  return scanner.finish();
}

class JsonScanner {
  private readonly wanted: ReadonlySet<string>;
  private readonly found = new Map<string, JsonMember>();
  private state: State = 'value';
  /** Of the containers around: true for an object. */
  private readonly objects: boolean[] = [];
  /** Keys of the three outermost containers. */
  private readonly keys: string[] = [];
  private token: 'none' | 'string' | 'escape' | 'word' = 'none';
  private text = '';
  private base = 0;
  private readonly open: { path: string; member: JsonMember; depth: number }[] = [];

  constructor(wanted: ReadonlySet<string>) {
    this.wanted = wanted;
  }

  scan(chunk: Uint8Array): void {
    for (let index = 0; index < chunk.length; index += 1) {
      if (this.token === 'string') {
        index = this.scanString(chunk, index);
        continue;
      }
      const byte = chunk[index] as number;
      if (this.token === 'escape') {
        this.token = 'string';
        this.keepText(byte);
      } else if (this.token === 'word' && isWordByte(byte)) {
        this.keepText(byte);
      } else {
        if (this.token === 'word') this.endValue(this.base + index);
        if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) this.scanByte(byte, this.base + index);
      }
    }
    this.base += chunk.length;
  }

  finish(): JsonOutline {
    if (this.token === 'word' && this.objects.length === 0) this.endValue(this.base);
    if (this.state !== 'end')
      throw new Error(this.base === 0 ? 'it is empty' : `it ends in the middle, after ${this.base} bytes`);
    return this.found;
  }

  /** Most of a document is inside strings. Returns the index of the last byte that was looked at. */
  private scanString(chunk: Uint8Array, from: number): number {
    for (let index = from; index < chunk.length; index += 1) {
      const byte = chunk[index] as number;
      if (byte === QUOTE) {
        this.endString(this.base + index);
        return index;
      }
      if (byte === BACKSLASH) {
        this.keepText(byte);
        this.token = 'escape';
        return index;
      }
      if (byte < 0x20) this.fail(byte, this.base + index);
      this.keepText(byte);
    }
    return chunk.length;
  }

  private keepText(byte: number): void {
    if (this.objects.length <= 3 && this.text.length < MAX_TEXT) this.text += String.fromCharCode(byte);
  }

  private scanByte(byte: number, at: number): void {
    const { state } = this;
    if (state === 'key' || state === 'first key') {
      if (byte === QUOTE) this.startString();
      else if (byte === CLOSE_OBJECT && state === 'first key') this.closeContainer(at);
      else this.fail(byte, at);
    } else if (state === 'colon') {
      if (byte !== COLON) this.fail(byte, at);
      this.state = 'value';
    } else if (state === 'after value') {
      const inObject = this.objects.at(-1);
      if (byte === COMMA) this.state = inObject ? 'key' : 'value';
      else if (byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) this.closeContainer(at);
      else this.fail(byte, at);
    } else if (state === 'end') {
      this.fail(byte, at);
    } else if (byte === CLOSE_ARRAY && state === 'first value') {
      this.closeContainer(at);
    } else {
      this.startValue(byte, at);
    }
  }

  private startValue(byte: number, at: number): void {
    const container = byte === OPEN_OBJECT || byte === OPEN_ARRAY;
    if (!container && byte !== QUOTE && !isWordByte(byte)) this.fail(byte, at);
    this.noteStart(byte, at);
    if (container) {
      if (this.objects.length === MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} deep`);
      this.objects.push(byte === OPEN_OBJECT);
      this.state = byte === OPEN_OBJECT ? 'first key' : 'first value';
    } else if (byte === QUOTE) {
      this.startString();
    } else {
      this.token = 'word';
      this.text = String.fromCharCode(byte);
    }
  }

  private startString(): void {
    this.token = 'string';
    this.text = '';
  }

  private endString(at: number): void {
    this.token = 'none';
    if (this.state === 'key' || this.state === 'first key') {
      const depth = this.objects.length;
      if (depth <= 3) this.keys[depth - 1] = this.text;
      this.state = 'colon';
    } else {
      this.endValue(at + 1);
    }
  }

  private closeContainer(at: number): void {
    this.objects.pop();
    this.endValue(at + 1);
  }

  private noteStart(byte: number, at: number): void {
    const depth = this.objects.length;
    // Members of an array have no path.
    if (depth > 3 || this.objects.includes(false)) return;
    const path = this.keys.slice(0, depth).join('.');
    if (!this.wanted.has(path)) return;
    const kind = byte === OPEN_OBJECT ? 'object' : byte === OPEN_ARRAY ? 'array' : byte === QUOTE ? 'string' : 'other';
    this.open.push({ path, member: { kind, start: at, end: at, text: '' }, depth });
  }

  private endValue(end: number): void {
    if (this.token === 'word') this.token = 'none';
    const noted = this.open.at(-1);
    if (noted?.depth === this.objects.length) {
      const { path, member } = noted;
      this.open.pop();
      this.found.set(path, { ...member, end, text: member.kind === 'string' ? this.text : '' });
    }
    this.state = this.objects.length === 0 ? 'end' : 'after value';
  }

  private fail(byte: number, at: number): never {
    const found =
      byte > 0x20 && byte < 0x7f ? JSON.stringify(String.fromCharCode(byte)) : `byte 0x${byte.toString(16)}`;
    throw new Error(`it is not JSON: found ${found} at byte ${at}`);
  }
}

/** Of numbers, true, false and null. */
function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}
