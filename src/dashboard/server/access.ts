/**
 * Who may look. Without a token only who comes by a loopback name: a page from elsewhere whose name was made to point here does not. With a
 * token who sends it as a bearer, or has the cookie that it was exchanged for, because EventSource sends no headers of its own. The cookie is
 * signed with the token: it is good at every replica, and for nothing once the token is another one.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export type Access = {
  asksToken: boolean;
  /** Why a request is refused; undefined when it is not. */
  refusal(headers: Headers): Promise<'host' | 'token' | undefined>;
  /** What to set as cookie for a token; undefined where it is the wrong one, or none is asked for. */
  exchange(token: string, isEncrypted: boolean): Promise<string | undefined>;
  /** What to set as cookie to forget it. */
  forget(): string;
};

/** Undefined: nobody is asked for one. Read anew at each request, because the Secret behind it may change. */
export type ReadToken = (() => Promise<string>) | undefined;

const COOKIE = 'nodewright-dashboard';
const COOKIE_SECONDS = 12 * 60 * 60;

export function createAccess(readToken: ReadToken, now: () => number = Date.now): Access {
  return {
    asksToken: readToken !== undefined,
    async refusal(headers) {
      if (readToken === undefined) return isLoopbackHost(headers.get('host') ?? '') ? undefined : 'host';
      const token = await readToken();
      const given = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
      if (given !== undefined) return isSame(given, token) ? undefined : 'token';
      return isGoodCookie(readCookie(headers.get('cookie') ?? ''), token, now()) ? undefined : 'token';
    },
    async exchange(given, isEncrypted) {
      const token = await readToken?.();
      if (token === undefined || !isSame(given.trim(), token)) return undefined;
      const end = String(now() + COOKIE_SECONDS * 1000);
      return cookie(`${end}.${sign(end, token)}`, COOKIE_SECONDS, isEncrypted);
    },
    forget: () => cookie('', 0, false),
  };
}

/** Of an address as `--dashboard-address` has it. */
export function isLoopbackAddress(address: string): boolean {
  return isLoopbackHost(address);
}

/** A name or address with or without a port, as in the Host header. */
function isLoopbackHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
}

function cookie(value: string, seconds: number, isEncrypted: boolean): string {
  return `${COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isEncrypted ? '; Secure' : ''}`;
}

function readCookie(header: string): string | undefined {
  const prefix = `${COOKIE}=`;
  return header
    .split(/; */)
    .find((part) => part.startsWith(prefix))
    ?.slice(prefix.length);
}

function isGoodCookie(value: string | undefined, token: string, now: number): boolean {
  const [end = '', signature = ''] = value?.split('.') ?? [];
  return isSame(signature, sign(end, token)) && Number(end) > now;
}

function sign(end: string, token: string): string {
  return createHmac('sha256', token).update(`${COOKIE} until ${end}`).digest('hex');
}

/** Takes the same time whatever differs, lengths included. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
