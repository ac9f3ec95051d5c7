import { readFileSync } from 'node:fs';
import { get as getPlainly } from 'node:http';
import { get as getSecurely } from 'node:https';
import { join } from 'node:path';

/**
 * What `url` answers. Throws unless that is status 200, within two seconds. Over HTTPS the server must show a
 * certificate of `pki`'s CA, and we show that of `client`.
 */
export function readUrl(url: string, pki: string, client?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: 2000, agent: false as const };
    const request = url.startsWith('https:')
      ? getSecurely(url, { ...options, ...readTlsFiles(pki, client) })
      : getPlainly(url, options);
    request.on('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.on('error', reject);
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${url} answers ${response.statusCode}`));
      });
    });
  });
}

function readTlsFiles(pki: string, client?: string) {
  const ca = readFileSync(join(pki, 'ca.crt'));
  if (client === undefined) return { ca };
  return { ca, cert: readFileSync(join(pki, `${client}.crt`)), key: readFileSync(join(pki, `${client}.key`)) };
}
