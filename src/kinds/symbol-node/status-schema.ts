/** What the operator reports of a SymbolNode. */
import { z } from 'zod';
import type { Condition } from '../../kube/objects.ts';
import { conditionsSchema } from '../condition-schema.ts';

const int = () => z.int().optional();
const text = () => z.string().optional();
const time = () => z.string().meta({ format: 'date-time' }).optional();

const votingKeys = z.strictObject({
  file: z.string().describe('Name of the file, such as private_key_tree1.dat.'),
  publicKey: z.string().describe('Its root public key, which the account links.'),
  startEpoch: z.int().describe('First finalization epoch that it is good for.'),
  endEpoch: z.int().describe('Last one.'),
});

const requestStatus = z.strictObject({
  name: z.string().describe('resync, renewCertificates, renewVotingKeys or updatePackage.'),
  id: z.string().describe('As in the spec.'),
  state: z.string().describe('Pending, Running, Done or Failed.'),
  message: text().describe('What came of it, or what it waits for.'),
  finishedAt: time().describe('When it was done or failed.'),
});

const alert = z.strictObject({
  name: z.string().describe('What is wrong, such as NodeBehind or CrashLoopBackOff:client.'),
  severity: z.enum(['critical', 'warning']).describe('critical or warning.'),
  message: z.string().describe('What is wrong and what to do.'),
  since: z.string().meta({ format: 'date-time' }).describe('When it began.'),
  toldAt: time().describe('When the web hook was last told.'),
  endedAt: time().describe('Since when it has not been seen; it goes when the web hook knows.'),
});

export const statusSchema = z.strictObject({
  observedGeneration: int().describe('Generation of the spec that this status speaks of.'),
  phase: text().describe(
    'Creating, Running, Syncing, Updating, Recovering, Stopped, Degraded, Conflict, Invalid or Paused.',
  ),
  node: text().describe('What the objects of the node are named after.'),
  operatorNamespace: text().describe(
    'Namespace of the operator that manages the node; another one keeps its hands off.',
  ),
  readAt: time().describe('When the numbers were read.'),
  network: text().describe('Name of the network, as its package says.'),
  packageSha256: text().describe("SHA-256 of the network's package that the node runs with."),
  address: text().describe('Address of the main account.'),
  mainPublicKey: text().describe('Public key of the main account, which is that of the CA.'),
  nodePublicKey: text().describe("Public key of the node's TLS key."),
  version: text().describe('Version of catapult, as the node says.'),
  height: int().describe('Height of the node.'),
  finalizedHeight: int().describe('Height that is final, as the node says.'),
  finalizedEpoch: int().describe('Finalization epoch, as the node says.'),
  networkHeight: int().describe('Height of the network, as others say.'),
  peers: int().describe('Number of nodes that it knows.'),
  certificates: z
    .strictObject({
      caNotAfter: time().describe('End of the CA certificate.'),
      nodeNotAfter: time().describe('End of the node certificate.'),
    })
    .optional()
    .describe('Ends of the certificates.'),
  harvesting: z
    .strictObject({
      remotePublicKey: text().describe('Public key that signs blocks.'),
      vrfPublicKey: text().describe('Public key that draws who may.'),
    })
    .optional()
    .describe('Keys of a HARVESTER, to be linked to the main account.'),
  votingKeys: z.array(votingKeys).optional().describe('Voting keys that the node has.'),
  links: z
    .strictObject({
      state: text().describe('Unknown, Linked, Prepared, Signed, Announced, AwaitingCosignatures or Failed.'),
      transaction: text().describe('ConfigMap with the transaction.'),
      hash: text().describe('Hash of the transaction, once it is signed.'),
      message: text().describe('What has to be done, or why it failed.'),
    })
    .optional()
    .describe('Whether the keys are linked to the main account.'),
  recovery: z
    .strictObject({
      attempts: int().describe('Recoveries in a row so far.'),
      lastAt: time().describe('When the last one began.'),
    })
    .optional()
    .describe('Recoveries after an unclean stop.'),
  updatePending: text().describe('What the next restart will bring.'),
  alerts: z
    .array(alert)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('What a person should look at, and who has been told.'),
  requests: z
    .array(requestStatus)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .optional()
    .describe('What became of spec.requests.'),
  conditions: conditionsSchema.describe(
    'Ready, Synced, CertificateValid, VotingKeysValid, Recovery and what else a person should know.',
  ),
});

export type SymbolNodeStatus = Omit<z.infer<typeof statusSchema>, 'conditions'> & { conditions?: Condition[] };
