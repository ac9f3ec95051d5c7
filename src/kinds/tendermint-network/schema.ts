/**
 * The API of TendermintNetwork. No member that shapes a pod has a default in the schema: defaults are filled in when pods are rendered, so
 * a default that changes between releases is a change of ours and restarts nothing (design, the two stamps).
 */
import { z } from 'zod';
import type { ObjectMeta } from '../../kube/objects.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import * as core from '../core-schema.ts';
import type { TendermintNetworkStatus } from './status-schema.ts';

export const TENDERMINT_NETWORKS: ResourceType = {
  group: 'nodewright.dev',
  version: 'v1alpha1',
  kind: 'TendermintNetwork',
  plural: 'tendermintnetworks',
  namespaced: true,
};

/** CometBFT peers: node id, host, port. */
const peer = z
  .string()
  .max(320)
  .regex(/^[0-9a-f]{40}@[^@\s:,]+:[0-9]{1,5}$/)
  .describe('A peer as <node id>@<host>:<port>.');

const SIZE = /^[0-9]+(\.[0-9]+)?([KMGTPE]i|[kMGTPE])?$/;

const nodeName = z
  .string()
  .min(1)
  .max(30)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
  .meta({
    'x-kubernetes-validations': [
      {
        rule: "!(self in ['rpc', 'genesis', 'monitor', 'transacter']) && !self.matches('^full-[0-9]+$') && !self.endsWith('-app')",
        message:
          'this name is used by other objects of the network: not rpc, genesis, monitor, transacter, full-<number> or <name>-app',
      },
    ],
  });

const power = z.int().min(1).max(1_000_000_000_000);

const validator = z.strictObject({
  name: nodeName.describe('Name of the node within the network; its objects are called <network>-<name>.'),
  power: power.optional().describe('Voting power. Default: spec.validators.power.'),
  keySecret: z
    .strictObject({
      name: z.string().min(1).max(253).describe('Name of the Secret, in the namespace of the network.'),
      key: z.string().min(1).max(253).optional().describe('Member of the Secret. Default priv_validator_key.json.'),
    })
    .optional()
    .describe(
      'An existing validator key in the form of priv_validator_key.json. Without it a key is made once and kept.',
    ),
  config: z
    .string()
    .max(65536)
    .optional()
    .describe('config.toml settings for this node alone, in TOML; they come after spec.config.'),
});

const validators = z
  .strictObject({
    replicas: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe('Number of validators, called validator-0, validator-1 and so on.'),
    power: power.optional().describe('Voting power of each validator that names none. Default 10.'),
    nodes: z
      .array(validator)
      .min(1)
      .max(100)
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .optional()
      .describe('The validators one by one, instead of a number.'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'has(self.replicas) != has(self.nodes)', message: 'set either replicas or nodes' },
    ],
  });

const genesis = z
  .strictObject({
    time: z
      .string()
      .max(40)
      .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/)
      .optional()
      .describe('Genesis time, RFC 3339 in UTC. Default: when the resource was created.'),
    initialHeight: z
      .int()
      .min(1)
      .max(1_000_000_000_000_000)
      .optional()
      .describe('Height of the first block. Default 1.'),
    consensusParams: core
      .passThrough()
      .optional()
      .describe(
        "Consensus parameters as in genesis.json, over CometBFT's defaults: block, evidence, validator, version, abci.",
      ),
    appState: core.passThrough().optional().describe('app_state of genesis.json.'),
    appHash: z
      .string()
      .max(128)
      .regex(/^([0-9A-Fa-f]{2})*$/)
      .optional()
      .describe('app_hash of genesis.json, in hexadecimal.'),
    configMap: z
      .strictObject({
        name: z.string().min(1).max(253).describe('Name of the ConfigMap, in the namespace of the network.'),
        key: z.string().min(1).max(253).optional().describe('Member of the ConfigMap. Default genesis.json.'),
      })
      .optional()
      .describe('Use the genesis file of a chain that exists, to join it. The other members are not allowed then.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!has(self.configMap) || !(has(self.time) || has(self.initialHeight) || has(self.consensusParams) || has(self.appState) || has(self.appHash))',
        message:
          'configMap names a finished genesis file: time, initialHeight, consensusParams, appState and appHash cannot be set beside it',
      },
    ],
  });

const app = z
  .strictObject({
    builtin: z
      .enum(['kvstore', 'persistent_kvstore', 'noop'])
      .optional()
      .describe('An application that is part of CometBFT. Default persistent_kvstore.'),
    container: core
      .container()
      .optional()
      .describe(
        'The application as a container beside the node. It is given the address to listen on as $(ABCI_ADDRESS).',
      ),
    transport: z
      .enum(['unix', 'tcp'])
      .optional()
      .describe('How the node reaches the application: a socket at /socks/app.sock, or 127.0.0.1:26658. Default unix.'),
    containers: z
      .array(core.container())
      .max(8)
      .optional()
      .describe('Further containers of the application, sharing its volumes.'),
    keys: z
      .strictObject({})
      .optional()
      .describe('Make one key per node for the application, at /app-keys/key.json and /app-keys/pub_key.json.'),
    genesis: core
      .passThrough()
      .optional()
      .describe(
        "The application's own genesis, at /app-genesis/genesis.json. With keys, a pub_key that names a node becomes that node's public key.",
      ),
    storage: z
      .strictObject({
        size: z.string().max(32).regex(SIZE).describe('Size of the volume, such as 1Gi; it can grow, never shrink.'),
        mountPath: z.string().min(2).max(256).regex(/^\//).optional().describe('Where it is mounted. Default /app.'),
      })
      .optional()
      .describe("A volume of the application's own, kept like that of the node."),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: '!(has(self.builtin) && has(self.container))', message: 'set either builtin or container' },
      {
        rule: 'has(self.container) || !(has(self.transport) || has(self.containers) || has(self.keys) || has(self.genesis) || has(self.storage))',
        message: 'transport, containers, keys, genesis and storage need a container',
      },
    ],
  });

