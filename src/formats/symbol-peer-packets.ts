/**
 * What catapult nodes say to each other once TLS stands between them, as far as a monitor needs it: a packet is its size with the header
 * and a type, both u32, and a body, all little-endian; a request has no body and is answered by a packet of its own type.
 */
import { FormatError } from './format-error.ts';
import { renderHex } from './symbol-keys.ts';

const PACKET_TYPES = {
  chainStatistics: 0x005,
  nodeInfo: 0x111,
  peers: 0x113,
  finalizationStatistics: 0x132,
} as const;

export type PacketName = keyof typeof PACKET_TYPES;

export const PACKET_HEADER_SIZE = 8;
/** No answer that we ask for comes near it: a node info has 600 bytes at most, and catapult keeps some thousand partners. */
const MAX_PACKET_SIZE = 4 * 1024 * 1024;

export function makeRequest(name: PacketName): Uint8Array {
  return makePacket(PACKET_TYPES[name], new Uint8Array());
}

export function makePacket(type: number, body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(PACKET_HEADER_SIZE);
  header.writeUInt32LE(PACKET_HEADER_SIZE + body.length, 0);
  header.writeUInt32LE(type, 4);
  return Buffer.concat([header, body]);
}

/**
 * The body of the answer at the start of `bytes`; undefined while it is not complete. Throws a FormatError for what is no answer to this
 * request, as soon as that shows.
 */
export function readAnswer(bytes: Uint8Array, name: PacketName): Uint8Array | undefined {
  if (bytes.length < PACKET_HEADER_SIZE) return undefined;
  const view = asBuffer(bytes);
  const size = view.readUInt32LE(0);
  if (size < PACKET_HEADER_SIZE || size > MAX_PACKET_SIZE)
    throw new FormatError(`${name}: found a packet of ${size} bytes, need ${PACKET_HEADER_SIZE} to ${MAX_PACKET_SIZE}`);
  const type = view.readUInt32LE(4);
  if (type !== PACKET_TYPES[name])
    throw new FormatError(
      `${name}: found a packet of type 0x${type.toString(16)}, need 0x${PACKET_TYPES[name].toString(16)}`,
    );
  return bytes.length < size ? undefined : bytes.subarray(PACKET_HEADER_SIZE, size);
}

export type ChainStatistics = { height: number; finalizedHeight: number };

export function parseChainStatistics(body: Uint8Array): ChainStatistics {
  const view = ofSize(body, 32, 'chainStatistics');
  const height = readHeight(view, 0, 'chainStatistics: height');
  const finalizedHeight = readHeight(view, 8, 'chainStatistics: finalized height');
  if (finalizedHeight > height)
    throw new FormatError(`chainStatistics: found finalized height ${finalizedHeight} above height ${height}`);
  return { height, finalizedHeight };
}

export type FinalizationStatistics = { epoch: number; point: number; height: number };

export function parseFinalizationStatistics(body: Uint8Array): FinalizationStatistics {
  const view = ofSize(body, 48, 'finalizationStatistics');
  return {
    epoch: view.readUInt32LE(0),
    point: view.readUInt32LE(4),
    height: readHeight(view, 8, 'finalizationStatistics: height'),
  };
}

export type NodeInfo = {
  /** As people write it, 1.0.3.7. */
  version: string;
  /** 64 upper-case hex digits: the CA key, which is the node's main account. */
  mainPublicKey: string;
  generationHashSeed: string;
  /** Bits: 1 peer, 2 API, 4 voting, 0x40 IPv4, 0x80 IPv6. */
  roles: number;
  port: number;
  networkIdentifier: number;
  host: string;
  friendlyName: string;
};

export function parseNodeInfo(body: Uint8Array): NodeInfo {
  const [info, ...more] = parseNodeInfos(body, 'nodeInfo');
  if (info === undefined || more.length > 0)
    throw new FormatError(`nodeInfo: found ${info === undefined ? 'nothing' : 'several'}, need one`);
  return info;
}

/** Node infos back to back, as a node lists its peers. */
export function parseNodeInfos(body: Uint8Array, where: PacketName = 'peers'): NodeInfo[] {
  const view = asBuffer(body);
  const infos: NodeInfo[] = [];
  for (let offset = 0; offset < view.length; ) {
    const size = view.length - offset < 4 ? 0 : view.readUInt32LE(offset);
    if (size < FIXED_INFO_SIZE || size > view.length - offset)
      throw new FormatError(`${where}: found a node of ${size} bytes where ${view.length - offset} are left`);
    infos.push(readInfo(view.subarray(offset, offset + size), where));
    offset += size;
  }
  return infos;
}

/** u32 version as REST and packets have it: a byte for each part. */
export function renderVersion(version: number): string {
  return [24, 16, 8, 0].map((shift) => (version >>> shift) & 0xff).join('.');
}

const FIXED_INFO_SIZE = 81;

function readInfo(view: Buffer, where: string): NodeInfo {
  const hostLength = view.readUInt8(79);
  const nameLength = view.readUInt8(80);
  if (FIXED_INFO_SIZE + hostLength + nameLength !== view.length)
    throw new FormatError(
      `${where}: found a node of ${view.length} bytes whose host and name have ${hostLength + nameLength}`,
    );
  const nameAt = FIXED_INFO_SIZE + hostLength;
  return {
    version: renderVersion(view.readUInt32LE(4)),
    mainPublicKey: renderHex(view.subarray(8, 40)),
    generationHashSeed: renderHex(view.subarray(40, 72)),
    roles: view.readUInt32LE(72),
    port: view.readUInt16LE(76),
    networkIdentifier: view.readUInt8(78),
    host: view.subarray(FIXED_INFO_SIZE, nameAt).toString(),
    friendlyName: view.subarray(nameAt).toString(),
  };
}

function ofSize(body: Uint8Array, size: number, where: string): Buffer {
  if (body.length !== size) throw new FormatError(`${where}: found ${body.length} bytes, need ${size}`);
  return asBuffer(body);
}

function readHeight(view: Buffer, offset: number, where: string): number {
  const height = view.readBigUInt64LE(offset);
  if (height > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError(`${where}: found ${height}, need less than 2^53`);
  return Number(height);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
