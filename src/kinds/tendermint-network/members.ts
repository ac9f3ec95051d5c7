/** The nodes that a spec asks for, with every default filled in, and the names of their objects. */
import type { TendermintNetwork } from './schema.ts';

export type Member = {
  /** Name within the network. */
  name: string;
  role: 'validator' | 'full';
  /** Name of the pod, Service, ConfigMap, claim and Secret: `<network>-<name>`. */
  objectName: string;
  /** Voting power that is asked for; 0 for full nodes. */
  power: bigint;
  /** A key that the user brought. */
  keySecret?: { name: string; key: string };
  /** config.toml settings for this node alone. */
  config?: string;
};

const DEFAULT_POWER = 10;
export const VALIDATOR_KEY_FILE = 'priv_validator_key.json';
export const NODE_KEY_FILE = 'node_key.json';

/** Validators first, in the order of the spec (which is that of the genesis), then full nodes. */
export function listMembers(network: TendermintNetwork): Member[] {
  const { validators, fullNodes } = network.spec;
  const power = validators.power ?? DEFAULT_POWER;
  const named = validators.nodes ?? names('validator', validators.replicas ?? 0).map((name) => ({ name }));
  return [
    ...named.map((node: NonNullable<typeof validators.nodes>[number]) => ({
      name: node.name,
      role: 'validator' as const,
      objectName: objectNameOf(network, node.name),
      power: BigInt(node.power ?? power),
      ...(node.keySecret === undefined
        ? {}
        : { keySecret: { name: node.keySecret.name, key: node.keySecret.key ?? VALIDATOR_KEY_FILE } }),
      ...(node.config === undefined ? {} : { config: node.config }),
    })),
    ...names('full', fullNodes?.replicas ?? 0).map((name) => ({
      name,
      role: 'full' as const,
      objectName: objectNameOf(network, name),
      power: 0n,
    })),
  ];
}

export function objectNameOf(network: TendermintNetwork, name: string): string {
  return `${network.metadata.name}-${name}`;
}

/** The volume of the application of a node. */
export function appClaimName(member: Member): string {
  return `${member.objectName}-app`;
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}
