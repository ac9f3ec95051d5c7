/**
 * Answers for every node of a fleet that kwok plays: its pods have addresses of loopback. The answers are as large as those of a node
 * with peers, and the chain makes blocks.
 */
import { createServer } from 'node:http';

const RPC_PORT = 26657;
/** What kwok gives to pods (cluster/kwok.ts): 127.64.0.0/10. */
const POD_ADDRESS = /^(::ffff:)?127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./;
const BLOCK_MS = 6000;
const FIRST_HEIGHT = 15_000_000;
const PEERS = 20;

export type ChainStandIn = { close(): Promise<void> };

/** Listens on port 26657 of every address and hangs up on whoever calls another than a pod's. */
export async function startChain(): Promise<ChainStandIn> {
  const begun = Date.now();
  const netInfo = JSON.stringify(envelope({ listening: true, listeners: [], n_peers: `${PEERS}`, peers: peers() }));
  const server = createServer((request, response) => {
    const body = request.url?.startsWith('/net_info') === true ? netInfo : JSON.stringify(envelope(status(begun)));
    response.setHeader('content-type', 'application/json');
    response.end(body);
  });
  server.on('connection', (socket) => {
    if (!POD_ADDRESS.test(socket.localAddress ?? '')) socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(RPC_PORT, '0.0.0.0', resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function envelope(result: object): object {
  return { jsonrpc: '2.0', id: -1, result };
}

function status(begun: number): object {
  const blocks = Math.floor((Date.now() - begun) / BLOCK_MS);
  return {
    node_info: nodeInfo(0),
    sync_info: {
      latest_block_hash: 'A'.repeat(64),
      latest_app_hash: 'B'.repeat(64),
      latest_block_height: `${FIRST_HEIGHT + blocks}`,
      latest_block_time: new Date(begun + blocks * BLOCK_MS).toISOString(),
      earliest_block_hash: 'C'.repeat(64),
      earliest_app_hash: 'D'.repeat(64),
      earliest_block_height: '1',
      earliest_block_time: '2024-01-01T00:00:00Z',
      catching_up: false,
    },
    validator_info: {
      address: 'E'.repeat(40),
      pub_key: { type: 'tendermint/PubKeyEd25519', value: Buffer.alloc(32).toString('base64') },
      voting_power: '0',
    },
  };
}

function nodeInfo(index: number): object {
  return {
    protocol_version: { p2p: '8', block: '11', app: '0' },
    id: index.toString(16).padStart(40, '0'),
    listen_addr: 'tcp://0.0.0.0:26656',
    network: 'cosmoshub-4',
    version: '0.38.12',
    channels: '40202122233038606100',
    moniker: `node-${index}`,
    other: { tx_index: 'on', rpc_address: 'tcp://0.0.0.0:26657' },
  };
}

function peers(): object[] {
  const monitor = {
    ...{ Start: '2026-01-01T00:00:00Z', Bytes: '123456789', Samples: '12345', InstRate: '1234', CurRate: '1234' },
    ...{ AvgRate: '1234', PeakRate: '123456', BytesRem: '0', Duration: '1234567890000', Idle: '120000000' },
    ...{ TimeRem: '0', Progress: 0, Active: true },
  };
  const channel = (ID: number) => ({
    ...{ ID, SendQueueCapacity: '100', SendQueueSize: '0', Priority: '5', RecentlySent: '1234' },
  });
  return Array.from({ length: PEERS }, (_, index) => ({
    node_info: nodeInfo(index + 1),
    is_outbound: index % 2 === 0,
    connection_status: {
      Duration: '1234567890000',
      SendMonitor: monitor,
      RecvMonitor: monitor,
      Channels: [0x40, 0x20, 0x21, 0x22, 0x23, 0x30, 0x38, 0x60, 0x61, 0].map(channel),
    },
    remote_ip: `192.0.2.${index + 1}`,
  }));
}
