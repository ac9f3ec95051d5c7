import { describe, expect, it, vi } from 'vitest';
import { startScriptedRpc } from './scripted-rpc.ts';
import { runTransact } from './transact.ts';

async function start(nodes: string[], rate: number, reportMs = 60_000) {
  const stop = new AbortController();
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const running = runTransact({ nodes, rate, connections: 4, keyPrefix: 'k', log, reportMs }, stop.signal);
  return {
    lines,
    /** The last line, once everything has ended. */
    end: async () => {
      stop.abort();
      await running;
      return lines.at(-1);
    },
  };
}

describe('transact', () => {
  it('sends key=value with unique keys to the nodes in turn', async () => {
    const [a, b] = [await startScriptedRpc(), await startScriptedRpc()];
    const run = await start([a.url, b.url], 500);
    await vi.waitFor(() => expect(a.transactions.length + b.transactions.length).toBeGreaterThan(40));
    const report = await run.end();
    const all = [...a.transactions, ...b.transactions];
    expect(new Set(all.map((transaction) => transaction.split('=')[0])).size).toBe(all.length);
    expect(all.every((transaction) => /^k-\d+=\d+$/.test(transaction))).toBe(true);
    expect(Math.abs(a.transactions.length - b.transactions.length)).toBeLessThanOrEqual(1);
    expect(report).toBe(`sent ${all.length}, accepted ${all.length}, refused 0, unreachable 0`);
    await Promise.all([a.close(), b.close()]);
  });

  it('keeps to its rate', async () => {
    const node = await startScriptedRpc();
    const began = performance.now();
    const run = await start([node.url], 50);
    await vi.waitFor(() => expect(node.transactions.length).toBeGreaterThan(20), { timeout: 5000 });
    expect((performance.now() - began) / 1000).toBeGreaterThan(node.transactions.length / 50 - 0.1);
    await run.end();
    await node.close();
  });

  it('leaves out a node that does not answer and goes on with the others', async () => {
    const [a, b] = [await startScriptedRpc(), await startScriptedRpc()];
    await b.close();
    const run = await start([a.url, b.url], 200, 100);
    await vi.waitFor(() => expect(run.lines.some((line) => line.includes('1 of 2 nodes left out for now'))).toBe(true));
    expect(run.lines[1]).toMatch(/^sent \d+, accepted \d+, refused 0, unreachable [1-4], .*ECONNREFUSED/);
    await run.end();
    await a.close();
  });

  it("counts the app's refusals and the node's errors apart from silence", async () => {
    const node = await startScriptedRpc();
    node.set({ code: 2 });
    const run = await start([node.url], 200, 100);
    await vi.waitFor(() =>
      expect(run.lines[1]).toMatch(/accepted 0, refused \d+, unreachable 0; last failure: .*the app answers code 2$/),
    );
    node.set({
      raw: '{"jsonrpc":"2.0","id":-1,"error":{"code":-32603,"message":"Internal error","data":"mempool is full"}}',
    });
    await vi.waitFor(() => expect(run.lines.at(-1)).toContain('mempool is full'));
    expect(await run.end()).toContain('unreachable 0');
    await node.close();
  });
});
