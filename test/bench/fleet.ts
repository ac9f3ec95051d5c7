/** Many CosmosFullNodes and the objects they stand for. */
import { randomBytes } from 'node:crypto';
import { OWN_IMAGE } from '../../src/cli/version.ts';
import { cosmosFullNode } from '../../src/kinds/cosmos-full-node/kind.ts';
import { COSMOS_FULL_NODES, type CosmosFullNode } from '../../src/kinds/cosmos-full-node/schema.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import {
  CONFIG_MAPS,
  PERSISTENT_VOLUME_CLAIMS,
  PODS,
  type ResourceType,
  ROLE_BINDINGS,
  ROLES,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../src/kube/resource-types.ts';
import type { TypedObject } from './bare-client.ts';

export type FleetSize = { resources: number; replicas: number };

/** Where the fleet lives. */
export const FLEET_NAMESPACE = 'fleet';

/** In the order in which a client that thinks of nothing can create them: pods last, because they need their ServiceAccount. */
const CHILD_TYPES: readonly ResourceType[] = [
  ...[SERVICE_ACCOUNTS, ROLES, ROLE_BINDINGS, SERVICES, CONFIG_MAPS, PERSISTENT_VOLUME_CLAIMS, PODS],
];

/** As the resource of a live network: persistent peers, a snapshot, resources. */
export function buildFleet({ resources, replicas }: FleetSize): TypedObject[] {
  const names = Array.from({ length: resources }, (_, index) => `hub-${String(index).padStart(4, '0')}`);
  return names.map((name) => ({ type: COSMOS_FULL_NODES, object: fullNode(name, replicas) }));
}

function fullNode(name: string, replicas: number): KubeObject & { spec: object } {
  const peer = (index: number) => `${index.toString(16).padStart(40, '0')}@192.0.2.${index}:26656`;
  return {
    apiVersion: 'cosmos.strange.love/v1',
    kind: 'CosmosFullNode',
    metadata: { name, namespace: FLEET_NAMESPACE },
    spec: {
      replicas,
      chain: {
        ...{ network: 'mainnet', chainID: 'cosmoshub-4', binary: 'gaiad', skipInvariants: true },
        genesisURL: 'https://example.org/genesis.cosmoshub-4.json.gz',
        snapshotURL: 'https://example.org/cosmos_11701512.tar.lz4',
        config: { peers: [1, 2, 3, 4].map(peer).join(','), seeds: [5, 6, 7].map(peer).join(',') },
        app: { minGasPrice: '0.0025uatom', pruning: { strategy: 'custom', interval: 17, keepRecent: 5000 } },
      },
      podTemplate: {
        image: 'example.org/gaia:v15.0.0',
        resources: { requests: { cpu: '0.5', memory: '1Gi' }, limits: { cpu: '1', memory: '2Gi' } },
      },
      volumeClaimTemplate: { storageClassName: 'standard-rwo', resources: { requests: { storage: '100Gi' } } },
    },
  };
}

/** What the operator creates for resources that are in the cluster, owner references and stamps included. */
export function childrenOf(fleet: readonly KubeObject[]): TypedObject[] {
  const options = { operatorNamespace: 'bench', agentImage: OWN_IMAGE };
  const objects = fleet.flatMap((resource) =>
    cosmosFullNode.render(resource as CosmosFullNode, options, new Date(), randomBytes),
  );
  const typed = objects.map((object) => ({ type: typeOf(object), object }));
  return typed.sort((a, b) => CHILD_TYPES.indexOf(a.type) - CHILD_TYPES.indexOf(b.type));
}

/** How many there are of each type. */
export function countByType(objects: readonly TypedObject[]): Map<ResourceType, number> {
  const counts = new Map<ResourceType, number>();
  for (const { type } of objects) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

function typeOf({ kind }: KubeObject): ResourceType {
  const type = CHILD_TYPES.find((candidate) => candidate.kind === kind);
  if (type === undefined) throw new Error(`a CosmosFullNode has a ${kind}, which this benchmark does not know`);
  return type;
}
