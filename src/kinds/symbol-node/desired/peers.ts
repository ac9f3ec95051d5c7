/** The files by which a node finds its first peers, peers-p2p.json and peers-api.json; from there on peers tell each other. */
import { createHash } from 'node:crypto';
import { asArray, asObject, readCount, readOptionalString, readString } from '../../../formats/json-members.ts';

/** In the form of the files. */
export type Peer = {
  /** Of the main account, 64 upper-case hex digits. */
  publicKey: string;
  endpoint: { host: string; port: number; api_port?: number };
  metadata: { name: string; roles: string };
};

export type PeerRole = 'p2p' | 'api';

/** What a node is, by bit. */
const ROLES = [
  [0x01, 'Peer'],
  [0x02, 'Api'],
  [0x04, 'Voting'],
  [0x40, 'IPv4'],
  [0x80, 'IPv6'],
] as const;
const ROLE_BITS: Record<PeerRole, number> = { p2p: 0x01, api: 0x02 };
/** Of catapult, on every network. */
const PEER_PORT = 7900;
const MAX_PEERS = 20;

/**
 * Chooses up to 20 peers of a role from what nodewatch answers to /api/symbol/nodes/peer or …/api, an array. Nodes that do not say who
 * and where they are are passed over. Which ones are chosen depends on `seed` alone: the node's name, so that nodes spread over their peers and none
 * gets others at every look. Throws a FormatError for what is no such answer; `where` names it.
 */
export function choosePeers(answer: unknown, role: PeerRole, seed: string, where: string): Peer[] {
  const peers = asArray(answer, where).flatMap((node, index) => readPeer(node, role, `${where}[${index}]`));
  const rank = ({ publicKey }: Peer) => createHash('sha256').update(`${seed}/${publicKey}`).digest('hex');
  const ranked = peers.map((peer) => ({ peer, rank: rank(peer) })).sort((one, other) => compare(one.rank, other.rank));
  return ranked.slice(0, MAX_PEERS).map(({ peer }) => peer);
}

/** The text of peers-p2p.json or peers-api.json. */
export function renderPeersFile(peers: readonly Peer[], role: PeerRole): string {
  const knownPeers = [...peers].sort((one, other) => compare(one.publicKey, other.publicKey));
  return JSON.stringify({ knownPeers, _info: `this file contains a list of ${role} peers and can be shared` }, null, 2);
}

function readPeer(value: unknown, role: PeerRole, where: string): Peer[] {
  const node = asObject(value, where);
  const roles = readCount(node, 'roles', where);
  const [, host, port] = /^https?:\/\/([^/\s]+):(\d{1,5})$/.exec(readOptionalString(node, 'endpoint', where)) ?? [];
  const publicKey = readString(node, 'mainPublicKey', where);
  const isUsable = host !== undefined && /^[0-9A-F]{64}$/i.test(publicKey);
  if (!isUsable || (roles & ROLE_BITS[role]) === 0) return [];
  const isApi = (roles & ROLE_BITS.api) !== 0;
  return [
    {
      publicKey,
      endpoint: { host, port: PEER_PORT, ...(isApi ? { api_port: Number(port) } : {}) },
      metadata: {
        name: readOptionalString(node, 'name', where),
        roles: ROLES.flatMap(([bit, name]) => ((roles & bit) === 0 ? [] : [name])).join(','),
      },
    },
  ];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
