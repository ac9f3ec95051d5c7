/**
 * The API of SymbolNode, the same in both of its groups. The first fields are those of the operator tutorial, with its rules; everything
 * else is optional. No member that shapes a pod has a default in the schema: defaults are filled in when objects are rendered, so a default
 * that changes between releases is a change of ours and restarts nothing (design, the two stamps).
 */
import { z } from 'zod';
import type { ObjectMeta } from '../../kube/objects.ts';
import type { ResourceType } from '../../kube/resource-types.ts';
import * as core from '../core-schema.ts';
import { accounts, alerts, certificates, monitor, recovery, requests, voting } from './schema-care.ts';
import type { SymbolNodeStatus } from './status-schema.ts';

export const SYMBOL_NODES: ResourceType = {
  group: 'nodewright.dev',
  version: 'v1alpha1',
  kind: 'SymbolNode',
  plural: 'symbolnodes',
  namespaced: true,
};

/** The group of the tutorial, for those who have its manifests. */
export const TUTORIAL_SYMBOL_NODES: ResourceType = { ...SYMBOL_NODES, group: 'example.com', version: 'v1' };

const SIZE = /^[0-9]+(\.[0-9]+)?([KMGTPE]i|[kMGTPE])?$/;
const objectName = () => z.string().min(1).max(253);
const portNumber = () => z.int().min(1).max(65535);

const networkPackage = z
  .strictObject({
    url: z
      .string()
      .max(2048)
      .regex(/^https?:\/\//)
      .optional()
      .describe('Where the package can be downloaded, a zip file.'),
    configMap: z
      .strictObject({
        name: objectName().describe('Name of the ConfigMap, in the namespace of the node.'),
        key: z.string().min(1).max(253).optional().describe('Member of its binaryData. Default package.zip.'),
      })
      .optional()
      .describe('A package that is in the cluster already; nothing is downloaded then.'),
    sha256: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/)
      .optional()
      .describe('SHA-256 of the zip file; another one is refused.'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: '!(has(self.url) && has(self.configMap))', message: 'set either url or configMap' },
    ],
  });

const peer = z.strictObject({
  publicKey: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .describe('Public key of its main account.'),
  host: z.string().min(1).max(253).describe('Host name or address.'),
  port: portNumber().optional().describe('Port of the peer protocol. Default 7900.'),
  name: z.string().max(255).optional().describe('Friendly name.'),
  roles: z.string().max(64).optional().describe("Roles as the node's own peers files have them. Default Peer."),
});

const exposure = z.strictObject({
  type: z
    .enum(['HostPort', 'NodePort', 'LoadBalancer', 'Internal'])
    .optional()
    .describe(
      'How other nodes reach this one: a port of its machine, a NodePort or LoadBalancer Service, or not from outside. Default HostPort, as in the tutorial: one node for each machine.',
    ),
  port: portNumber().optional().describe('Port of the machine, with HostPort or NodePort. Default 7900 with HostPort.'),
  annotations: core
    .ownMetadata()
    .optional()
    .describe('Annotations of the Service, such as those a load balancer wants.'),
  loadBalancerClass: z.string().max(253).optional().describe('Class of the load balancer.'),
  restType: z
    .enum(['Internal', 'NodePort', 'LoadBalancer'])
    .optional()
    .describe('How REST is reached, of a node with API. Default Internal: by a Service inside the cluster.'),
});

const storage = z.strictObject({
  storageClassName: z
    .string()
    .max(253)
    .optional()
    .describe("Storage class of the volume. Default: the cluster's. It cannot change once the volume exists."),
});

const containerResources = z.strictObject({
  client: core.resources().optional().describe("Of the node. Default: the tutorial's, 1 to 2 CPUs and 2 to 4 GiB."),
  broker: core.resources().optional().describe('Of the broker.'),
  rest: core.resources().optional().describe('Of REST.'),
  mongo: core.resources().optional().describe('Of MongoDB.'),
});

