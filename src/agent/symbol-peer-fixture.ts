/** For tests: a peer that speaks catapult's protocol over TLS, and says what it is told to say. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { keyPairFromSeed } from '../formats/ed25519.ts';
import { type CertificateFiles, issueCertificates } from '../formats/symbol-certificates.ts';
import { makePacket, PACKET_HEADER_SIZE } from '../formats/symbol-peer-packets.ts';

export function makeCertificates(caByte: number, now: Date, nodeDays = 375): CertificateFiles {
  return issueCertificates({
    ca: keyPairFromSeed(new Uint8Array(32).fill(caByte)),
    node: keyPairFromSeed(new Uint8Array(32).fill(caByte + 1)),
    caCommonName: 'ca',
    nodeCommonName: 'node',
    nodeDays,
    now,
    random: (size) => new Uint8Array(size).fill(7),
  });
}

/** What is said to each type of packet: a body, whole bytes to be sent as they are, or nothing at all. */
export type Script = (type: number) => { body: Uint8Array } | { raw: Uint8Array } | 'silence' | 'close';

export async function startPeer(files: CertificateFiles, script: Script) {
  const connections: TLSSocket[] = [];
  const server = createServer(
    {
      cert: files['node.full.crt.pem'],
      key: files['node.key.pem'],
      ca: files['ca.crt.pem'],
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
    },
    (socket) => {
      connections.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        for (let at = 0; at < chunk.length; at += PACKET_HEADER_SIZE)
          answer(socket, chunk.readUInt32LE(at + 4), script);
      });
    },
  );
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    connections,
    async stop() {
      for (const socket of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** In two pieces, so that a reader has to put them together. */
function answer(socket: TLSSocket, type: number, script: Script): void {
  const said = script(type);
  if (said === 'silence') return;
  if (said === 'close') return void socket.end();
  const bytes = 'raw' in said ? said.raw : makePacket(type, said.body);
  socket.write(bytes.subarray(0, 5));
  setImmediate(() => socket.write(bytes.subarray(5)));
}

/** A node at this height with as many peers as itself. */
export function scriptOfNode(height: number): Script {
  return (type) => {
    switch (type) {
      case 0x005:
        return { body: numbers(height, height - 10, 0, 1) };
      case 0x132:
        return { body: Buffer.concat([Buffer.of(9, 0, 0, 0, 2, 0, 0, 0), numbers(height - 10), Buffer.alloc(32)]) };
      case 0x111:
        return { body: nodeInfo };
      case 0x113:
        return { body: Buffer.concat([nodeInfo, nodeInfo]) };
      default:
        return 'close';
    }
  };
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * index);
  return bytes;
}

const nodeInfo = Buffer.concat([
  Buffer.of(88, 0, 0, 0, 7, 3, 0, 1),
  Buffer.alloc(32, 0xaa),
  Buffer.alloc(32, 0x5a),
  Buffer.of(3, 0, 0, 0, 0xdc, 0x1e, 152, 3, 4),
  Buffer.from('a.bnode'),
]);
