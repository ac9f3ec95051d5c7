import { describe, expect, it } from 'vitest';
import { waitForNames } from './wait-for-names.ts';

const never = new AbortController().signal;

/** A resolver that knows a name from its n-th question on. */
function resolverOf(known: Record<string, number>) {
  const asked: string[] = [];
  const resolve = async (host: string) => {
    asked.push(host);
    if (asked.filter((name) => name === host).length < (known[host] ?? Number.POSITIVE_INFINITY))
      throw new Error('ENOTFOUND');
  };
  return { asked, resolve };
}

describe('waitForNames', () => {
  it('asks until every name resolves, and only for those that are left', async () => {
    const { asked, resolve } = resolverOf({ 'demo-1': 1, 'demo-2': 3 });
    const lines: string[] = [];
    const peers = ['demo-1:26656', 'ab@demo-2:26656', 'demo-2:26656'];
    const missing = await waitForNames(
      peers,
      { timeoutMs: 60_000, retryMs: 1, resolve, log: (line) => lines.push(line) },
      never,
    );
    expect(missing).toEqual([]);
    expect(asked).toEqual(['demo-1', 'demo-2', 'demo-2', 'demo-2']);
    expect(lines).toEqual(['waiting up to 60 s for names to resolve: demo-2']);
  });

  it('does not ask for addresses', async () => {
    const { asked, resolve } = resolverOf({});
    const peers = ['10.0.0.1:26656', 'ab@[fd00::1]:26656'];
    expect(await waitForNames(peers, { timeoutMs: 60_000, resolve, log: () => {} }, never)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('gives up at the time limit and tells which are missing', async () => {
    const { resolve } = resolverOf({ 'demo-1': 1 });
    const missing = await waitForNames(
      ['demo-1:1', 'gone:1'],
      { timeoutMs: 50, retryMs: 5, resolve, log: () => {} },
      never,
    );
    expect(missing).toEqual(['gone']);
  });

  it('gives up on a resolver that hangs', async () => {
    const resolve = () => new Promise(() => {});
    expect(await waitForNames(['slow:1'], { timeoutMs: 50, resolve, log: () => {} }, never)).toEqual(['slow']);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const { resolve } = resolverOf({});
    const waiting = waitForNames(['gone:1'], { timeoutMs: 60_000, resolve, log: () => stop.abort() }, stop.signal);
    expect(await waiting).toEqual(['gone']);
  });

  it('uses the resolver of the system', async () => {
    expect(await waitForNames(['localhost:26656'], { timeoutMs: 5000, log: () => {} }, never)).toEqual([]);
  });
});
