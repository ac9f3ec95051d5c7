/** What the monitor knows about a network, as a table, as JSON and as metrics. */
import type { NetInfo, NodeStatus } from '../formats/comet-rpc.ts';

export type NodeReading = {
  name: string;
  url: string;
} & ({ reachable: true; status: NodeStatus; net: NetInfo } | { reachable: false; error: string });

export type NetworkReading = {
  /** When the nodes were asked. */
  time: Date;
  nodes: NodeReading[];
};

type Summary = {
  chain: string | undefined;
  /** The highest block of any node; 0 before the first. */
  height: number;
  /** Age of that block; undefined when no node answers. */
  blockAgeSeconds: number | undefined;
  reachable: number;
  inSync: number;
};

/** Unreachable nodes count as not in sync. */
export function summarise({ time, nodes }: NetworkReading): Summary {
  const answers = nodes.flatMap((node) => (node.reachable ? [node.status] : []));
  const newest = answers.reduce<NodeStatus | undefined>(
    (best, status) => (best === undefined || status.latestHeight > best.latestHeight ? status : best),
    undefined,
  );
  const blockTime = newest === undefined ? Number.NaN : Date.parse(newest.latestBlockTime);
  return {
    chain: newest?.network,
    height: newest?.latestHeight ?? 0,
    blockAgeSeconds: Number.isNaN(blockTime) ? undefined : Math.max(0, (time.getTime() - blockTime) / 1000),
    reachable: answers.length,
    inSync: answers.filter((status) => !status.catchingUp).length,
  };
}

export function renderTable(reading: NetworkReading): string {
  const { chain, height, blockAgeSeconds, reachable, inSync } = summarise(reading);
  const age = blockAgeSeconds === undefined ? '' : ` (${blockAgeSeconds.toFixed(1)} s ago)`;
  const total = reading.nodes.length;
  const head = `chain ${chain ?? 'unknown'}, height ${height}${age}, ${reachable} of ${total} nodes reachable, ${inSync} in sync`;
  const rows = reading.nodes.map((node) => {
    if (!node.reachable) return [node.name, '-', '-', '-', '-', '-', node.error];
    const { status, net } = node;
    const sync = status.catchingUp ? 'no' : 'yes';
    return [
      node.name,
      String(status.latestHeight),
      sync,
      String(net.peerCount),
      String(status.votingPower),
      status.version,
      status.nodeId,
    ];
  });
  return `${head}\n\n${alignColumns([['NODE', 'HEIGHT', 'IN SYNC', 'PEERS', 'POWER', 'VERSION', 'ID'], ...rows])}\n`;
}

export function renderJson(reading: NetworkReading): string {
  const { chain, height, blockAgeSeconds, reachable, inSync } = summarise(reading);
  const nodes = reading.nodes.map((node) => {
    if (!node.reachable) return { name: node.name, url: node.url, reachable: false, error: node.error };
    const { status, net } = node;
    return {
      name: node.name,
      url: node.url,
      reachable: true,
      id: status.nodeId,
      moniker: status.moniker,
      chain: status.network,
      version: status.version,
      height: status.latestHeight,
      blockTime: status.latestBlockTime,
      inSync: !status.catchingUp,
      address: status.address,
      power: status.votingPower.toString(),
      peers: net.peerCount,
    };
  });
  const network = { time: reading.time.toISOString(), chain, height, blockAgeSeconds, reachable, inSync, nodes };
  return `${JSON.stringify(network, null, 2)}\n`;
}

/** Prometheus' text format. */
export function renderMetrics(reading: NetworkReading): string {
  const { height, blockAgeSeconds } = summarise(reading);
  const perNode = (read: (node: NodeReading & { reachable: true }) => bigint | number) =>
    reading.nodes.flatMap((node) => (node.reachable ? [{ labels: label(node.name), value: read(node) }] : []));
  const families: [string, string, { labels: string; value: bigint | number }[]][] = [
    ['network_height', 'Highest block of any node.', [{ labels: '', value: height }]],
    [
      'network_block_age_seconds',
      'Age of the highest block.',
      blockAgeSeconds === undefined ? [] : [{ labels: '', value: blockAgeSeconds }],
    ],
    [
      'node_up',
      'Whether the RPC of the node answers.',
      reading.nodes.map((node) => ({ labels: label(node.name), value: node.reachable ? 1 : 0 })),
    ],
    ['node_height', 'Latest block of the node.', perNode((node) => node.status.latestHeight)],
    ['node_in_sync', 'Whether the node is not catching up.', perNode((node) => (node.status.catchingUp ? 0 : 1))],
    ['node_peers', 'Peers that the node is connected with.', perNode((node) => node.net.peerCount)],
    ['node_voting_power', 'Voting power of the node.', perNode((node) => node.status.votingPower)],
  ];
  return families
    .map(([name, help, samples]) => {
      const full = `nodewright_monitor_${name}`;
      const lines = samples.map(({ labels, value }) => `${full}${labels} ${value}\n`);
      return `# HELP ${full} ${help}\n# TYPE ${full} gauge\n${lines.join('')}`;
    })
    .join('');
}

function label(name: string): string {
  return `{node=${JSON.stringify(name)}}`;
}

function alignColumns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
