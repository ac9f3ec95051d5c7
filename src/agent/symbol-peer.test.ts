import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CertificateFiles } from '../formats/symbol-certificates.ts';
import { getText } from './http.ts';
import { runSymbolHealth } from './symbol-health.ts';
import { askPeer, readPeerIdentity } from './symbol-peer.ts';
import { makeCertificates, type Script, scriptOfNode, startPeer } from './symbol-peer-fixture.ts';

const own = makeCertificates(1, new Date());
const node = {
  version: '1.0.3.7',
  mainPublicKey: 'AA'.repeat(32),
  generationHashSeed: '5A'.repeat(32),
  roles: 3,
  port: 7900,
  networkIdentifier: 152,
  host: 'a.b',
  friendlyName: 'node',
};

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function peer(script: Script, files: CertificateFiles = own) {
  const made = await startPeer(files, script);
  ends.push(made.stop);
  return made;
}

function directoryWith(files: Partial<CertificateFiles>): string {
  const directory = mkdtempSync(join(tmpdir(), 'symbol-peer-'));
  ends.push(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const identity = await (async () => {
  const read = await readPeerIdentity(directoryWith(own));
  for (const end of ends.splice(0)) await end();
  return read;
})();

describe('askPeer', () => {
  it('asks everything over one connection, and leaves', async () => {
    const { address, connections } = await peer(scriptOfNode(500));
    expect(await askPeer(address, identity, 5000)).toEqual({
      chain: { height: 500, finalizedHeight: 490 },
      finalization: { epoch: 9, point: 2, height: 490 },
      node,
      peers: [node, node],
    });
    expect(connections).toHaveLength(1);
    expect(connections[0]?.getProtocol()).toBe('TLSv1.3');
  });

  it('takes the height of a node that says no more', async () => {
    const { address } = await peer((type) => (type === 5 ? scriptOfNode(500)(type) : 'close'));
    expect(await askPeer(address, identity, 5000)).toEqual({ chain: { height: 500, finalizedHeight: 490 } });
  });

  const silence: Script = () => 'silence';
  it.each<[string, Script, CertificateFiles, string]>([
    ['says nothing', silence, own, 'no answer within 0.5 s'],
    ['hangs up', () => 'close', own, 'the node closed the connection before it answered chainStatistics'],
    ['answers something else', () => ({ raw: Buffer.alloc(40) }), own, 'chainStatistics: found a packet of 0 bytes'],
    ['answers too little', () => ({ body: Buffer.alloc(3) }), own, 'chainStatistics: found 3 bytes, need 32'],
    [
      'answers something else later',
      (type) => (type === 5 ? scriptOfNode(500)(type) : { body: Buffer.alloc(3) }),
      own,
      'nodeInfo: found a node of 0 bytes where 3 are left',
    ],
    ['is another node', silence, makeCertificates(3, new Date()), 'the node shows a certificate of another CA'],
    [
      'has expired',
      silence,
      makeCertificates(1, new Date(Date.now() - 3 * 86_400_000), 1),
      'the node shows a certificate that has expired',
    ],
  ])('throws when the node %s', async (_, script, files, message) => {
    const { address } = await peer(script, files);
    await expect(askPeer(address, identity, 500)).rejects.toThrow(message);
  });

  it('throws when the node does not take our certificate', async () => {
    const { address } = await peer(scriptOfNode(500));
    const stranger = makeCertificates(5, new Date());
    const other = { ...identity, chain: stranger['node.full.crt.pem'], key: stranger['node.key.pem'] };
    await expect(askPeer(address, other, 5000)).rejects.toThrow(
      /no TLS connection|no connection|closed the connection/,
    );
  });

  it('throws when nobody listens', async () => {
    const { address, stop } = await startPeer(own, silence);
    await stop();
    await expect(askPeer(address, identity, 500)).rejects.toThrow(
      `no connection to 127.0.0.1:${address.port} (ECONNREFUSED)`,
    );
  });
});

describe('runSymbolHealth', () => {
  async function serveHealth(address: { host: string; port: number }, files: Partial<CertificateFiles> = own) {
    const [stop, lines] = [new AbortController(), [] as string[]];
    let now = 0;
    let served: Promise<void> = Promise.resolve();
    const port = await new Promise<number>((onListening) => {
      served = runSymbolHealth(
        {
          certificates: directoryWith(files),
          peer: address,
          listen: { host: '127.0.0.1', port: 0 },
          timeoutMs: 2000,
          log: (line) => lines.push(line),
          now: () => now,
          onListening,
        },
        stop.signal,
      );
    });
    ends.push(async () => {
      stop.abort();
      await served;
    });
    return {
      lines,
      later: (ms: number) => {
        now += ms;
      },
      ask: async () => {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        return { status: response.status, body: (await response.json()) as object };
      },
      text: () => getText(`http://127.0.0.1:${port}/`, { timeoutMs: 2000 }),
    };
  }

  it('tells what the node said, and asks it no more often than every two seconds', async () => {
    const { address, connections } = await peer(scriptOfNode(500));
    const { ask, later, lines } = await serveHealth(address);
    const answer = {
      status: 200,
      body: { height: 500, finalizedHeight: 490, finalizationEpoch: 9, peers: 2, node },
    };
    expect(await ask()).toEqual(answer);
    expect(await Promise.all([ask(), ask()])).toEqual([answer, answer]);
    expect(connections).toHaveLength(1);
    later(2000);
    expect(await ask()).toEqual(answer);
    expect(connections).toHaveLength(2);
    expect(lines).toEqual(['the node answers']);
  });

  it('tells why the node does not answer, and when it does again', async () => {
    let isUp = false;
    const { address } = await peer((type) => (isUp ? scriptOfNode(500)(type) : 'close'));
    const { ask, later, lines } = await serveHealth(address);
    const error = 'the node closed the connection before it answered chainStatistics';
    expect(await ask()).toEqual({ status: 503, body: { error } });
    isUp = true;
    later(2000);
    expect(await ask()).toMatchObject({ status: 200 });
    expect(lines).toEqual([error, 'the node answers']);
  });

  it('says which certificate is missing', async () => {
    const { address } = await peer(scriptOfNode(500));
    const { text } = await serveHealth(address, { 'node.key.pem': own['node.key.pem'] });
    expect(JSON.parse(await text()).error).toContain('node.full.crt.pem');
  });
});
