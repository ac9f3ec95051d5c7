/**
 * Asks a catapult node over its own protocol: TLS 1.3, where both sides show a node certificate and the CA certificate above it. A node
 * lets its own identity in from the same host only, so this runs beside it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { FormatError } from '../formats/format-error.ts';
import {
  type ChainStatistics,
  type FinalizationStatistics,
  makeRequest,
  type NodeInfo,
  type PacketName,
  parseChainStatistics,
  parseFinalizationStatistics,
  parseNodeInfo,
  parseNodeInfos,
  readAnswer,
} from '../formats/symbol-peer-packets.ts';

export type PeerAddress = { host: string; port: number };

/** PEM. */
export type PeerIdentity = { chain: string; key: string; ca: string };

export type PeerAnswer = {
  chain: ChainStatistics;
  /** These and the following are undefined for a node that closes the connection instead: its height is what counts. */
  node: NodeInfo | undefined;
  finalization: FinalizationStatistics | undefined;
  /** Nodes that it knows. */
  peers: NodeInfo[] | undefined;
};

/** As catapult's certificate directory has them. */
export async function readPeerIdentity(directory: string): Promise<PeerIdentity> {
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  const [chain, key, ca] = await Promise.all(['node.full.crt.pem', 'node.key.pem', 'ca.crt.pem'].map(read));
  return { chain, key, ca } as PeerIdentity;
}

/**
 * All answers over one connection. The node has to be the one whose CA certificate is `identity.ca`. Throws with a phrase fit for a
 * status when it is another, says something else, or has not answered within `timeoutMs`.
 */
export async function askPeer(address: PeerAddress, identity: PeerIdentity, timeoutMs: number): Promise<PeerAnswer> {
  const socket = connect({
    ...address,
    cert: identity.chain,
    key: identity.key,
    ca: identity.ca,
    minVersion: 'TLSv1.3',
    // Its certificate names no host.
    checkServerIdentity: () => undefined,
  });
  const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    const ask = openConversation(socket);
    const askMore = async <T>(name: PacketName, parse: (body: Uint8Array) => T): Promise<T | undefined> => {
      const body = await ask(name).catch((error) => {
        if (error instanceof FormatError) throw error;
        return undefined;
      });
      return body && parse(body);
    };
    return {
      chain: parseChainStatistics(await ask('chainStatistics')),
      node: await askMore('nodeInfo', parseNodeInfo),
      finalization: await askMore('finalizationStatistics', parseFinalizationStatistics),
      peers: await askMore('peers', parseNodeInfos),
    };
  } catch (error) {
    throw new Error(explain(error as NodeJS.ErrnoException, address), { cause: error });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** One request after the other. A node that answers without being asked says something else and is not believed. */
function openConversation(socket: TLSSocket): (name: PacketName) => Promise<Uint8Array> {
  const chunks = socket[Symbol.asyncIterator]();
  let received = Buffer.alloc(0);
  return async (name) => {
    const request = makeRequest(name);
    socket.write(request);
    for (;;) {
      const body = readAnswer(received, name);
      if (body !== undefined) {
        received = received.subarray(body.byteOffset - received.byteOffset + body.length);
        return body;
      }
      const { value, done } = await chunks.next();
      if (done === true) throw new Error(`the node closed the connection before it answered ${name}`);
      received = Buffer.concat([received, value as Buffer]);
    }
  };
}

function explain(error: NodeJS.ErrnoException, { host, port }: PeerAddress): string {
  if (error.code === 'CERT_HAS_EXPIRED') return 'the node shows a certificate that has expired';
  if (error.code !== undefined && /^(SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|CERT_|ERR_TLS_CERT)/.test(error.code))
    return `the node shows a certificate of another CA (${error.code})`;
  if (error.code?.startsWith('ERR_SSL') || error.code === 'EPROTO') return `no TLS connection (${error.code})`;
  if (error.code !== undefined) return `no connection to ${host}:${port} (${error.code})`;
  return error.message;
}
