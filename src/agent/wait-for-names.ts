/** Waiting for host names: CometBFT drops a peer for its whole life when the name does not resolve as it starts. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type NameWaitOptions = {
  timeoutMs: number;
  log: (line: string) => void;
  /** Throws when the name does not resolve; by default the system's resolver. */
  resolve?: (host: string) => Promise<unknown>;
  retryMs?: number;
};

/**
 * Waits until the host of every `host:port` or `id@host:port` resolves, at most `timeoutMs`. Returns those that still do not: a peer
 * that is gone must not keep this node from starting.
 */
export async function waitForNames(
  peers: readonly string[],
  options: NameWaitOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const resolve = options.resolve ?? ((host: string) => lookup(host));
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  let missing = [...new Set(peers.map(hostOf))].filter((host) => isIP(host) === 0);
  const late = new Promise<false>((give) => {
    if (deadline.aborted) give(false);
    deadline.addEventListener('abort', () => give(false), { once: true });
  });
  let announced = false;
  while (missing.length > 0) {
    missing = await keepUnresolved(missing, resolve, late);
    if (missing.length === 0 || deadline.aborted) break;
    if (!announced)
      options.log(`waiting up to ${options.timeoutMs / 1000} s for names to resolve: ${missing.join(', ')}`);
    announced = true;
    await sleep(options.retryMs ?? 1000, undefined, { signal: deadline }).catch(() => {});
  }
  return missing;
}

/** Those of `hosts` that do not resolve; `late` answers for a look-up that hangs. */
async function keepUnresolved(
  hosts: string[],
  resolve: (host: string) => Promise<unknown>,
  late: Promise<false>,
): Promise<string[]> {
  const resolved = await Promise.all(
    hosts.map((host) =>
      Promise.race([
        resolve(host).then(
          () => true,
          () => false,
        ),
        late,
      ]),
    ),
  );
  return hosts.filter((_, index) => !resolved[index]);
}

/** The host in `host:port`, `[v6]:port` or `id@host:port`. */
function hostOf(peer: string): string {
  const address = peer.slice(peer.lastIndexOf('@') + 1);
  return /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/:\d+$/, '');
}