export const specSchema = z
  .strictObject({
    image: core.image().describe('Image of catapult, such as symbolplatform/symbol-server:gcc-1.0.3.7.'),
    volumeSize: z.string().max(32).regex(SIZE).describe('Size of the volume; it can grow, never shrink.'),
    hostName: z
      .string()
      .max(253)
      .describe('Name or address that other nodes are told to connect to. Empty: the address that they see.'),
    friendlyName: z.string().max(255).describe('Name of the node as others show it.'),
    network: z
      .string()
      .min(1)
      .max(2048)
      .describe('mainnet, sai (the test network), or the URL of a network package. With spec.package: any name.'),
    name: z
      .string()
      .max(40)
      .optional()
      .describe(
        'What the objects of the node are named after. Default <hostName>-<network> with dashes for dots, or the name of the resource where that is no name.',
      ),
    replicas: z.int().min(0).max(1).optional().describe('0 stops the node. Default 1; a node has one identity.'),
    features: z
      .array(z.enum(['PEER', 'API', 'HARVESTER', 'VOTER']))
      .max(4)
      .optional()
      .describe('What the node does. Default PEER, which every node does.'),
    lightApi: z.boolean().optional().describe('With API: REST without a database. Default false.'),
    package: networkPackage.optional().describe("The network's package from elsewhere."),
    overrides: z
      .record(
        z.string().max(63),
        z
          .record(z.string().max(253), z.record(z.string().max(253), z.string().max(4096)).meta({ maxProperties: 256 }))
          .meta({ maxProperties: 64 }),
      )
      .meta({ maxProperties: 32 })
      .optional()
      .describe(
        "Values of catapult's configuration by file, section and key, such as node: {localnode: {roles: Peer}}. They are the last word; what the file does not have is refused.",
      ),
    restOverrides: core.passThrough().optional().describe("Members of rest.json, over the package's."),
    peers: z.array(peer).max(64).optional().describe('First peers, instead of those that nodewatch names.'),
    images: z
      .strictObject({
        rest: core.image().optional().describe("Image of REST. Default: the package's."),
        mongo: core.image().optional().describe("Image of MongoDB. Default: the package's."),
      })
      .optional()
      .describe('Images of a node with API.'),
    imagePullPolicy: core.imagePullPolicy().optional().describe('When images are pulled. Default: as Kubernetes does.'),
    imagePullSecrets: z
      .array(z.strictObject({ name: objectName().describe('Name of the Secret.') }))
      .max(16)
      .optional()
      .describe('Secrets for pulling images.'),
    caKeySecret: z
      .strictObject({
        name: objectName().describe('Name of the Secret, in the namespace of the node.'),
        key: z.string().min(1).max(253).optional().describe('Member of the Secret. Default ca.key.pem.'),
      })
      .optional()
      .describe(
        "The private key of the node's main account, in PEM or as 64 hex digits. Without it a key is made once and kept; it is never deleted.",
      ),
    import: z
      .strictObject({
        secretName: objectName().describe(
          'Secret with files of the old node: node.key.pem, ca.crt.pem, remote.pem, vrf.pem, config-harvesting.properties, private_key_tree1.dat and so on.',
        ),
      })
      .optional()
      .describe('Keys of a node that shoestring or bootstrap made, taken over when this node has none of its own yet.'),
    certificates: certificates.optional().describe('How certificates are made and renewed.'),
    voting: voting.optional().describe('How voting keys are renewed, of a VOTER.'),
    accounts: accounts.optional().describe('What becomes of the transactions that link keys to the main account.'),
    exposure: exposure.optional().describe('How the node is reached.'),
    storage: storage.optional().describe('The volume.'),
    resources: containerResources.optional().describe('CPU and memory.'),
    scheduling: core.scheduling().optional().describe('Where the pod may run.'),
    securityContext: core
      .podIdentity()
      .optional()
      .describe(
        'User and groups of the pod, which then runs under the restricted profile. Default: those of the images.',
      ),
    labels: core.ownMetadata().optional().describe('Further labels on every object of the node.'),
    annotations: core.ownMetadata().optional().describe('Further annotations on every object of the node.'),
    recovery: recovery.optional().describe('What happens after the node did not stop cleanly.'),
    monitor: monitor.optional().describe('What is watched.'),
    alerts: alerts.optional().describe('Who is told.'),
    requests: requests.optional().describe('What a person asks for once. A new id is a new request.'),
    deletionPolicy: z
      .enum(['Retain', 'Delete'])
      .optional()
      .describe(
        'What happens to the volume and the keys when the resource is deleted. The key of the main account is kept in any case. Default Retain.',
      ),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'quantity(self.volumeSize).compareTo(quantity(oldSelf.volumeSize)) >= 0',
        message: 'a volume cannot shrink: set volumeSize to what it was or more',
      },
    ],
  });

export type SymbolNodeSpec = z.infer<typeof specSchema>;
export type SymbolNode = {
  apiVersion: 'nodewright.dev/v1alpha1' | 'example.com/v1';
  kind: 'SymbolNode';
  metadata: ObjectMeta;
  spec: SymbolNodeSpec;
  status?: SymbolNodeStatus;
};
