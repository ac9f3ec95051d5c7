/** The connection to the server, and what came over it. */
import { signal } from '@preact/signals';
import type { Delta } from '../wire.ts';
import { applyDelta, type FleetState, NOTHING } from './fleet-state.ts';
import { createHistory } from './height-history.ts';

/** `refused`: the server wants its token; `closed`: it will have us for no other reason. */
export type Connection = 'connecting' | 'live' | 'lost' | 'refused' | 'closed';

export const fleet = signal<FleetState>(NOTHING);
export const connection = signal<Connection>('connecting');
/** Why it is closed. */
export const trouble = signal('');
/** Whether the server asks for a token, so that one can sign out. */
export const asksToken = signal(false);
/** By this browser's clock: when something came last. */
export const heardAt = signal(0);
export const history = createHistory();

let source: EventSource | undefined;

export function connect(): void {
  source?.close();
  const stream = new EventSource('./api/stream');
  source = stream;
  // The first delta of every connection says everything.
  let isFirst = true;
  stream.onopen = () => {
    isFirst = true;
  };
  stream.onmessage = ({ data }: MessageEvent<string>) => {
    const delta = JSON.parse(data) as Delta;
    fleet.value = applyDelta(isFirst ? NOTHING : fleet.peek(), delta);
    isFirst = false;
    heardAt.value = Date.now();
    connection.value = 'live';
    history.record(delta.at, fleet.peek().resources.values());
  };
  stream.onerror = () => {
    connection.value = 'lost';
    // It comes back by itself unless the server refused it, and then it does not say why.
    if (stream.readyState === EventSource.CLOSED) void askWhy();
  };
  void askWhy();
}

/** Whether the server lets us in. */
async function askWhy(): Promise<void> {
  try {
    const answer = await fetch('./api/access');
    const body = (await answer.json()) as { error?: string; token?: boolean };
    if (answer.ok) asksToken.value = body.token === true;
    else if (answer.status === 401) connection.value = 'refused';
    else {
      connection.value = 'closed';
      trouble.value = body.error ?? '';
    }
    if (answer.ok && source?.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  } catch {
    if (source?.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  }
}

const RETRY_MS = 3000;

/** Undefined where the token was right, else what is wrong. */
export async function signIn(token: string): Promise<string | undefined> {
  const answer = await fetch('./api/login', { method: 'POST', body: JSON.stringify({ token }) });
  if (!answer.ok) return ((await answer.json()) as { error?: string }).error ?? 'it is refused';
  connection.value = 'connecting';
  connect();
  return undefined;
}

export async function signOut(): Promise<void> {
  await fetch('./api/logout', { method: 'POST' });
  source?.close();
  fleet.value = NOTHING;
  connection.value = 'refused';
}
