/** Proxies by the usual environment variables: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or not. */
import { request as httpRequest } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { basicAuthorization, describeUrl } from './download-url.ts';
import { HopelessError } from './hopeless-error.ts';

/** The proxy for a URL. Throws when the variable does not hold the URL of a proxy that we can use. */
export function findProxy(url: URL, env: NodeJS.ProcessEnv): URL | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = env[name] || env[name.toLowerCase()];
  if (!value || bypassesProxy(url, env.NO_PROXY || env.no_proxy || '')) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || !['http:', 'https:'].includes(proxy.protocol)) {
    throw new HopelessError(`environment: ${name} is not the URL of an http or https proxy`);
  }
  return proxy;
}

/** NO_PROXY lists hosts, which stand for their subdomains too, `host:port`, IP addresses, ranges such as 10.0.0.0/8, or `*`. */
function bypassesProxy(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return isInRange(host, entry);
      const [, name = entry, onPort] = /^\[?([^[\]]+?)\]?(?::(\d+))?$/.exec(isIP(entry) ? `[${entry}]` : entry) ?? [];
      if (onPort !== undefined && onPort !== port) return false;
      const domain = name.toLowerCase().replace(/^\*?\./, '');
      return host === domain || host.endsWith(`.${domain}`);
    });
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits] = range.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(host) === 0 || isIP(network) === 0 || !/^\d{1,3}$/.test(bits ?? '')) return false;
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

/** What a request to a proxy says about who asks. */
export function proxyHeaders(proxy: URL): Record<string, string> {
  const authorization = basicAuthorization(proxy);
  return authorization === undefined ? {} : { 'proxy-authorization': authorization };
}

/** A connection to the URL's host that the proxy opened for us. */
export async function connectThrough(proxy: URL, url: URL, timeoutMs: number): Promise<Socket> {
  const start = proxy.protocol === 'https:' ? (await import('node:https')).request : httpRequest;
  const path = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const request = start(proxy, {
      method: 'CONNECT',
      path,
      headers: { host: path, ...proxyHeaders(proxy) },
      agent: false,
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`the proxy ${describeUrl(proxy)} did not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    request.once('connect', (response, socket) => {
      clearTimeout(timer);
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy ${describeUrl(proxy)} answered ${response.statusCode} ${response.statusMessage}`));
    });
    request.once('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`proxy ${describeUrl(proxy)}: ${error.message}`));
    });
    request.end();
  });
}
