/**
 * The sidecar behind a node's readiness probe. Its answers are those of the Cosmos Operator's health check on port 1251, which
 * that operator, and people's dashboards, read.
 */
import { statfs } from 'node:fs/promises';
import { parseSyncInfo } from '../formats/comet-rpc.ts';
import { checkDatabases } from './database-check.ts';
import { type Answer, getText, serve } from './http.ts';
import type { ListenAddress } from './option-values.ts';

export type HealthcheckOptions = {
  /** Base URL of the node's RPC. */
  rpc: string;
  listen: ListenAddress;
  /** What `/disk` measures when it is not asked for a directory; undefined to insist on one. */
  home?: string | undefined;
  timeoutMs: number;
  log: (line: string) => void;
  onListening?: (port: number) => void;
};

/**
 * Serves until the signal is aborted. `/disk?dir=…` tells the disk's usage, `/databases?dir=…` whether the databases in a data directory
 * can be opened; every other path the node's health: 200 in sync, 422 catching up, 503 no usable answer. Logs only when the health changes.
 */
export async function runHealthcheck(options: HealthcheckOptions, signal: AbortSignal): Promise<void> {
  let reported = '';
  const answer = async (url: URL): Promise<Answer> => {
    if (url.pathname === '/disk') return measureDisk(url.searchParams.get('dir') || options.home);
    if (url.pathname === '/databases') return reportDatabases(url.searchParams.get('dir'));
    const health = await checkNode(options.rpc, options.timeoutMs);
    const state = health.reason ?? 'the node is in sync';
    if (state !== reported) options.log(state);
    reported = state;
    return toAnswer(options.rpc, health);
  };
  await serve(options.listen, answer, signal, options.onListening);
}

type Health = { status: 200 | 422 | 503; reason?: string };

async function checkNode(rpc: string, timeoutMs: number): Promise<Health> {
  try {
    const { catchingUp } = parseSyncInfo(await getText(`${rpc}/status`, { timeoutMs }));
    return catchingUp ? { status: 422, reason: 'the node is catching up with the chain' } : { status: 200 };
  } catch (error) {
    return { status: 503, reason: error instanceof Error ? error.message : String(error) };
  }
}

function toAnswer(rpc: string, { status, reason }: Health): Answer {
  // `error` means no usable answer to those who read the Cosmos Operator's form; catching up is none.
  const body = { address: rpc, in_sync: status === 200, ...(status === 503 ? { error: reason } : {}), reason };
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}

async function measureDisk(dir: string | undefined): Promise<Answer> {
  if (dir === undefined) return jsonAnswer(400, { error: 'query param dir must be specified' });
  try {
    const { bsize, blocks, bfree } = await statfs(dir);
    // Zeros are left out, as that operator does.
    return jsonAnswer(200, { dir, all_bytes: blocks * bsize || undefined, free_bytes: bfree * bsize || undefined });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : String(error);
    return jsonAnswer(500, { dir, error: reason });
  }
}

async function reportDatabases(dir: string | null): Promise<Answer> {
  if (!dir) return jsonAnswer(400, { error: 'query param dir must be specified' });
  try {
    return jsonAnswer(200, { dir, databases: await checkDatabases(dir) });
  } catch (error) {
    return jsonAnswer(500, { dir, error: String(error) });
  }
}

function jsonAnswer(status: number, body: Record<string, unknown>): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}
