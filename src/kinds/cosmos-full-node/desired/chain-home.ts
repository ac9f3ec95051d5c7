/** Where a chain's files are inside of the pod, and how its containers get at them (spec cosmos §2.7). */
import type { Container, Volume } from '../../../kube/objects.ts';
import type { Instance } from '../instances.ts';
import type { CosmosFullNode } from '../schema.ts';
import { APP_OVERLAY_FILE, COMET_OVERLAY_FILE, NODE_KEY_FILE } from './config-map.ts';

export const OPERATOR_HOME = '/home/operator';
/** What `init` makes anew at every start of the pod; the configuration is built from it. */
export const TMP_HOME = `${OPERATOR_HOME}/.tmp`;

type Mounts = NonNullable<Container['volumeMounts']>;

/** Always below the operator's home, also where `spec.chain.homeDir` begins with a slash. */
export function chainHome({ spec }: CosmosFullNode): string {
  const parts: string[] = [];
  for (const part of `${OPERATOR_HOME}/${spec.chain.homeDir || 'cosmos'}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The environment that scripts of users know. */
export function chainEnvironment(fullNode: CosmosFullNode): NonNullable<Container['env']> {
  const home = chainHome(fullNode);
  return [
    { name: 'HOME', value: OPERATOR_HOME },
    { name: 'CHAIN_HOME', value: home },
    { name: 'GENESIS_FILE', value: `${home}/config/genesis.json` },
    { name: 'ADDRBOOK_FILE', value: `${home}/config/addrbook.json` },
    { name: 'CONFIG_DIR', value: `${home}/config` },
    { name: 'DATA_DIR', value: `${home}/data` },
  ];
}

/** Of the node. */
export function chainMounts(fullNode: CosmosFullNode): Mounts {
  return [
    { name: 'vol-chain-home', mountPath: chainHome(fullNode) },
    { name: 'vol-system-tmp', mountPath: '/tmp' },
  ];
}

/** Of every init container: besides, what is needed to put the home together. */
export function initMounts(fullNode: CosmosFullNode): Mounts {
  return [
    ...chainMounts(fullNode),
    { name: 'vol-tmp', mountPath: TMP_HOME },
    { name: 'vol-config', mountPath: `${OPERATOR_HOME}/.config` },
  ];
}

export function buildVolumes({ name, claimName }: Instance): Volume[] {
  const files = [COMET_OVERLAY_FILE, APP_OVERLAY_FILE, NODE_KEY_FILE];
  return [
    { name: 'vol-chain-home', persistentVolumeClaim: { claimName } },
    { name: 'vol-tmp', emptyDir: {} },
    { name: 'vol-config', configMap: { name, items: files.map((file) => ({ key: file, path: file })) } },
    { name: 'vol-system-tmp', emptyDir: {} },
  ];
}
