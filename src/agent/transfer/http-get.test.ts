import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressOf, closeServer, type ScriptedFiles, startScriptedFiles } from '../scripted-files.ts';
import { describeUrl, parseDownloadUrl } from './download-url.ts';
import { getFollowing } from './http-get.ts';
import { findProxy } from './proxy.ts';

let server: ScriptedFiles;
beforeEach(async () => {
  server = await startScriptedFiles({ '/file': { content: 'found' } });
});
afterEach(() => server.close());

async function get(url: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const response = await getFollowing(new URL(url), { headers: {}, timeoutMs: 1000, env });
  let text = `${response.statusCode} `;
  for await (const chunk of response) text += chunk;
  return text;
}

function redirect(path: string, location: string, status = 302): void {
  server.files.set(path, { content: '', statuses: Array(20).fill(status), headers: { location } });
}

describe('getFollowing', () => {
  it.each([301, 302, 303, 307, 308])('follows a redirect with status %i', async (status) => {
    redirect('/one', '/two', status);
    redirect('/two', `${server.url}/file`, status);
    expect(await get(`${server.url}/one`)).toBe('200 found');
  });

  it('follows ten redirects and no more', async () => {
    for (let step = 0; step < 10; step += 1) redirect(`/${step}`, step === 9 ? '/file' : `/${step + 1}`);
    expect(await get(`${server.url}/0`)).toBe('200 found');
    redirect('/more', '/0');
    await expect(get(`${server.url}/more`)).rejects.toThrow(/more than 10 redirects, the last to http:\S+\/file$/);
  });

  it.each([
    ['ftp://host/file', 'redirects to ftp:'],
    ['http://', 'redirects without saying where to'],
  ])('refuses a redirect to %s', async (location, message) => {
    redirect('/away', location);
    await expect(get(`${server.url}/away?secret=1`)).rejects.toThrow(`${server.url}/away?… ${message}`);
  });

  it('shows its password to the host it is for, and to no other', async () => {
    const other = await startScriptedFiles({ '/file': { content: 'elsewhere' } });
    redirect('/away', `${other.url}/file`);
    expect(await get(`${server.url.replace('//', '//me:p%40ss@')}/away`)).toBe('200 elsewhere');
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
    await other.close();
  });

  it('gives up a server that does not answer', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const asking = getFollowing(new URL(addressOf(silent)), { headers: {}, timeoutMs: 50, env: {} });
    await expect(asking).rejects.toThrow('no answer within 0.05 s');
    await closeServer(silent);
  });
});

describe('a proxy', () => {
  it('is asked for http by the whole URL, with its own password', async () => {
    const proxy = await startScriptedFiles({ '/file': { content: 'by proxy' } });
    const env = { HTTP_PROXY: proxy.url.replace('//', '//user:word@') };
    expect(await get('http://chain.example/file?a=1', env)).toBe('200 by proxy');
    expect(proxy.requests[0]?.headers).toMatchObject({
      host: 'chain.example',
      'proxy-authorization': `Basic ${Buffer.from('user:word').toString('base64')}`,
    });
    expect(await get(`${server.url}/file`, { ...env, NO_PROXY: '127.0.0.0/8' })).toBe('200 found');
    await proxy.close();
  });

  it('opens connections for https', async () => {
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      if (asked.length === 2) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      // The server behind it speaks no TLS, which shows that the client did.
      const behind = connect(Number(new URL(server.url).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connected\r\n\r\n');
        behind.pipe(socket).pipe(behind);
      });
      for (const end of [behind, socket]) {
        end.on('error', () => {}).on('close', () => [behind, socket].map((other) => other.destroy()));
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const env = { https_proxy: addressOf(proxy) };
    await expect(get('https://chain.example/file', env)).rejects.toThrow(/wrong version number|packet length|EPROTO/);
    await expect(get('https://chain.example:8443/file', env)).rejects.toThrow(
      `the proxy ${addressOf(proxy)}/ answered 407 Proxy Authentication Required`,
    );
    expect(asked).toEqual(['chain.example:443', 'chain.example:8443']);
    await closeServer(proxy);
  });

  it.each<[string, NodeJS.ProcessEnv, string | undefined]>([
    ['http://a.example/', { HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
    ['http://a.example/', { HTTP_PROXY: 'p:1' }, 'http://p:1/'],
    ['https://a.example/', { HTTP_PROXY: 'http://p:1' }, undefined],
    ['https://a.example/', { https_proxy: 'http://p:1' }, 'http://p:1/'],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'b.example, example' }, undefined],
    ['http://files.svc/', { HTTP_PROXY: 'http://p:1', NO_PROXY: '.svc' }, undefined],
    ['http://notexample/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'example' }, 'http://p:1/'],
    ['http://a.example:81/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'a.example:80' }, 'http://p:1/'],
    ['http://a.example/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'a.example:80' }, undefined],
    ['http://10.1.2.3/', { HTTP_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, undefined],
    ['http://11.1.2.3/', { HTTP_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8,nonsense/99' }, 'http://p:1/'],
    ['http://[fd00::1]/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'fd00::/8' }, undefined],
    ['http://[fd00::1]/', { HTTP_PROXY: 'http://p:1', NO_PROXY: 'fd00::1' }, undefined],
  ])('for %s with %j is %s', (url, env, proxy) => {
    expect(findProxy(new URL(url), env)?.href).toBe(proxy);
  });

  it('has to be one that we can use', () => {
    expect(() => findProxy(new URL('http://a/'), { HTTP_PROXY: 'socks5://p:1' })).toThrow(
      'environment: HTTP_PROXY is not the URL of an http or https proxy',
    );
  });
});

describe('a URL', () => {
  it('is named without what must not be seen', () => {
    const url = new URL('https://me:secret@host:8443/path/file.tar?sig=secret#part');
    expect(describeUrl(url)).toBe('https://host:8443/path/file.tar?…');
  });

  it.each([
    ['ftp://host/file', 'spec.url begins with ftp://, need http:// or https://; use a script for other ways'],
    ['me:secret@host/file', 'spec.url begins with me://'],
    ['/etc/passwd', 'spec.url is not a URL; it needs the form https://host/path'],
    ['', 'spec.url is not a URL'],
  ])('%j is refused', (text, message) => {
    expect(() => parseDownloadUrl(text, 'spec.url')).toThrow(message);
    expect(() => parseDownloadUrl(text, 'spec.url')).not.toThrow('secret');
  });
});
