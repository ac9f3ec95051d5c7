/** Ports of a node (spec cosmos §2.7); those of RPC and P2P follow the addresses in `spec.chain.config`. */
import type { CosmosFullNode } from '../schema.ts';

const FIXED_PORTS = {
  api: 1317,
  rosetta: 8080,
  grpc: 9090,
  prometheus: 26660,
  'grpc-web': 9091,
  privval: 1234,
};
const COMET_PORTS = { rpc: 26657, p2p: 26656 };

export type PortName = keyof typeof FIXED_PORTS | keyof typeof COMET_PORTS;

/** In the order of the node's container. */
export function nodePorts({ spec }: CosmosFullNode): PortName[] {
  const names: PortName[] = ['api', 'rosetta', 'grpc', 'prometheus', 'p2p', 'rpc', 'grpc-web'];
  return spec.type === 'Sentry' ? [...names, 'privval'] : names;
}

export function portOf(fullNode: CosmosFullNode, name: PortName): number {
  return name === 'rpc' || name === 'p2p' ? cometPortsOf(fullNode)[name] : FIXED_PORTS[name];
}

export function cometPortsOf({ spec }: CosmosFullNode): { rpc: number; p2p: number } {
  const { rpcListenAddress, p2pListenAddress } = spec.chain.config ?? {};
  return {
    rpc: parsePort(rpcListenAddress) ?? COMET_PORTS.rpc,
    p2p: parsePort(p2pListenAddress) ?? COMET_PORTS.p2p,
  };
}

/** What stands behind the last colon, if that is a port. */
function parsePort(address = ''): number | undefined {
  const text = address.slice(address.lastIndexOf(':') + 1);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}
