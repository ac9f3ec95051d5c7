/** For tests: an HTTP server that answers like the RPC of a CometBFT node, in the form recorded in formats/comet-rpc.test.ts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ScriptedRpc = {
  url: string;
  /** Decoded transactions in the order in which they came. */
  transactions: string[];
  /** Changes what the node says from now on. */
  set(state: Partial<ScriptedState>): void;
  close(): Promise<void>;
};

type ScriptedState = {
  height: number;
  catchingUp: boolean;
  /** Code that the app answers to transactions. */
  code: number;
  /** Replaces every answer. */
  raw: string | undefined;
  /** Never answers. */
  silent: boolean;
};

export async function startScriptedRpc(moniker = 'n0'): Promise<ScriptedRpc> {
  const state: ScriptedState = { height: 5, catchingUp: false, code: 0, raw: undefined, silent: false };
  const transactions: string[] = [];
  const server = createServer((request, response) => {
    if (state.silent) return;
    const url = new URL(request.url ?? '/', 'http://node');
    if (state.raw !== undefined) return void response.end(state.raw);
    if (url.pathname.startsWith('/broadcast_tx')) {
      transactions.push(Buffer.from(url.searchParams.get('tx')?.slice(2) ?? '', 'hex').toString());
    }
    response.end(JSON.stringify({ jsonrpc: '2.0', id: -1, result: describeResult(url.pathname, moniker, state) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    transactions,
    set: (change) => void Object.assign(state, change),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function describeResult(path: string, moniker: string, state: ScriptedState): unknown {
  const node = {
    id: 'd51fa085cc2ae9de2ee3508366aaf2e82fa4c713',
    listen_addr: '',
    network: 'demo',
    version: '0.38.26',
    moniker,
  };
  if (path === '/net_info') return { listening: true, n_peers: '0', peers: [] };
  if (path.startsWith('/broadcast_tx')) return { code: state.code, data: '', log: '', codespace: '', hash: '42' };
  return {
    node_info: node,
    sync_info: {
      latest_block_height: String(state.height),
      latest_block_time: '2026-11-21T06:33:19.5Z',
      earliest_block_height: '1',
      catching_up: state.catchingUp,
    },
    validator_info: {
      address: '8D91',
      pub_key: { type: 'tendermint/PubKeyEd25519', value: 'LVBX' },
      voting_power: '10',
    },
  };
}
