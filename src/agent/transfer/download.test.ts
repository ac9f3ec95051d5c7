import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ScriptedFiles, type ServedFile, startScriptedFiles } from '../scripted-files.ts';
import { type Body, type DownloadSettings, download, type RemoteFile } from './download.ts';

/** Comparing buffers as values takes seconds. */
const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
const etag = '"one"';

const sha256 = digest(content);

let server: ScriptedFiles;
let lines: string[];
let settings: DownloadSettings;
beforeEach(async () => {
  server = await startScriptedFiles();
  lines = [];
  const timing = { firstWaitMs: 1, answerMs: 1000, idleMs: 200 };
  settings = { log: (line) => void lines.push(line), env: {}, now: Date.now, timing };
});
afterEach(() => server.close());

/** What the reader got, start by start. */
let starts: Buffer[];
async function fetchFile(file: ServedFile, more: Partial<RemoteFile> = {}, search = ''): Promise<Buffer> {
  server.files.set('/file', file);
  return fetchUrl(`${server.url}/file${search}`, more);
}

async function fetchUrl(url: string, more: Partial<RemoteFile> = {}): Promise<Buffer> {
  starts = [];
  const source = { url: new URL(url), field: 'spec.url', sha256Field: 'spec.sha256', ...more };
  return download(source, settings, async ({ chunks }: Body) => {
    const index = starts.push(Buffer.alloc(0)) - 1;
    const parts: Buffer[] = [];
    try {
      for await (const chunk of chunks) parts.push(chunk);
    } finally {
      starts[index] = Buffer.concat(parts);
    }
    return starts[index];
  });
}

