/** Watches the nodes of a network and shows them over HTTP. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseNetInfo, parseStatus } from '../formats/comet-rpc.ts';
import { type Answer, getText, serve } from './http.ts';
import {
  type NetworkReading,
  type NodeReading,
  renderJson,
  renderMetrics,
  renderTable,
  summarise,
} from './monitor-report.ts';
import type { ListenAddress, NamedNode } from './option-values.ts';

export type MonitorOptions = {
  nodes: readonly NamedNode[];
  listen: ListenAddress;
  log: (line: string) => void;
  onListening?: (port: number) => void;
  intervalMs?: number;
};

const rpcTimeoutMs = 3000;

/** Serves `/` (a table; `?format=json`), `/json`, `/metrics` and `/healthz` until the signal is aborted. */
export async function runMonitor(options: MonitorOptions, signal: AbortSignal): Promise<void> {
  let reading = await readNetwork(options.nodes);
  const answer = (url: URL): Answer => {
    const json = url.pathname === '/json' || url.searchParams.get('format') === 'json';
    if (url.pathname === '/healthz') return { status: 200, type: 'text/plain', body: 'ok\n' };
    if (url.pathname === '/metrics') return { status: 200, type: 'text/plain', body: renderMetrics(reading) };
    if (json) return { status: 200, type: 'application/json', body: renderJson(reading) };
    if (url.pathname === '/') return { status: 200, type: 'text/plain', body: renderTable(reading) };
    return { status: 404, type: 'text/plain', body: 'Try /, /json, /metrics or /healthz.\n' };
  };
  const poll = async () => {
    let reported = '';
    while (!signal.aborted) {
      const { reachable, inSync } = summarise(reading);
      const state = `${reachable} of ${reading.nodes.length} nodes reachable, ${inSync} in sync`;
      if (state !== reported) options.log(state);
      reported = state;
      await sleep(options.intervalMs ?? 2000, undefined, { signal }).catch(() => {});
      if (!signal.aborted) reading = await readNetwork(options.nodes);
    }
  };
  await Promise.all([serve(options.listen, answer, signal, options.onListening), poll()]);
}

async function readNetwork(nodes: readonly NamedNode[]): Promise<NetworkReading> {
  return { nodes: await Promise.all(nodes.map(readNode)), time: new Date() };
}

async function readNode({ name, url }: NamedNode): Promise<NodeReading> {
  try {
    const [status, net] = await Promise.all([
      getText(`${url}/status`, { timeoutMs: rpcTimeoutMs }).then(parseStatus),
      getText(`${url}/net_info`, { timeoutMs: rpcTimeoutMs }).then(parseNetInfo),
    ]);
    return { name, url, reachable: true, status, net };
  } catch (error) {
    return { name, url, reachable: false, error: error instanceof Error ? error.message : String(error) };
  }
}
