/** The dashboard as programs and browsers ask it. */
import type { EventView, PlanView, ResourceView } from '../../src/dashboard/wire.ts';

/** A bearer token; undefined: without. */
type Token = string | undefined;

export function askDashboard(url: string, path: string, token: Token): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${url}${path}`, { headers, signal: AbortSignal.timeout(10_000) });
}

/** The cookie that a browser gets for the token. Throws with the answer where it gets none. */
export async function logIn(url: string, token: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/login`, { method: 'POST', headers, body: JSON.stringify({ token }) });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`no cookie but ${response.status} ${await response.text()}`);
  return cookie;
}

/** All resources, from the first message of the stream. */
export async function readFleet(url: string, cookie: string): Promise<ResourceView[]> {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/stream`, { headers: { cookie }, signal: stop.signal });
  try {
    let text = '';
    for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      const message = /^data: ?(.*)\n\n/m.exec(text)?.[1];
      if (message === undefined) continue;
      const { add = {} } = JSON.parse(message) as { add?: Record<string, ResourceView> };
      return Object.values(add);
    }
    throw new Error(`the stream has ended: ${response.status} ${text}`);
  } finally {
    stop.abort();
  }
}

export async function askAbout<What extends 'plan' | 'events'>(
  url: string,
  token: string,
  what: What,
  { apiVersion, kind, namespace, name }: ResourceView,
): Promise<{ plan: PlanView; events: EventView[] }[What]> {
  const query = new URLSearchParams({ apiVersion, kind, namespace, name });
  const response = await askDashboard(url, `/api/${what}?${query}`, token);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${what} of ${kind} ${name}: ${response.status} ${body}`);
  return JSON.parse(body);
}