describe('download', () => {
  it('streams a file and says how large it is', async () => {
    expect(digest(await fetchFile({ content, etag }, { sha256 }))).toBe(sha256);
    expect(lines).toEqual([`downloading ${server.url}/file (2.9 MiB)`]);
    expect(server.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
  });

  it.each<[string, ServedFile, string | undefined]>([
    ['its ETag', { content, etag }, etag],
    ['its date', { content, lastModified: 'Sat, 21 Nov 2026 09:00:00 GMT' }, 'Sat, 21 Nov 2026 09:00:00 GMT'],
    ['its date where the ETag is a weak one', { content, etag: 'W/"x"', lastModified: 'then' }, 'then'],
    ['its size and the checksum alone', { content }, undefined],
  ])('goes on after cuts, by %s', async (_, file, condition) => {
    const cuts = [1_000_000, 500_000, 0];
    expect(digest(await fetchFile({ ...file, cuts }, { sha256 }))).toBe(sha256);
    expect(starts).toHaveLength(1);
    expect(server.requests.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
      [undefined, undefined],
      ['bytes=1000000-', condition],
      ['bytes=1500000-', condition],
      ['bytes=1500000-', condition],
    ]);
    expect(lines[1]).toBe(`${server.url}/file: the connection was cut at 976.6 KiB of 2.9 MiB; try 2 of 6 in 0.001 s`);
  });

  it('notices the cut of a file of unknown size', async () => {
    expect(digest(await fetchFile({ content, etag, chunked: true, cuts: [1_000_000] }))).toBe(sha256);
    expect(lines[0]).toBe(`downloading ${server.url}/file (size unknown)`);
    expect(server.requests).toHaveLength(2);
  });

  it('goes on when the server falls silent', async () => {
    const onRequest = (count: number) => (count === 1 ? { stallAfter: 1000 } : { stallAfter: undefined as never });
    expect(digest(await fetchFile({ content, etag, onRequest }))).toBe(sha256);
    expect(lines[1]).toContain('no byte for 0.2 s at 1000 B of 2.9 MiB; try 2 of 6');
  });

  it('does not blame the server for a slow reader', async () => {
    server.files.set('/file', { content, etag });
    const source = { url: new URL(`${server.url}/file`), field: 'spec.url', sha256Field: '' };
    const size = await download(source, settings, async ({ chunks }) => {
      let bytes = 0;
      for await (const chunk of chunks) {
        if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 500));
        bytes += chunk.length;
      }
      return bytes;
    });
    expect(size).toBe(content.length);
    expect(lines).toHaveLength(1);
  });

  it.each<[string, ServedFile, string]>([
    ['ignores ranges', { content, etag, ranges: false }, "the server can't continue a download that was cut"],
    ['gives no sign of what the file is', { content }, "the server can't continue a download that was cut"],
  ])('starts over where the server %s, and gives up when that goes on', async (_, file, reason) => {
    expect(digest(await fetchFile({ ...file, cuts: [1_000_000] }))).toBe(sha256);
    expect(starts.map(({ length }) => length)).toEqual([1_000_000, 3_000_000]);
    expect(lines).toContain(`${server.url}/file: ${reason}: starting over`);
    await expect(fetchFile({ ...file, cuts: [1000, 1000, 1000, 1000, 1000, 1000] })).rejects.toThrow(
      `cannot download ${server.url}/file: ${server.url}/file: ${reason}, 3 times in all`,
    );
  });

  it('never mixes two files', async () => {
    const other = Buffer.alloc(2_000_000, 7);
    const onRequest = (count: number) => (count === 2 ? { content: other, etag: '"two"' } : {});
    expect(digest(await fetchFile({ content, etag, cuts: [1_000_000], onRequest }))).toBe(digest(other));
    expect(starts.map(({ length }) => length)).toEqual([1_000_000, 2_000_000]);
    expect(lines).toContain(`${server.url}/file: the file changed during the download: starting over`);
  });

  it('starts over when a server sends another range than it was asked for', async () => {
    const onRequest = (count: number) => (count === 2 ? { headers: { 'content-range': 'bytes 5-9/3000000' } } : {});
    expect(digest(await fetchFile({ content, etag, cuts: [1000], onRequest }))).toBe(sha256);
    expect(lines.at(-2)).toContain('the server sent another part of the file than was asked for: starting over');
  });

  it('waits and tries again while the server is busy', async () => {
    expect(digest(await fetchFile({ content, statuses: [503, 429, 500] }))).toBe(sha256);
    expect(lines.slice(0, 3)).toEqual([
      `${server.url}/file: the server answered 503 Service Unavailable; try 2 of 6 in 0.001 s`,
      `${server.url}/file: the server answered 429 Too Many Requests; try 3 of 6 in 0.002 s`,
      `${server.url}/file: the server answered 500 Internal Server Error; try 4 of 6 in 0.004 s`,
    ]);
  });

  it('waits as long as the server asks', async () => {
    const begin = Date.now();
    await fetchFile({ content, statuses: [429], headers: { 'retry-after': '1' } });
    expect(Date.now() - begin).toBeGreaterThanOrEqual(990);
  });

  it.each<[string, ServedFile, string, string]>([
    [
      '404',
      { content, statuses: [404] },
      '',
      '/file: the server answered 404 Not Found: there is no such file; check spec.url',
    ],
    [
      '403',
      { content, statuses: [403] },
      '?X-Amz-Signature=secret',
      '/file?…: the server answered 403 Forbidden: it needs credentials, or the URL is no longer valid; check spec.url',
    ],
    [
      'a server that stays broken',
      { content, statuses: Array(9).fill(502) },
      '',
      '/file: the server answered 502 Bad Gateway; gave up after 6 tries: check spec.url, the server and the network',
    ],
    [
      'cuts at the same place again and again',
      { content, etag, cuts: [2_000_000, 0, 0, 0, 0, 0, 0, 0] },
      '',
      '/file: the connection was cut at 1.9 MiB of 2.9 MiB; gave up after 6 tries: check spec.url',
    ],
  ])('fails on %s with one line', async (_, file, search, message) => {
    const failure = await fetchFile(file, {}, search).catch((error: Error) => error.message);
    expect(failure).toContain(`cannot download ${server.url}${message}`);
    expect(failure).not.toMatch(/secret|\n/);
    expect(lines.join()).not.toContain('secret');
  });

  it('fails when nobody listens', async () => {
    await server.close();
    await expect(fetchUrl(`${server.url}/file`)).rejects.toThrow(
      /^cannot download http:\S+\/file: connect ECONNREFUSED 127\.0\.0\.1:\d+; gave up after 6 tries: check spec\.url/,
    );
  });

  it('fails on another checksum, and says which it found', async () => {
    const wanted = 'a'.repeat(64);
    await expect(fetchFile({ content }, { sha256: wanted })).rejects.toThrow(
      `checksum of ${server.url}/file is ${sha256}, but spec.sha256 says ${wanted}: the file was changed`,
    );
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['says so', false],
    ['does not say so', true],
  ])('refuses a file that is too long, where the server %s', async (_, chunked) => {
    await expect(fetchFile({ content, chunked }, { maxBytes: 1024 * 1024 })).rejects.toThrow(
      `cannot download ${server.url}/file: it is larger than the 1.0 MiB that such a file may have; check spec.url`,
    );
    expect(server.requests).toHaveLength(1);
  });

  it('reads to the end what its reader leaves, so that the checksum counts', async () => {
    server.files.set('/file', { content });
    const source = {
      url: new URL(`${server.url}/file`),
      field: '',
      sha256: 'b'.repeat(64),
      sha256Field: 'spec.sha256',
    };
    await expect(download(source, settings, async () => 'done')).rejects.toThrow('spec.sha256 says bbb');
  });

  it('asks no more once its reader failed', async () => {
    server.files.set('/file', { content, etag, cuts: [10] });
    const source = { url: new URL(`${server.url}/file`), field: '', sha256Field: '' };
    const failing = download(source, settings, async ({ chunks }) => {
      for await (const _ of chunks) throw new Error('the reader is full');
    });
    await expect(failing).rejects.toThrow('the reader is full');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.requests).toHaveLength(1);
  });
});
