/**
 * The keys of every node: read from Secrets, or made once. What is made here becomes an object only by a POST that never overwrites, so
 * keys that were made from a stale view are thrown away with the refused POST.
 */
import { generateKeyPair, type KeyPair } from '../../formats/ed25519.ts';
import { FormatError } from '../../formats/format-error.ts';
import { encodeNodeKey, parseNodeKey } from '../../formats/node-key.ts';
import { encodeValidatorKey, parseValidatorKey } from '../../formats/validator-key.ts';
import type { Secret } from '../../kube/objects.ts';
import type { Problem } from '../problem.ts';
import { listMembers, type Member, NODE_KEY_FILE, objectNameOf, VALIDATOR_KEY_FILE } from './members.ts';
import type { Observed } from './observe.ts';
import { ANNOTATION_SIGN_STATE, ANNOTATION_VALIDATOR, holderOf } from './reservation.ts';
import type { TendermintNetwork } from './schema.ts';

export type Identity = {
  member: Member;
  nodeId: string;
  validator?: { address: string; publicKey: Uint8Array; publicKeyBase64: string };
  /** The Secret that the operator makes for this node, when it does not exist yet. */
  newSecret?: Record<string, string>;
};

export type Random = (size: number) => Uint8Array;

export type Identities = {
  /** By name of the node; a node with a problem is absent. */
  byName: ReadonlyMap<string, Identity>;
  problems: Problem[];
};

export function resolveIdentities(network: TendermintNetwork, observed: Observed, random: Random): Identities {
  const byName = new Map<string, Identity>();
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const member of listMembers(network)) {
    const identity = resolveIdentity(network, member, observed, random);
    if ('reason' in identity) {
      problems.push(identity);
      continue;
    }
    const address = identity.validator?.address;
    const owner = address === undefined ? undefined : owners.get(address);
    if (owner !== undefined) {
      problems.push({
        reason: 'ValidatorKeyInUse',
        node: member.name,
        message: `node ${member.name} has the same validator key (${address}) as node ${owner}: one key must never sign in two places; give it a key of its own`,
      });
      continue;
    }
    if (address !== undefined) owners.set(address, member.name);
    byName.set(member.name, identity);
  }
  return { byName, problems };
}

function resolveIdentity(
  network: TendermintNetwork,
  member: Member,
  observed: Observed,
  random: Random,
): Identity | Problem {
  const secret = observed.secrets.get(member.objectName);
  const lost = secret === undefined && findLostKey(network, member, observed);
  if (lost) {
    return {
      reason: 'ValidatorKeyLost',
      node: member.name,
      message: `Secret ${member.objectName} with the key of validator ${lost} is gone: a new key would be another validator, so none is made. Bring the Secret back from a backup; to give the validator up, delete claim ${member.objectName} and the Lease of validator ${lost}`,
    };
  }
  const made: Record<string, string> = {};
  const read = <T>(file: string, make: (pair: KeyPair) => string, parse: (text: string) => T): T => {
    if (secret !== undefined) return readSecret(secret, file, parse);
    made[file] = make(generateKeyPair(random));
    return parse(made[file]);
  };
  try {
    const nodeKey = read(NODE_KEY_FILE, encodeNodeKey, parseNodeKey);
    const identity: Identity = { member, nodeId: nodeKey.nodeId };
    if (member.role === 'validator') {
      const { address, publicKey, publicKeyBase64 } =
        member.keySecret === undefined
          ? read(VALIDATOR_KEY_FILE, encodeValidatorKey, parseValidatorKey)
          : readKeySecret(member.keySecret, observed);
      identity.validator = { address, publicKey, publicKeyBase64 };
    }
    return Object.keys(made).length === 0 ? identity : { ...identity, newSecret: made };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { reason: 'KeyUnusable', node: member.name, message: `key of node ${member.name}: ${error.message}` };
  }
}

/** The validator that this node was, known from its claim or its reservation, when it signed with a key that the operator made. */
function findLostKey(network: TendermintNetwork, member: Member, observed: Observed): string | undefined {
  if (member.role !== 'validator' || member.keySecret !== undefined) return undefined;
  const onClaim = observed.claims.get(member.objectName)?.metadata.annotations?.[ANNOTATION_VALIDATOR];
  // Where nothing of the chain is left, the key is gone for good and a new chain may begin with new ones.
  if (observed.claims.size === 0 && !observed.configMaps.has(objectNameOf(network, 'genesis'))) return undefined;
  const holder = holderOf(network, member.name);
  const lease = [...observed.reservations.values()].find(
    (candidate) =>
      candidate.spec?.holderIdentity === holder &&
      candidate.metadata.annotations?.[ANNOTATION_SIGN_STATE] !== undefined,
  );
  return onClaim ?? lease?.metadata.annotations?.[ANNOTATION_VALIDATOR];
}

function readKeySecret(
  source: { name: string; key: string },
  observed: Observed,
): ReturnType<typeof parseValidatorKey> {
  const secret = observed.keySecrets.get(source.name);
  if (secret !== undefined) return readSecret(secret, source.key, parseValidatorKey);
  throw new FormatError(`Secret ${source.name} does not exist; create it with the member ${source.key}`);
}

/** Deriving public keys is most of the work of a pass, and a Secret in the cache is replaced, never changed. */
const parsedKeys = new WeakMap<Secret, Map<string, unknown>>();

function readSecret<T>(secret: Secret, file: string, parse: (text: string) => T): T {
  const known = parsedKeys.get(secret) ?? new Map<string, unknown>();
  if (known.has(file)) return known.get(file) as T;
  const data = secret.data?.[file];
  if (data !== undefined) {
    const key = parse(Buffer.from(data, 'base64').toString('utf8'));
    parsedKeys.set(secret, known.set(file, key));
    return key;
  }
  const found = Object.keys(secret.data ?? {}).join(', ') || 'no members at all';
  throw new FormatError(`Secret ${secret.metadata.name} has no member ${file} (found ${found})`);
}

/** Keys for the application, one Secret per node, in the form of CometBFT's own key files. */
export function makeAppKey(random: Random): Record<string, string> {
  const key = encodeValidatorKey(generateKeyPair(random));
  return { 'key.json': key, 'pub_key.json': publicPart(key) };
}

/** The public key of a node's application key, as it stands in its Secret; undefined when there is none. */
export function readAppPublicKey(secret: Secret | undefined): unknown {
  const data = secret?.data?.['pub_key.json'];
  return data === undefined ? undefined : JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
}

export function appSecretName(network: TendermintNetwork, node: string): string {
  return `${objectNameOf(network, node)}-app`;
}

function publicPart(key: string): string {
  return `${JSON.stringify((JSON.parse(key) as { pub_key: unknown }).pub_key)}\n`;
}
