/** What the operator reports of a TendermintNetwork. */
import { z } from 'zod';
import type { Condition } from '../../kube/objects.ts';
import { conditionsSchema } from '../condition-schema.ts';

const int = () => z.int().optional();

const nodeStatus = z.strictObject({
  name: z.string().describe('Name of the node.'),
  role: z.string().describe('validator or full.'),
  id: z.string().optional().describe('Node id, for use in peer addresses.'),
  address: z.string().optional().describe('Validator address.'),
  power: int().describe('Voting power in the current validator set.'),
  state: z.string().describe('InSync, CatchingUp, Stalled, Unreachable, Starting, Missing, Terminating or Failed.'),
  height: int().describe('Latest block height.'),
  peers: int().describe('Number of connected peers.'),
  inSync: z.boolean().describe('Whether the node is not catching up and its height moves.'),
  updatePending: z.string().optional().describe('What the next restart will bring.'),
  message: z.string().optional().describe('Why the node is not in sync.'),
});

export const statusSchema = z.strictObject({
  observedGeneration: int().describe('Generation of the spec that this status speaks of.'),
  phase: z.string().optional().describe('Creating, Running, Updating, Degraded, Halted, Invalid, Paused or Deleting.'),
  height: int().describe('Height of the chain.'),
  heightTime: z.string().optional().describe('When the heights were read.'),
  chainId: z.string().optional().describe('Chain id.'),
  operatorNamespace: z
    .string()
    .optional()
    .describe('Namespace of the operator that manages the network; another one keeps its hands off.'),
  genesisHash: z.string().optional().describe('SHA-256 of genesis.json.'),
  validators: z.string().optional().describe('Validators in sync, of all.'),
  nodesInSync: z.string().optional().describe('Nodes in sync, of all.'),
  fullNodes: int().describe('Number of full nodes that exist.'),
  fullNodeSelector: z.string().optional().describe('Label selector of the full nodes, for autoscalers.'),
  nodes: z
    .array(nodeStatus)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('Every node.'),
  conditions: conditionsSchema.describe('Ready, Progressing, Quorum and what else a person should know.'),
});

export type NodeStatus = z.infer<typeof nodeStatus>;
export type TendermintNetworkStatus = Omit<z.infer<typeof statusSchema>, 'conditions'> & { conditions?: Condition[] };