const storage = z
  .strictObject({
    size: z
      .string()
      .max(32)
      .regex(SIZE)
      .optional()
      .describe("Size of each node's volume; it can grow, never shrink. Default 2Gi."),
    storageClassName: z.string().max(253).optional().describe("Storage class of the volumes. Default: the cluster's."),
    accessMode: z
      .enum(['ReadWriteOnce', 'ReadWriteOncePod'])
      .optional()
      .describe(
        'Access mode of the volumes. ReadWriteOncePod, where the driver knows it, lets no second pod near the data. Default ReadWriteOnce.',
      ),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!has(oldSelf.size) || !has(self.size) || quantity(self.size).compareTo(quantity(oldSelf.size)) >= 0',
        message: 'a volume cannot shrink: set size to what it was or more',
      },
      {
        rule: 'has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)',
        message: 'the storage class of existing volumes cannot change',
      },
    ],
  });

const extra = {
  resources: core.resources().optional().describe('CPU and memory of the pod.'),
};

export const specSchema = z
  .strictObject({
    chainId: z
      .string()
      .min(1)
      .max(50)
      .meta({
        'x-kubernetes-validations': [
          { rule: 'self == oldSelf', message: 'the chain id is part of the genesis and cannot change' },
        ],
      })
      .describe('Chain id, at most 50 characters.'),
    image: core.image().describe('CometBFT image, such as cometbft/cometbft:v0.38.26.'),
    imagePullPolicy: core.imagePullPolicy().optional().describe('When images are pulled. Default IfNotPresent.'),
    imagePullSecrets: z
      .array(z.strictObject({ name: z.string().min(1).max(253).describe('Name of the Secret.') }))
      .max(16)
      .optional()
      .describe('Secrets for pulling images.'),
    validators: validators.describe('The nodes that vote.'),
    fullNodes: z
      .strictObject({
        replicas: z
          .int()
          .min(0)
          .max(100)
          .optional()
          .describe('Number of full nodes, called full-0, full-1 and so on. Default 0.'),
      })
      .optional()
      .describe('Nodes that follow the chain without voting.'),
    seeds: z.array(peer).max(64).optional().describe('Seed nodes outside of this network.'),
    peers: z
      .array(peer)
      .max(64)
      .optional()
      .describe('Persistent peers outside of this network, such as nodes of another namespace or cluster.'),
    app: app.optional().describe('The application that the chain runs.'),
    genesis: genesis.optional().describe('The genesis of the chain. It is made once and cannot change.'),
    config: z.string().max(65536).optional().describe('config.toml settings for every node, in TOML.'),
    resources: core.resources().optional().describe('CPU and memory of each node.'),
    storage: storage.optional().describe("The nodes' volumes."),
    scheduling: core.scheduling().optional().describe('Where the pods may run.'),
    securityContext: core.podIdentity().optional().describe('User and groups of the pods.'),
    labels: core.ownMetadata().optional().describe('Further labels on every object of the network.'),
    annotations: core.ownMetadata().optional().describe('Further annotations on every object of the network.'),
    strategy: z
      .strictObject({
        allowHalt: z
          .boolean()
          .optional()
          .describe(
            'Let a rolling change stop the chain for a moment where no validator can be spared. Default false: the change waits.',
          ),
      })
      .optional()
      .describe('How changes are rolled out.'),
    deletionPolicy: z
      .enum(['Retain', 'Delete'])
      .optional()
      .describe(
        'What happens to volumes, keys and the genesis when the network is deleted, and to a node that is taken out. Default Retain.',
      ),
    acceptSignStateLoss: z
      .array(z.string().max(64))
      .max(100)
      .optional()
      .describe(
        'Lost sign states without which a validator key may sign again: the uid of a lost claim, or the token that the init step of a pod names. The messages say which; an entry is good for that one loss. Only when the old node is certain never to come back.',
      ),
    monitor: z.strictObject(extra).optional().describe('Run a pod that shows the state of every node on port 26670.'),
    transacter: z
      .strictObject({
        rate: z.int().min(1).max(10000).optional().describe('Transactions per second. Default 10.'),
        ...extra,
      })
      .optional()
      .describe('Run a pod that sends kvstore transactions.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'has(self.genesis) == has(oldSelf.genesis) && (!has(self.genesis) || self.genesis == oldSelf.genesis)',
        message: 'the genesis cannot change: a node keeps the one it started with, and ignores another',
      },
      {
        rule: '(has(self.validators.nodes) || self.validators.replicas > 0) || has(self.genesis) && has(self.genesis.configMap)',
        message:
          'a new chain needs at least one validator: set validators, or genesis.configMap to join a chain that exists',
      },
    ],
  });

export type TendermintNetworkSpec = z.infer<typeof specSchema>;
export type TendermintNetwork = {
  apiVersion: 'nodewright.dev/v1alpha1';
  kind: 'TendermintNetwork';
  metadata: ObjectMeta;
  spec: TendermintNetworkSpec;
  status?: TendermintNetworkStatus;
};
