import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';

/** A loopback TCP proxy that can do to connections what networks do. */
export type TcpProxy = {
  port: number;
  /** Resets every open connection; new ones work. */
  sever(): void;
  /** Resets every connection and refuses new ones until `heal`. */
  block(): void;
  /** Lets nothing through any more, but closes nothing: what a lost route looks like. New connections hang too. */
  freeze(): void;
  heal(): void;
  close(): Promise<void>;
};

export async function startTcpProxy(host: string, port: number): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let state: 'open' | 'blocked' | 'frozen' = 'open';
  const server = createServer((inside) => {
    if (state === 'blocked') {
      inside.resetAndDestroy();
      return;
    }
    const outside = dial(port, host);
    const pair: [Socket, Socket] = [inside, outside];
    pairs.add(pair);
    for (const [from, to] of [pair, [outside, inside] as const]) {
      from.on('error', () => {});
      from.on('data', (chunk) => {
        if (state !== 'frozen') to.write(chunk);
      });
      from.on('close', () => {
        pairs.delete(pair);
        if (state !== 'frozen') to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reset = () => {
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    pairs.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    sever: reset,
    block() {
      state = 'blocked';
      reset();
    },
    freeze() {
      state = 'frozen';
    },
    heal() {
      if (state === 'frozen') reset();
      state = 'open';
    },
    close() {
      reset();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
