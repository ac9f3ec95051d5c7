import { describe, expect, it, vi } from 'vitest';
import { runMonitor } from './monitor.ts';
import { type NetworkReading, renderJson, renderMetrics, renderTable } from './monitor-report.ts';
import { startScriptedRpc } from './scripted-rpc.ts';

const status = {
  nodeId: 'd51fa085cc2ae9de2ee3508366aaf2e82fa4c713',
  network: 'demo',
  moniker: 'demo-0',
  version: '0.38.26',
  listenAddress: '',
  latestHeight: 276,
  latestBlockTime: '2026-11-21T06:39:15.5Z',
  earliestHeight: 1,
  catchingUp: false,
  address: '8D91',
  publicKeyBase64: 'LVBX',
  votingPower: 2n ** 60n,
};
const net = { listening: true, peerCount: 2, peers: [] };
const reading: NetworkReading = {
  time: new Date('2026-11-21T06:39:17Z'),
  nodes: [
    { name: 'demo-0', url: 'http://demo-0:26657', reachable: true, status, net },
    {
      name: 'demo-1',
      url: 'http://demo-1:26657',
      reachable: true,
      status: { ...status, latestHeight: 12, catchingUp: true },
      net,
    },
    { name: 'gone', url: 'http://gone:26657', reachable: false, error: 'getaddrinfo ENOTFOUND gone' },
  ],
};

describe('a report', () => {
  it('is a table', () => {
    expect(renderTable(reading)).toBe(`chain demo, height 276 (1.5 s ago), 2 of 3 nodes reachable, 1 in sync

NODE    HEIGHT  IN SYNC  PEERS  POWER                VERSION  ID
demo-0  276     yes      2      1152921504606846976  0.38.26  d51fa085cc2ae9de2ee3508366aaf2e82fa4c713
demo-1  12      no       2      1152921504606846976  0.38.26  d51fa085cc2ae9de2ee3508366aaf2e82fa4c713
gone    -       -        -      -                    -        getaddrinfo ENOTFOUND gone
`);
  });

  it('is JSON', () => {
    expect(JSON.parse(renderJson(reading))).toMatchObject({
      chain: 'demo',
      height: 276,
      blockAgeSeconds: 1.5,
      reachable: 2,
      inSync: 1,
      nodes: [
        { name: 'demo-0', inSync: true, power: '1152921504606846976' },
        { name: 'demo-1', inSync: false },
        { name: 'gone', reachable: false, error: 'getaddrinfo ENOTFOUND gone' },
      ],
    });
  });

  it('is metrics', () => {
    const samples = renderMetrics(reading)
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(samples).toContain('nodewright_monitor_network_height 276');
    expect(samples).toContain('nodewright_monitor_node_up{node="gone"} 0');
    expect(samples).toContain('nodewright_monitor_node_in_sync{node="demo-1"} 0');
    expect(samples).toContain('nodewright_monitor_node_voting_power{node="demo-0"} 1152921504606846976');
    expect(samples.filter((line) => line.includes('gone'))).toHaveLength(1);
  });

  it('can be made when nothing answers', () => {
    const dark = { ...reading, nodes: reading.nodes.slice(2) };
    expect(renderTable(dark)).toContain('chain unknown, height 0, 0 of 1 nodes reachable, 0 in sync\n');
    expect(renderMetrics(dark)).toContain('nodewright_monitor_network_height 0\n');
  });
});

describe('monitor', () => {
  it('follows the nodes and serves what it sees', async () => {
    const rpc = await startScriptedRpc();
    const stop = new AbortController();
    const lines: string[] = [];
    let running: Promise<void> | undefined;
    const base = await new Promise<string>((resolve) => {
      running = runMonitor(
        {
          nodes: [{ name: 'a', url: rpc.url }],
          listen: { host: '127.0.0.1', port: 0 },
          log: (line) => lines.push(line),
          onListening: (port) => resolve(`http://127.0.0.1:${port}`),
          intervalMs: 10,
        },
        stop.signal,
      );
    });
    const get = async (path: string) => (await fetch(base + path, { headers: { connection: 'close' } })).text();
    expect(await get('/')).toMatch(/^chain demo, height 5 .*\n\nNODE/);
    const parse = async (path: string) => {
      const { time: _time, blockAgeSeconds: _age, ...report } = JSON.parse(await get(path));
      return report;
    };
    expect(await parse('/json')).toEqual(await parse('/?format=json'));
    expect(await get('/metrics')).toContain('nodewright_monitor_node_height{node="a"} 5');
    expect(await get('/healthz')).toBe('ok\n');
    rpc.set({ height: 6 });
    await vi.waitFor(async () => expect(await get('/')).toMatch(/^chain demo, height 6 /));
    await rpc.close();
    await vi.waitFor(async () => expect(await get('/')).toContain('ECONNREFUSED'));
    stop.abort();
    await running;
    expect(lines).toEqual(['1 of 1 nodes reachable, 1 in sync', '0 of 1 nodes reachable, 0 in sync']);
  });
});
